"""Commands name everything that is wrong with what they were given, not the first of it alone."""

import json
import shlex
from pathlib import Path

import pytest

from arbiter.training_data.check import Rules
from cli.core.deployment import Deployment
from cli.core.errors import CliError, gathered, gathered_sentences, together
from cli.training.check import check_file
from tests.unit.cli.core.invoked import run
from tests.unit.cli.fakes import StubbedDeployment


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("ask", "x", "--filter", "bad", "--schema", "missing", "--mode", "rag", "--all-modes"),
            ("--mode and --all-modes", "--filter is no JSON", "missing cannot be read as a JSON schema"),
        ),
        (
            (
                *("tune-retrieval", "q.jsonl", "--documents", "nowhere", "--search", "far", "--results", "0"),
                *("--chunking", "by-hand,by-foot"),
            ),
            (
                "search far",
                "--results '0'",
                "chunking 'by-hand'",
                "chunking 'by-foot'",
                "q.jsonl is not",
                "nowhere does",
            ),
        ),
        (
            ("evaluate", "q.jsonl", "--modes", "rags", "--dry-run"),
            ("q.jsonl is not a file", "--modes names rags"),
        ),
        (
            (
                *("evaluate", "q.jsonl", "--modes", "rags", "--tuned", "no name", "--schema", "missing", "--dry-run"),
                *("--run", "N O"),
            ),
            (
                "q.jsonl is not",
                "names rags",
                "no training run no name",
                "missing cannot be read as a JSON schema",
                "'N O' has no good name",
            ),
        ),
    ],
)
def test_every_problem_is_told_at_once(
    words: tuple[str, ...], told: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Deployment, "find", lambda *_: StubbedDeployment())
    ended = run(*words, "--json")
    assert ended.exit_code == 1
    message = json.loads(ended.stdout)["error"]["message"]
    assert [part for part in told if part not in message] == []


def test_what_is_known_of_several_problems_is_kept() -> None:
    def refuse(code: str, **details: object) -> None:
        raise CliError(f"No {code}.", code=code, details=details)

    with pytest.raises(CliError, match=r"No a\. No b\.") as refused:
        together(lambda: 1, lambda: refuse("a", problems=["p"], line=3), lambda: refuse("b", problems=["q"]))
    assert (refused.value.code, refused.value.details) == ("a", {"problems": ["p", "q"], "line": 3})
    assert together(lambda: 1, lambda: 2) == [1, 2]


def test_problems_that_differ_in_their_line_alone_are_one_row() -> None:
    rows = [(3, "is blank"), (1, "is blank"), (2, "is blank"), (7, "is blank"), (2, "is long"), (None, "is short")]
    assert gathered(rows) == [("1 to 3, 7", "is blank"), (2, "is long"), (None, "is short")]
    assert gathered((n, "is blank") for n in range(1, 15, 2)) == [("1, 3, 5, 7, 9 and 2 more", "is blank")]
    assert gathered([(3, "a"), (3, "a"), (4, "a")]) == [("3 to 4", "a")]
    # A row without another cell has nothing in common with its like; what is no line is not counted as one.
    assert gathered([(1,), (1,), ("a", "x"), ("b", "x")]) == [(1,), (1,), ("a", "x"), ("b", "x")]


def test_sentences_that_differ_in_their_line_alone_are_one() -> None:
    sentences = ["line 1 is blank: write it", "the file is short", "line 3 is blank: write it", "line 2 is\nlong"]
    told = ["each of lines 1, 3 is blank: write it", "the file is short", "line 2 is\nlong"]
    assert gathered_sentences(sentences) == told


def test_a_file_of_one_mistake_is_told_in_one_row(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps({"question": f"Why {n}?", "reference": "So."}) + "\n" for n in range(12)))
    ended = run("train", "check", str(questions), env={"COLUMNS": "140"})
    assert ended.stdout.count("has a reference and no answer") == 1
    assert "1 to 12" in ended.stdout
    assert ended.stdout.count("train on other") == 1


def test_the_command_that_mends_leaves_out_what_the_gate_asks(tmp_path: Path) -> None:
    pairs, questions = tmp_path / "pairs.jsonl", tmp_path / "questions.jsonl"
    pairs.write_text("".join(json.dumps({"question": f"Why {n}?", "answer": f"By {n}."}) + "\n" for n in range(20)))
    questions.write_text(json.dumps({"question": "Why 7?", "reference": "By 7."}) + "\n")
    refused = str(check_file(pairs, rules=Rules(), questions=questions).refusal())
    assert run(*shlex.split(refused.split("`")[1])[1:]).exit_code == 0
    assert check_file(tmp_path / "pairs-mended.jsonl", rules=Rules(), questions=questions).accepted
