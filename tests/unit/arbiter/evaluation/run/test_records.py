"""A file of questions is read however its JSON is laid out."""

import json

import pytest

from arbiter.evaluation.run.cases import read_cases

ONE, TWO = {"question": "a?", "reference": "r"}, {"question": "b?"}
WHOLE: dict[str, bytes] = {
    "array": json.dumps([ONE, TWO]).encode(),
    "pretty array": json.dumps([ONE, TWO], indent=2).encode(),
    "array, an object a line": b"[\n" + b",\n".join(json.dumps(one).encode() for one in (ONE, TWO)) + b"\n]\n",
    "pretty objects": b"\n".join(json.dumps(one, indent=4).encode() for one in (ONE, TWO)),
    "with the mark of an editor": b"\xef\xbb\xbf\r\n" + json.dumps([ONE, TWO], indent=1).replace("\n", "\r\n").encode(),
    "promptfoo's configuration": json.dumps({"prompts": ["{{q}}"], "tests": [{"vars": ONE}, {"vars": TWO}]}).encode(),
    "a field of one object": json.dumps({"version": 1, "samples": [ONE, TWO]}, indent=2).encode(),
    "SQuAD": json.dumps({"version": "2", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [ONE, TWO]}]}]})
    .encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("size", [7, 1 << 20], ids=["in pieces", "at once"])
def test_a_file_may_be_an_array_or_pretty_printed(name: str, size: int) -> None:
    content = WHOLE[name]
    read = read_cases(content[at : at + size] for at in range(0, len(content), size))
    assert read.problems == ()
    assert [case["question"] for case in read.cases] == ["a?", "b?"]
    assert len({case["id"] for case in read.cases}) == 2
    assert read.cases[0]["reference"] == "r"


def test_the_field_that_holds_the_cases_is_told() -> None:
    assert read_cases([WHOLE["SQuAD"]]).notes[0] == 'the cases were taken from "data"'


def test_a_table_may_have_a_column_of_long_passages() -> None:
    table = f'user_input,retrieved_contexts,reference\na?,"{"x" * 140_000}",r\n'.encode()
    read = read_cases([table], table=True)
    assert (read.problems, read.cases[0]["reference"]) == ((), "r")
    open_quote = read_cases([table.replace(b'x"', b"x", 1)], table=True)
    assert "close every quote" in open_quote.problems[0]
    assert "limit" not in open_quote.problems[0]
