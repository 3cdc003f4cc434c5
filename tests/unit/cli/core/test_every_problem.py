"""Commands name everything that is wrong with what they were given, not the first of it alone."""

import json
from pathlib import Path

import pytest

from cli.core.deployment import Deployment
from cli.core.errors import CliError, together
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
