"""Files as other tools write them: what is foreign or damaged is named, what only looks odd is let through."""

import gzip
import json
from typing import Any

import pytest

from arbiter.detection.detector import detect
from arbiter.training_data.check import Report, Rules, check

WHY, SO = "Which limit applies to the kit?", "Two hundred apply to it."


def lines_of(*records: Any, end: str = "\n") -> bytes:
    return "".join((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + end for r in records).encode()


def pair(question: str = WHY, answer: str = SO, **others: Any) -> dict[str, Any]:
    return {"question": question, "answer": answer, **others}


GOOD = [pair(f"Question {i}?", f"Answer {i}.") for i in range(100)]


def examine(content: bytes, suffix: str = ".jsonl") -> Report:
    return check([content], Rules(), suffix=suffix, detect=detect)


def parts(*content: Any) -> dict[str, Any]:
    answer = {"role": "assistant", "content": [{"text": SO}]}
    return {"schemaVersion": "bedrock-conversation-2024", "messages": [{"role": "user", "content": [*content]}, answer]}


FOREIGN_FILES: dict[str, tuple[bytes, str, str]] = {
    "gzip": (gzip.compress(lines_of(*GOOD), mtime=0), "compressed (gzip)", "gunzip"),
    "bzip2": (b"BZh91AY&SY", "compressed (bzip2)", "bunzip2"),
    "Zstandard": (b"\x28\xb5\x2f\xfd\x24", "compressed (Zstandard)", "unzstd"),
    "workbook": (b"PK\x03\x04\x14\x00\x06\x00\xff", "a workbook or an archive", "CSV UTF-8"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook or an archive", "CSV UTF-8"),
    "Parquet": (b"PAR1\x15\x04\xff", "a Parquet file", "JSON Lines"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "a PDF", "JSON Lines"),
    "UTF-16": (lines_of(*GOOD).decode().encode("utf-16"), "it is UTF-16", "iconv -f UTF-16"),
    "UTF-16 without its mark": (lines_of(*GOOD).decode().encode("utf-16-le"), "without its mark", "UTF-16LE"),
    "UTF-16 the other way": (lines_of(*GOOD).decode().encode("utf-16-be"), "without its mark", "UTF-16BE"),
    "UTF-32": (lines_of(*GOOD).decode().encode("utf-32"), "it is UTF-32", "UTF-32"),
    "NULs": (b"\0" * 4096, "begins with NUL bytes", "again"),
}


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
@pytest.mark.parametrize("name", FOREIGN_FILES)
def test_a_foreign_file_is_named_once_and_not_read_on(name: str, suffix: str) -> None:
    content, problem, remedy = FOREIGN_FILES[name]
    finding, *others = examine(content, suffix).problems
    assert (finding.line, finding.code) == (1, "not_utf8")
    assert problem in finding.problem
    assert remedy in finding.remedy
    assert others == []  # How many samples it has, nobody can tell.


SHAPES: dict[str, tuple[bytes, str]] = {
    "array on one line": (json.dumps(GOOD).encode(), "jq -c '.[]'"),
    "array in an object": (json.dumps({"data": GOOD}).encode(), "jq -c '.data[]'"),
    "array beside others in an object": (
        json.dumps({"version": 1, "test cases": GOOD}).encode(),
        """'.["test cases"][]'""",
    ),
    "columns and rows of pandas": (json.dumps({"columns": ["question"], "data": [["a"]]}).encode(), 'orient="records"'),
    "pretty-printed array": (json.dumps(GOOD, indent=2).encode(), "jq -c '.[]'"),
    "YAML": (b"- question: Why?\n  answer: So.\n" * 9, "yq -o=json"),
    "inside of a pretty-printed object": (b'"question": "a?",\n', "jq -c ."),
    "carriage returns alone": (lines_of(*GOOD, end="\r"), "tr '\\r' '\\n'"),
    "two objects on a line": (lines_of(*GOOD, end=" "), "a new line for each object"),
    "table": (b"question,answer\nWhy?,So.\n", "ends with .csv"),
    "table of Markdown": (b"| question | answer |\n|---|---|\n| Why? | So. |\n", "JSON Lines, or as CSV"),
    "page": (b"<!DOCTYPE html>\n", "get the file itself"),
    "tab in a text": (b'{"question": "a\tb", "answer": "c"}\n', "a tab inside a text is \\t"),
    "number beyond all": (b'{"question": "a", "answer": "b", "id": 1e999}\n', "write it as a text"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_of_another_shape_is_told_how_to_become_json_lines(name: str) -> None:
    content, remedy = SHAPES[name]
    finding, *others = examine(content).problems
    assert finding.line == 1
    assert remedy in finding.remedy
    assert [other.code for other in others if remedy[:3] in ("jq ", "yq ", "ori")] == []


def test_two_samples_on_the_first_line_hide_none_of_those_below() -> None:
    report = examine(lines_of(pair()).strip() + lines_of(pair(question="Why not?")) + lines_of(*GOOD))
    assert report.samples == 1 + len(GOOD)
    assert [finding.line for finding in report.problems] == [1]


def test_two_files_put_together_keep_a_mark_that_is_named() -> None:
    finding = examine(lines_of(*GOOD) + b"\xef\xbb\xbf" + lines_of(*GOOD)).problems[0]
    assert (finding.line, "byte order mark" in finding.remedy) == (101, True)


BAD_LINES: dict[str, tuple[Any, str, str]] = {
    "tag characters": (pair(answer="\U000e0041\U000e0042"), "empty_text", "empty or blank"),
    "control characters": (pair(answer="\x01\x02"), "empty_text", "empty or blank"),
    "names in capitals": ({"Question": WHY, "Answer": SO}, "other_keys", '"Question", "Answer"'),
    "short names": ({"q": WHY, "a": SO}, "other_keys", '"q", "a"'),
    "one other name": ({"question": WHY, "response": SO}, "other_keys", '"question", "response"'),
    "instruction and input": ({"instruction": WHY, "input": "x", "output": SO}, "other_keys", '"instruction"'),
    "text and image in one part": (parts({"text": "a", "image": {}}), "not_text_alone", 'holds "image"'),
    "picture of a chat": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        "not_text_alone",
        'holds "image_url"',
    ),
    "preferences of Nova": (
        {
            "schemaVersion": "bedrock-conversation-2024",
            "messages": [
                {"role": "user", "content": [{"text": WHY}]},
                {"role": "assistant", "candidates": [{"content": [{"text": SO}], "preferenceLabel": "preferred"}]},
            ],
        },
        "preferences",
        "messages[1] holds candidates",
    ),
    "preferences of TRL": ({"prompt": WHY, "chosen": SO, "rejected": "No."}, "preferences", "chosen beside rejected"),
    "functions": (
        {"messages": [{"role": "user", "content": WHY}, {"role": "assistant", "content": SO}], "functions": [{}]},
        "tools_declared",
        "declares tools",
    ),
    "function call": (
        {
            "messages": [
                {"role": "user", "content": WHY},
                {"role": "assistant", "content": SO, "function_call": {"name": "f"}},
            ]
        },
        "tool_call",
        "messages[1] calls tools",
    ),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_of_another_tool_is_refused_with_its_number(name: str) -> None:
    bad, code, problem = BAD_LINES[name]
    findings = [found for found in examine(lines_of(*GOOD[:4], bad, *GOOD[4:])).problems if found.code == code]
    assert [(found.line, problem in found.problem) for found in findings] == [(5, True)]


DOUBTS: dict[str, tuple[Any, str]] = {
    "replacement character": (pair(answer="It\ufffds so."), "damaged_text"),
    "wrong encoding": (pair(answer="the customer\u00e2\u20ac\u2122s caf\u00c3\u00a9"), "damaged_text"),
    "colour of a terminal": (pair(answer="\x1b[31mError\x1b[0m"), "damaged_text"),
    "wide colon": (pair("the word User\uff1a here"), "reserved_lookalike"),
    "wide letters": (pair("the word \uff35\uff53\uff45\uff52: here"), "reserved_lookalike"),
    "hidden break": (pair("the word Us\u200ber: here"), "reserved_lookalike"),
    "wide brackets": (pair("an \uff1cimage\uff1e here"), "reserved_lookalike"),
    "other letter": (pair("an <un\u212a> here"), "reserved_lookalike"),
    "document by number": (pair(document=17), "document_name"),
    "documents in a list": (pair(document=["a.md"]), "document_name"),
    "excuse": (pair(answer="I don't know."), "placeholder_answer"),
    "formula that failed": (pair(answer="#REF!"), "placeholder_answer"),
    "n.a.": (pair(answer="n.a."), "placeholder_answer"),
    "weight 0": (
        {"messages": [{"role": "user", "content": WHY}, {"role": "assistant", "content": SO, "weight": 0}]},
        "weight_zero",
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_what_damages_a_model_without_failing_the_job_is_doubted(name: str) -> None:
    odd, code = DOUBTS[name]
    report = examine(lines_of(*GOOD[:4], odd, *GOOD[4:]))
    assert report.accepted, report.refusal()
    assert [(found.line, found.code) for found in report.doubts] == [(5, code)]


def openai(*content: Any, **others: Any) -> dict[str, Any]:
    turns = zip(("system", "user", "assistant"), content, strict=True)
    return {"messages": [{"role": role, "content": text, **others} for role, text in turns]}


TEXT = {"type": "text", "text": WHY}
HARMLESS: dict[str, tuple[Any, ...]] = {
    "languages by their signs": (pair("What is C?", "Old."), pair("What is C++?", "Big."), pair("What is C#?", "New.")),
    "sums": (pair("1 + 1?", "Two."), pair("1 - 1?", "Zero."), pair("1 / 1?", "One."), pair("Is -1 it?", "No.")),
    "signs alone": (
        pair("==?", "Equal."),
        pair("!=?", "Unequal."),
        pair("\U0001f600", "Joy."),
        pair("\U0001f622", "Woe."),
    ),
    "user in prose": (pair("Which User may?", 'Every user, bot and system; {"User": "ann", "System" : 1}.'),),
    "tags of pages": (pair("Show a picture.", "<img src='x.png'> or <video src='a.mp4'>, <image/>."),),
    "joined letters": (pair("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f4bb"),),
    "accents": (pair("Gr\u00f6\u00dfe, \u00c3O, caf\u00e9 \u00c2ge?", "\u00ab Oui \u00bb \u2013 \u20ac 5"),),
    "answer of one word": (pair("Is it?", "No."), pair("How many?", "11"), pair("Which name?", "Value")),
    "advice on warnings": (pair("What then?", "Do not ignore the previous warning sign."),),
    "hosts and pictures": (pair("How?", "git clone git@github.com:a/b.git; icon@2x.png; ec2-user@h.amazonaws.com"),),
    "chat in parts": (openai("Be kind.", [TEXT], SO),),
    "chat in parts alone": (openai([{"type": "text", "text": "Be kind."}], [TEXT], [TEXT]),),
    "keys without a value": (openai("Be kind.", WHY, SO, refusal=None, function_call=None, tool_calls=None),),
    "one question under two prompts": (pair(system="You are Ann."), pair(answer="Other.", system="You are Bob.")),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_odd_is_let_through_without_a_word(name: str) -> None:
    report = examine(lines_of(*GOOD, *HARMLESS[name]))
    assert [str(found) for found in (*report.problems, *report.doubts)] == []


HEADERS: dict[str, tuple[bytes, str]] = {
    "JSON Lines": (lines_of(*GOOD), "ends with .jsonl"),
    "carriage returns alone": (b"question,answer\rWhy?,So.\r", "tr '\\r' '\\n'"),
    "names of another tool": (b"prompt,completion\nWhy?,So.\n", 'rename "prompt" to "question"'),
    "names of another tool, semicolons": (b"Query;Response\nWhy?;So.\n", 'rename "Query" to "question"'),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_table_without_its_header_is_told_what_it_lacks(name: str) -> None:
    content, remedy = HEADERS[name]
    finding = examine(content, ".csv").problems[0]
    assert (finding.line, finding.code) == (1, "csv_header")
    assert remedy in finding.remedy


@pytest.mark.parametrize("before", [b"\n\n", b"sep=,\n", b"\xef\xbb\xbfsep=,\r\n"])
def test_lines_above_a_header_are_skipped_and_counted(before: bytes) -> None:
    rows = b"".join(f"Question {i}?,Answer {i}.\n".encode() for i in range(100))
    report = examine(before + b"question,answer\n" + rows + b"Why?,\n", ".csv")
    assert report.samples == 101
    assert [found.line for found in report.problems] == [102 + before.count(b"\n")]


def test_a_document_is_the_same_however_its_accents_are_written() -> None:
    names = ("caf\u00e9.md", "cafe\u0301.md", " caf\u00e9.md ")
    report = examine(lines_of(*[pair(f"Question {i}?", f"Answer {i}.", document=name) for i, name in enumerate(names)]))
    assert report.split.dump()["train"]["groups"] == 1


def test_a_table_of_markdown_is_no_csv() -> None:
    report = examine(b"| question | answer |\n|---|---|\n| Why? | So. |\n", ".csv")
    assert report.problems[0].code == "csv_header"
    assert report.samples == 1, "nothing is read of it"


@pytest.mark.parametrize("mark", ["<think>", "[INST]", "<|im_start|>", "<|eot_id|>"])
def test_marks_of_another_model_s_prompts_are_doubted(mark: str) -> None:
    doubts = examine(lines_of(pair(answer=f"{mark}So."), *GOOD)).doubts
    assert [f'has the mark "{mark}"' in doubt.problem for doubt in doubts if doubt.code == "damaged_text"] == [True]
