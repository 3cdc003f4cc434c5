"""A file of cases is checked as a whole."""

import pytest

from arbiter.evaluation.run.cases import read_cases


def test_good_cases_are_read() -> None:
    full = b'{"id": "1", "question": "a?", "reference": "b", "tags": ["t"], "document": "d.md"}'
    content = full + b'\n\n{"id": "2", "question": "c"}'
    read = read_cases([content])
    assert read.problems == ()
    assert [case["id"] for case in read.cases] == ["1", "2"]


def test_a_conversation_before_a_question_is_read_as_requests_have_it() -> None:
    told = '[{"role": "user", "text": "The tent?"}, {"role": "assistant", "text": "Two metres."}]'
    followed = '{{"id": "{}", "question": "And its weight?", "history": {}}}'
    lines = [followed.format("1", told), '{"id": "2", "question": "And its weight?"}', followed.format("3", told)]
    read = read_cases(["\n".join(lines).encode()])
    refused = read_cases([followed.format("1", '[{"role": "user", "text": "The tent?"}]').encode()]).problems

    assert (read.problems, read.cases[0]["history"][1]["text"]) == ((), "Two metres.")
    assert [doubt for doubt in read.doubts if "same question" in doubt] == [
        "3: the same question as an earlier case, which makes intervals narrower than they are"
    ]
    assert refused[0].startswith("line 1 has a conversation whose history ends with the user: give a last turn by")


def test_all_problems_of_a_file_of_cases_are_named() -> None:
    content = b"\n".join(
        [
            b'{"id": "1", "question": "a?"}',
            b"nonsense",
            b"[]",
            b'{"id": "1", "question": "b?"}',
            b'{"id": "9"}',
            b'{"id": 5, "question": "b?"}',
            b'{"id": "../x", "question": "b?"}',
            b'{"id": "7", "question": "  "}',
            b'{"id": "8", "question": "a", "referense": "b"}',
        ]
    )
    problems = read_cases([content]).problems
    assert [problem.split(" ")[1] for problem in problems] == ["2", "3", "4", "5", "6", "7", "8", "9"]
    assert problems[2] == "line 4 has the id '1' of line 1: give each case its own id"
    assert problems[-1] == 'line 9 has the unknown field "referense": call it "reference"'


@pytest.mark.parametrize("fields", ['"question": "a \\ud800"', '"question": "a", "tags": ["\\udc00"]'])
def test_a_case_that_cannot_be_written_down_again_is_refused(fields: str) -> None:
    assert "half of a surrogate pair" in read_cases([b"{%s}" % fields.encode()]).problems[0]
    assert read_cases([b'{"question": "\\ud83d\\ude00"}']).dump() == '{"id": "case-0001", "question": "😀"}\n'.encode()


def test_a_file_without_cases_is_refused() -> None:
    assert "has no case" in read_cases([b"\n"]).problems[0]


def test_a_case_without_an_id_is_named_by_its_place() -> None:
    content = b'{"question": "a?"}\n\n{"id": "mine", "question": "b?"}\n{"question": "c?"}'
    read = read_cases([content])
    assert [case["id"] for case in read.cases] == ["case-0001", "mine", "case-0003"]
    assert read_cases([read.dump()]).cases == read.cases


def test_a_question_that_comes_again_is_told() -> None:
    content = b'{"id": "1", "question": "How far?"}\n{"id": "2", "question": " how FAR "}'
    (doubt,) = read_cases([content]).doubts
    assert doubt.startswith("2: the same question as an earlier case")


def test_a_question_too_long_for_the_router_is_a_case_that_will_fail_and_is_told() -> None:
    content = b'{"id": "1", "question": "' + b"x" * 100_000 + b'"}'
    read = read_cases([content])
    assert not read.problems
    assert read.doubts == ("1: a question of more than 20,000 characters, which every arm refuses",)


def test_tags_are_words() -> None:
    for tag in (b"1", b'"a\\u0000b"'):
        bad = read_cases([b'{"question": "a?", "tags": [' + tag + b"]}"])
        assert "has a tag that is not a text" in bad.problems[0]


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "gzip": (b"\x1f\x8b\x08\x00\xff\n", "line 1 is not UTF-8 text: it is compressed (gzip): unpack it with `gunzip`"),
    "UTF-16": ('{"question": "a?"}\n'.encode("utf-16"), "iconv -f UTF-16"),
    "array on a later line": (
        b'{"question": "a?"}\n[{"question": "b?"}]',
        "line 2 is an array: write one object a line",
    ),
    "cut": (b'[{"question": "a?"},\n', "the file ends inside an array: it was cut off: get the whole file"),
    "cut inside": (b'[\n{"question": "a?"},\n{"quest', "line 3 is not JSON: Unterminated string"),
    "NaN in an array": (b'[{"question": "a?"},\n\n{"question": NaN}]', "line 3 holds NaN"),
    "twice in an array": (b'[{"question": "a?"},\n{"question": "b?", "question": "c?"}]', "line 2 has the key"),
    "array of numbers": (b"[1, 2]", "line 1"),
    "pretty, later broken": (b'{\n"question": "a?"\n}\n{\n"question": b?\n}', "line 4 is not JSON"),
    "table": (b"question,answer\n", "give a table a name that ends with .csv"),
    "hidden question": ('{"question": "\u200b"}'.encode(), "line 1 has a blank question: give a text"),
    "blank reference": (b'{"question": "a?", "reference": " "}', "line 1 has a blank reference: give a text"),
    "NUL": (b'{"question": "a\\u0000?"}', "line 1 has a NUL character in the question: remove it"),
    "unknown": (b'{"question": "a?", "level": 3}', "known are id, question, reference, tags, document"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_of_cases_is_refused_with_its_remedy(name: str) -> None:
    content, problem = BAD_FILES[name]
    assert problem in read_cases([content]).problems[0]


DOUBTS: dict[str, tuple[bytes, str]] = {
    "torn": (b'{"question": "a?", "reference": "b"}\n{"question": "A", "reference": "c"}', "another reference than"),
    "empty": (b'{"question": "a?", "reference": "N/A"}', "a reference that says nothing"),
    "damaged": ('{"question": "Caf\ufffd?"}'.encode(), "a letter was lost"),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_what_spoils_an_evaluation_without_stopping_it_is_told(name: str) -> None:
    content, doubt = DOUBTS[name]
    read = read_cases([content])
    assert not read.problems
    assert doubt in read.doubts[-1]


def test_the_mark_of_an_editor_and_its_line_ends_are_no_fault() -> None:
    read = read_cases(
        [b'\xef\xbb\xbf{"question": "a?"}\r\n{"question": "What is C#?"}\r\n{"question": "What is C++?"}\r\n']
    )
    assert (len(read.cases), read.problems, read.doubts) == (3, (), ())
