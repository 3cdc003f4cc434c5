"""A file is checked and mended on this machine: everything is told, nothing is overwritten."""

import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from arbiter.training_data.check import Rules
from cli.core.errors import CliError
from cli.training.check import CheckResult, check_file
from cli.training.check_view import show_check

GOOD = [{"question": f"Question {i}?", "answer": f"Answer {i}.", "document": f"{i}.md"} for i in range(100)]
BAD = {"question": "Why?", "answer": "Bot: so."}


def written(folder: Path, *records: Any, name: str = "pairs.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return file


def shown(result: CheckResult) -> str:
    console = Console(file=StringIO(), width=160)
    show_check(console, result)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_good_file_is_accepted_with_its_lengths_and_its_split(tmp_path: Path) -> None:
    result = check_file(written(tmp_path, *GOOD), rules=Rules(validation_percentage=20))
    document = result.dump()
    assert (result.accepted, document["findings"], document["fix"]) == (True, [], None)
    sides = document["split"]
    assert sides["train"]["samples"] + sides["validation"]["samples"] == 100
    assert "can be trained on" in shown(result)
    assert "only measure (validation_percentage 20)" in shown(result)


def test_a_bad_file_is_refused_with_line_consequence_and_remedy(tmp_path: Path) -> None:
    result = check_file(written(tmp_path, *GOOD, BAD), rules=Rules())
    assert not result.accepted
    assert result.dump()["findings"] == [
        {
            "code": "reserved_word",
            "severity": "problem",
            "line": 101,
            "problem": 'answer has the reserved word "Bot:" (at 1)',
            "consequence": "the job fails: the word marks the parts of Nova's prompts",
            "remedy": 'write it without its punctuation, as in "Bot"',
            "mended_by_fix": True,
        }
    ]
    error = result.refusal().to_object()["error"]
    assert error["code"] == "training_data_rejected"
    assert error["problems"] == result.dump()["findings"]
    assert "--fix" in error["message"]
    assert "cannot be trained on" in shown(result)


def test_a_mended_file_is_written_and_checked_again(tmp_path: Path) -> None:
    file, out = written(tmp_path, *GOOD, BAD, GOOD[0]), tmp_path / "out.jsonl"
    before = file.read_bytes()
    result = check_file(file, rules=Rules(), fix=out)
    assert file.read_bytes() == before
    assert result.accepted
    assert [json.loads(line) for line in out.read_text().splitlines()] == [*GOOD, {**BAD, "answer": "Bot so."}]
    assert result.dump()["fix"]["dropped"] == 1
    assert result.dump()["fix"]["report"]["problem_count"] == 0
    assert "written without its punctuation" in shown(result)
    assert "1 left out" in shown(result)


def test_what_only_a_person_can_mend_is_still_refused(tmp_path: Path) -> None:
    result = check_file(written(tmp_path, *GOOD, BAD, {"text": "?"}), rules=Rules(), fix=tmp_path / "out.jsonl")
    assert not result.accepted
    assert [problem["code"] for problem in result.refusal().details["problems"]] == ["unknown_format"]


def test_questions_of_the_evaluation_are_kept_out(tmp_path: Path) -> None:
    questions = written(tmp_path, {"question": "question 7"}, {"id": "x", "question": "Other?"}, name="questions.jsonl")
    result = check_file(written(tmp_path, *GOOD), rules=Rules(), questions=questions)
    assert [(finding.line, finding.code) for finding in result.report.problems] == [(8, "asked_in_evaluation")]


def test_secrets_and_personal_data_are_found_here_too(tmp_path: Path) -> None:
    leaks = [{"question": "Who?", "answer": "jo@acme.org"}, {"question": "Key?", "answer": "AKIA" + "Q7" * 8}]
    assert dict(check_file(written(tmp_path, *GOOD, *leaks), rules=Rules()).report.counts) == {
        "personal_data": 1,
        "secret": 1,
    }


def test_a_table_is_read_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("question,answer\n" + "".join(f"Question {i}?,Answer {i}.\n" for i in range(100)))
    assert check_file(file, rules=Rules()).accepted


def test_a_name_that_bedrock_refuses_is_doubted(tmp_path: Path) -> None:
    (doubt,) = check_file(written(tmp_path, *GOOD, name="my pairs.json"), rules=Rules()).report.doubts
    assert (doubt.code, doubt.line, doubt.remedy) == ("file_name", None, 'call it "my-pairs.jsonl"')


@pytest.mark.parametrize(
    ("out", "code"),
    [("pairs.jsonl", "file_exists"), ("out.csv", "bad_file"), ("nowhere/out.jsonl", "no_folder")],
)
def test_nothing_is_overwritten_or_written_elsewhere(tmp_path: Path, out: str, code: str) -> None:
    file = written(tmp_path, *GOOD)
    with pytest.raises(CliError) as refused:
        check_file(file, rules=Rules(), fix=tmp_path / out)
    assert refused.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.jsonl"]


@pytest.mark.parametrize("missing", ["file", "questions"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "none.jsonl" if missing == "file" else written(tmp_path, *GOOD)
    with pytest.raises(CliError, match=r"none\.jsonl is not a file") as refused:
        check_file(file, rules=Rules(), questions=tmp_path / "none.jsonl")
    assert refused.value.code == "no_file"


def test_questions_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "a"}\nnope\n')
    with pytest.raises(CliError, match="cannot be used") as refused:
        check_file(written(tmp_path, *GOOD), rules=Rules(), questions=questions)
    assert refused.value.details["problems"][0]["problem"].startswith("line 2 is not JSON")


class Interrupting(type(Path())):  # type: ignore[misc]
    """A file that is read once in peace; Ctrl-C is pressed in the middle of the second reading."""

    readings = 0

    def open(self, *args: Any, **options: Any) -> Any:
        type(self).readings += 1
        return super().open(*args, **options) if self.readings == 1 else Interruption()


class Interruption(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise KeyboardInterrupt
        self.seek(1)
        return json.dumps(GOOD[0]).encode() + b"\n"


def test_an_interrupted_mending_leaves_no_file(tmp_path: Path) -> None:
    file = written(tmp_path, *GOOD)
    with pytest.raises(KeyboardInterrupt):
        check_file(Interrupting(file), rules=Rules(), fix=tmp_path / "out.jsonl")
    assert list(tmp_path.iterdir()) == [file]


def test_a_table_of_tabs_is_read_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("question\tanswer\n" + "".join(f"Question {i}?\tAnswer {i}.\n" for i in range(100)))
    report = check_file(file, rules=Rules()).report
    assert (report.accepted, report.samples) == (True, 100)
    assert [found.remedy for found in report.doubts if found.code == "file_name"] == ['call it "pairs.csv"']
