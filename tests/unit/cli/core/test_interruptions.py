"""An interrupted command says what goes on and what does not."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main
from botocore.exceptions import NoCredentialsError

from cli.core.interruption import EXIT_CODE, NOT_BEGUN
from cli.core.output import reporting
from cli.training.run import Training
from tests.unit.cli.core.invoked import run
from tests.unit.cli.core.test_start import python
from tests.unit.cli.fakes import StubbedDeployment


@pytest.mark.parametrize("begun", [False, True])
def test_an_interrupted_sync_says_what_goes_on_once_something_was_sent(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, begun: bool
) -> None:
    (tmp_path / "a.md").write_text("text")
    bucket = deployment.stub("s3")
    bucket.add_response("list_objects_v2", {})

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.sync.upload._send" if begun else "cli.sync.synchronise.read", interrupted)
    result = run("sync", str(tmp_path))
    assert result.exit_code == 130
    expected = "Documents that were sent stay sent, and AWS ingests them. Follow" if begun else "Nothing is lost"
    assert f"Interrupted. {expected}" in result.stderr
    assert ("stay sent" in result.stderr) is begun


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, typer.Abort])
def test_an_interruption_is_no_failure_at_a_question_either(interruption: type[BaseException]) -> None:
    with pytest.raises(typer.Exit) as ended, reporting(as_json=False):
        raise interruption
    assert ended.value.exit_code == 130


def test_an_interruption_that_an_import_took_for_its_own_failure_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As modules in C do whose initialisation is interrupted."""
    monkeypatch.setattr("cli.core.interruption._came", [2])
    with pytest.raises(typer.Exit) as ended, reporting(as_json=False):
        raise ImportError("initialization failed")
    assert ended.value.exit_code == 130
    assert "Interrupted." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "follow"),
    [
        (
            ("evaluate", "questions.jsonl", "--run", "r1", "--out", "page.html", "--yes"),
            "evaluate questions.jsonl --run r1 --out page.html",
        ),
        (("train", "generate", "--run", "r1", "--yes"), "train generate --pairs 100 --out training.jsonl --run r1"),
        (("train", "pairs.jsonl", "--run", "r1", "--promote"), "train pairs.jsonl --run r1 --promote"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_an_interrupted_command_says_that_a_run_goes_on_once_it_has_begun(
    command: tuple[str, ...],
    follow: str,
    begun: bool,
    deployment: StubbedDeployment,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Before the pipeline is started, and while it is followed."""

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    def ready(*arguments: Any, **options: Any) -> Any:
        (options.get("on_begin") or arguments[0].on_begin)()
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    ended = ready if begun else interrupted
    monkeypatch.setattr("cli.evaluation.command.evaluate", ended)
    monkeypatch.setattr("cli.generation.command.generate", ended)
    monkeypatch.setattr(Training, "result", ended)
    result = run(*command)
    assert result.exit_code == 130
    expected = f"The run goes on in AWS. Follow it: arbiter {follow}" if begun else "Nothing is lost"
    assert f"Interrupted. {expected}" in " ".join(result.stderr.split())


def test_an_interrupted_run_is_followed_where_it_was_started(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(begun: Training, *_: Any, **__: Any) -> None:
        begun.on_begin()
        raise KeyboardInterrupt

    monkeypatch.setattr(Training, "result", interrupted)
    result = run("train", "my pairs.jsonl", "--run", "r1", "--env", "prod")
    assert "Follow it: arbiter train 'my pairs.jsonl' --run r1 --env prod" in result.stderr


def test_a_run_that_is_lost_sight_of_is_not_started_twice(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def logged_out(begun: Training, *_: Any, **__: Any) -> None:
        begun.on_begin()
        raise NoCredentialsError

    monkeypatch.setattr(Training, "result", logged_out)
    result = run("train", "pairs.jsonl", "--run", "r1")
    assert "no usable AWS credentials" in result.stderr
    assert "goes on in AWS. Follow it: arbiter train pairs.jsonl --run r1" in result.stderr


@pytest.mark.parametrize(
    "command", [("train", "pairs.jsonl"), ("evaluate", "questions.jsonl", "--yes"), ("train", "generate", "--yes")]
)
def test_without_credentials_nothing_is_said_to_go_on(
    command: tuple[str, ...], deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def logged_out(name: str) -> str:
        raise NoCredentialsError

    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.jsonl").write_text("".join(f'{{"question": "Q{i}?", "answer": "A."}}\n' for i in range(8)))
    (tmp_path / "questions.jsonl").write_text('{"question": "Where?"}\n')
    monkeypatch.setattr(deployment, "output", logged_out)
    result = run(*command)
    assert result.exit_code == 1
    assert "no usable AWS credentials" in result.stderr
    assert "goes on" not in result.stderr


INTERRUPTED_WHILE = """
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == sys.argv[-1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell has its background jobs ignore it.
from cli.main import main
main()
"""


@pytest.mark.parametrize("module", ["cli.app", "cli.asking.command"])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["people", "programs"])
def test_a_command_answers_while_it_is_imported(root: Path, module: str, form: tuple[str, ...]) -> None:
    ended = python(root, INTERRUPTED_WHILE, "ask", *form, "What?", module)

    assert ended.returncode == EXIT_CODE
    assert (json.loads(ended.stdout)["error"]["message"] if form else ended.stderr.strip()).endswith(NOT_BEGUN)
    assert "Traceback" not in ended.stderr
