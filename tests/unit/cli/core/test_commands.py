"""Commands end with a result or a sentence, on the right stream, with the right exit code."""

import json
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from cli.app import app
from cli.core import project
from cli.core.errors import CliError
from cli.core.groups import MAIN, LazyCommand
from cli.local.bring_up import alone
from cli.main import main
from cli.reporting import report as reports
from cli.reporting.report import ReportResult
from cli.sync import command as documents
from cli.training import command as training
from cli.training.result import TrainResult
from cli.training.run import Training
from tests.unit.cli.core.invoked import RESPONSE, answer, run
from tests.unit.cli.fakes import StubbedDeployment
from tests.unit.cli.training.test_view import RESULT


@pytest.mark.parametrize(("publish", "code"), [(False, 3), (True, 0)])
def test_a_model_that_is_held_back_has_an_exit_code_of_its_own(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, publish: bool, code: int
) -> None:
    result = replace(RESULT, gate={"publish": publish, "conditions": []}, in_service=publish)
    monkeypatch.setattr(Training, "result", lambda *_, **__: result)
    assert run("train", "pairs.jsonl", "--gate", "questions.jsonl").exit_code == code
    assert "Exits with 3" in " ".join(run("train", "run", "--help").stdout.split())


def test_a_gate_with_too_few_questions_needs_a_yes(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubted(training: Training, *_: Any, **__: Any) -> TrainResult:
        assert training.accepts("The gate demands 30.")
        return RESULT

    monkeypatch.setattr(Training, "result", doubted)
    refused = run("train", "pairs.jsonl", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "needs_consent"
    assert "The gate demands 30. Train all the same? Say --yes" in json.loads(refused.stdout)["error"]["message"]
    agreed = run("train", "pairs.jsonl", "--yes")
    assert (agreed.exit_code, "The gate demands 30." in agreed.stderr) == (0, True)


def test_a_page_that_no_browser_opens_is_said_to_be_opened_by_hand(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary: Any = {"arms": [], "caveats": [], "conclusion": [], "doubts": []}
    written = ReportResult(environment="dev", run="r", path=Path("page.html"), against=None, summary=summary)
    monkeypatch.setattr(reports, "report", lambda *_, **__: written)
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    result = run("report", "r", "--open")
    assert result.exit_code == 1
    assert "Report: page.html" in result.stdout
    assert "No browser can be opened here. Open the page yourself." in result.stderr


def test_a_line_that_is_not_understood_is_one_document_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["arbiter", "ask", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    document = json.loads(capsys.readouterr().out)
    assert document == {"error": {"code": "usage", "message": "Missing argument 'question'."}}


def test_two_commands_do_not_deploy_at_once(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(CliError, match="is at work in this folder"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_what_nobody_expected_is_one_sentence(deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(documents.syncing, "read", broken)
    result = run("sync", ".")
    assert result.exit_code == 1
    assert "ZeroDivisionError: division by zero. Set ARBITER_DEBUG=1 to see where." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bad_training_file_is_shown_line_by_line(deployment: StubbedDeployment, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "User: x", "answer": "y"}\nnonsense\n')
    result = run("train", str(path))
    assert result.exit_code == 1
    for text in (
        "cannot be trained on: 3 problems",
        'reserved word "User:"',
        "write it without its punctuation",
        "not JSON",
    ):
        assert text in result.stderr


@pytest.mark.parametrize(
    "options",
    [["--epochs", "6"], ["--epochs", "0"], ["--learning-rate", "1"], ["--warmup-steps", "21"], ["--env", "x"]],
)
def test_values_out_of_range_are_refused_with_what_is_allowed(options: list[str]) -> None:
    result = run("train", "file.jsonl", *options)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def commands(group: Any = None, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command there is, as a person types it."""
    group = group or typer.main.get_command(app)
    for name, listed in group.commands.items():
        command = listed.load() if isinstance(listed, LazyCommand) else listed
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"arbiter {' '.join(part for part in command if part != MAIN)}" in result.stdout
    assert not [line for line in result.stdout.splitlines() if line.startswith("│") and "…" in line], "a name is cut"


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_speaks_json_and_takes_the_environment_of_what_is_deployed(command: tuple[str, ...]) -> None:
    text = run(*command, "--help").stdout
    assert "--json" in text
    assert ("--env" in text) == (command[0] != "local")


@pytest.mark.parametrize(
    ("env", "refusal"),
    [
        ("staging", None),
        ("stagin", "cdk.json has no environment 'stagin', but dev, staging. Did you mean 'staging'?"),
        ("x", "cdk.json has no environment 'x', but dev, staging."),
    ],
)
def test_any_environment_of_cdk_json_is_taken(
    env: str, refusal: str | None, deployment: StubbedDeployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lambda" / "arbiter").mkdir(parents=True)
    (tmp_path / "cdk.json").write_text('{"context": {"environments": {"dev": {}, "staging": {}}}}')
    monkeypatch.chdir(tmp_path)
    answer(deployment, RESPONSE)
    result = run("ask", "How heavy?", "--env", env)
    assert result.exit_code == (2 if refusal else 0)
    assert (refusal or "") in result.stderr


def test_without_a_cdk_json_any_environment_may_be_deployed(
    deployment: StubbedDeployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "PROJECT", tmp_path)
    monkeypatch.chdir(tmp_path)
    answer(deployment, RESPONSE)
    assert run("ask", "How heavy?", "--env", "staging").exit_code == 0


@pytest.mark.parametrize("group", ["train", "evaluate"])
def test_the_main_command_of_a_group_needs_no_name(group: str, deployment: StubbedDeployment) -> None:
    named, unnamed = run(group, "run", "nothing.jsonl"), run(group, "nothing.jsonl")
    assert named.exit_code == unnamed.exit_code == 1
    assert named.stderr == unnamed.stderr
    assert "nothing.jsonl is not a file" in unnamed.stderr


@pytest.mark.parametrize(
    ("number", "text"), [(1e-5, "0.00001"), (1e-6, "0.000001"), (3, "3"), (0.0001, "0.0001"), (2.5e-5, "0.000025")]
)
def test_hyperparameters_have_no_exponent(number: float, text: str) -> None:
    assert training.plain(number) == text
