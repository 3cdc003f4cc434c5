"""Commands end with a result or a sentence, on the right stream, with the right exit code."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main
from botocore.exceptions import NoCredentialsError
from botocore.response import StreamingBody
from typer.testing import CliRunner

from cli.app import app
from cli.core import project
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.groups import MAIN, LazyCommand
from cli.core.output import reporting
from cli.local.bring_up import alone
from cli.main import main
from cli.reporting import report as reports
from cli.reporting.report import ReportResult
from cli.sync import command as documents
from cli.training import command as training
from cli.training.result import TrainResult
from cli.training.run import Training
from tests.unit.cli.fakes import StubbedDeployment
from tests.unit.cli.training.test_view import RESULT

RESPONSE = {
    "answer": "It weighs [2.9] kilograms.",
    "mode": "rag",
    "requested_mode": "auto",
    "citations": [{"text": "…", "uri": "s3://documents/guides/tent.md", "score": 0.71}],
    "model": "amazon.nova-micro-v1:0",
    "usage": {"input_tokens": 1200, "output_tokens": 9, "cached_tokens": 0},
    "latency_ms": {"route": 0.1, "retrieve": 20, "generate": 30, "total": 50.1},
    "cost_usd": 0.00004,
    "degraded": ["no tuned model"],
    "stop_reason": "end_turn",
}
INVALID = {
    "error": {
        "code": "invalid_request",
        "message": "The request is not valid.",
        "problems": [{"path": "retrieval.results", "problem": "is 0", "allowed": "1 to 100"}],
        "retryable": False,
        "request_id": "r",
    }
}


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> StubbedDeployment:
    stubbed = StubbedDeployment()
    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: stubbed)
    monkeypatch.setenv("COLUMNS", "160")
    return stubbed


def answer(deployment: StubbedDeployment, payload: Any, **others: Any) -> None:
    body = json.dumps(payload).encode()
    deployment.stub("lambda").add_response(
        "invoke", {"Payload": StreamingBody(io.BytesIO(body), len(body)), "StatusCode": 200, **others}
    )


def run(*arguments: str, **options: Any) -> Any:
    return CliRunner().invoke(app, list(arguments), **options)


def test_a_document_is_listed_once_however_many_of_its_passages_were_read(deployment: StubbedDeployment) -> None:
    read = [("a.md", 0.5), ("b.md", 0.4), ("a.md", 0.7), ("a.md", None)]
    citations = [{"text": "…", "uri": f"s3://documents/{name}", "score": score} for name, score in read]
    answer(deployment, {**RESPONSE, "citations": citations})
    lines = [line.split("  ") for line in run("ask", "How heavy?").stdout.splitlines() if ".md" in line]
    assert [[cell.strip() for cell in line if cell.strip()] for line in lines] == [
        ["1, 3, 4", "a.md", "0.70"],
        ["2", "b.md", "0.40"],
    ]


def test_an_answer_is_shown_with_its_sources(deployment: StubbedDeployment) -> None:
    answer(deployment, RESPONSE)
    result = run("ask", "How heavy?")
    assert result.exit_code == 0
    assert "It weighs [2.9] kilograms." in result.stdout
    assert "guides/tent.md" in result.stdout
    assert "Degraded: no tuned model" in result.stdout
    assert "rag · amazon.nova-micro-v1:0 · 1,200 + 9 tokens · 50 ms · $0.000040" in result.stdout


def test_json_is_the_response_and_nothing_else(deployment: StubbedDeployment) -> None:
    answer(deployment, RESPONSE)
    assert json.loads(run("ask", "How heavy?", "--json").stdout) == RESPONSE


def test_options_become_fields_of_the_request(deployment: StubbedDeployment) -> None:
    sent: dict[str, Any] = {}
    answer(deployment, RESPONSE)
    deployment.client("lambda").meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: sent.update(json.loads(params["Payload"]))
    )
    options = ["--mode", "rag", "--degrade", "--results", "0", "--system", "Be brief.", "--max-output-tokens", "9"]
    run("ask", "-", *options, input="How heavy?\n")
    assert sent == {
        "question": "How heavy?\n",
        "mode": "rag",
        "degrade": True,
        "retrieval": {"results": 0},
        "system": "Be brief.",
        "limits": {"max_output_tokens": 9},
    }


def test_every_problem_of_a_request_is_shown(deployment: StubbedDeployment) -> None:
    answer(deployment, INVALID)
    result = run("ask", "How heavy?", "--results", "0")
    assert result.exit_code == 1
    assert result.stdout == ""
    for text in ("The request is not valid.", "retrieval.results", "is 0", "1 to 100"):
        assert text in result.stderr


def test_an_error_as_json_is_one_document(deployment: StubbedDeployment) -> None:
    answer(deployment, INVALID)
    result = run("ask", "How heavy?", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == INVALID


def test_a_function_that_crashed_is_said_with_its_log(deployment: StubbedDeployment) -> None:
    answer(deployment, {"errorMessage": "Task timed out after 30 seconds"}, FunctionError="Unhandled")
    result = run("ask", "How heavy?")
    assert result.exit_code == 1
    assert "The router function failed: Task timed out after 30 seconds. Its log: /aws/lambda/router." in result.stderr


def test_all_modes_are_compared_and_failures_are_part_of_it(deployment: StubbedDeployment) -> None:
    for payload in (RESPONSE, RESPONSE, INVALID, INVALID, RESPONSE):
        answer(deployment, payload)
    result = run("ask", "How heavy?", "--all-modes")
    assert result.exit_code == 0
    assert "invalid_request: The request is not valid." in result.stdout.replace("\n", " ")
    assert "auto → rag" in result.stdout


def test_a_denied_action_names_action_and_role(deployment: StubbedDeployment) -> None:
    role = "arn:aws:sts::1:assumed-role/Reader/jo"
    message = f"User: {role} is not authorized to perform: lambda:InvokeFunction on resource: arn:router"
    deployment.stub("lambda").add_client_error("invoke", "AccessDeniedException", message, 403)
    result = run("ask", "How heavy?", "--json")
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["action"], error["role"]) == ("access_denied", "lambda:InvokeFunction", role)
    assert f"{role} may not lambda:InvokeFunction on arn:router" in error["message"]


@pytest.mark.parametrize("begun", [False, True])
def test_an_interrupted_sync_says_what_goes_on_once_something_was_sent(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, begun: bool
) -> None:
    (tmp_path / "a.md").write_text("text")
    bucket = deployment.stub("s3")
    bucket.add_response("list_objects_v2", {})

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.sync.upload._send_all" if begun else "cli.sync.synchronise.scan", interrupted)
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


@pytest.mark.parametrize(("publish", "code"), [(False, 3), (True, 0)])
def test_a_model_that_is_held_back_has_an_exit_code_of_its_own(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, publish: bool, code: int
) -> None:
    result = replace(RESULT, gate={"publish": publish, "conditions": []}, in_service=publish)
    monkeypatch.setattr(Training, "result", lambda *_, **__: result)
    assert run("train", "pairs.jsonl", "--gate", "questions.jsonl").exit_code == code
    assert "Exits with 3" in run("train", "run", "--help").stdout


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


def test_a_page_that_no_browser_opens_is_said_to_be_opened_by_hand(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary: Any = {"conclusion": [], "doubts": []}
    written = ReportResult(environment="dev", run="r", path=Path("page.html"), against=None, summary=summary)
    monkeypatch.setattr(reports, "report", lambda *_, **__: written)
    monkeypatch.setattr(reports.webbrowser, "open", lambda url: False)
    result = run("report", "r", "--open")
    assert result.exit_code == 1
    assert "Report: page.html" in result.stdout
    assert "No browser can be opened here. Open the page yourself." in result.stderr


def test_a_question_in_another_encoding_is_refused(deployment: StubbedDeployment) -> None:
    result = run("ask", "-", "--json", input=b"caf\xe9")
    assert result.exit_code == 1
    assert "not UTF-8 text (character 4)" in json.loads(result.stdout)["error"]["message"]


def test_an_answer_does_not_steer_the_terminal(deployment: StubbedDeployment) -> None:
    answer(deployment, {**RESPONSE, "answer": "two\nlines\x1b]0;title\x07 \x1b[31mred\x9b2J"})
    assert "two\nlines]0;title [31mred2J" in run("ask", "How heavy?").stdout


def test_a_line_that_is_not_understood_is_one_document_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["arbiter", "ask", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = json.loads(capsys.readouterr().out)
    assert said == {"error": {"code": "usage", "message": "Missing argument 'question'."}}


def test_two_commands_do_not_deploy_at_once(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(CliError, match="is at work in this folder"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_what_nobody_expected_is_one_sentence(deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(documents.syncing, "scan", broken)
    result = run("sync", ".")
    assert result.exit_code == 1
    assert "ZeroDivisionError: division by zero. Set ARBITER_DEBUG=1 to see where." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bad_training_file_is_shown_line_by_line(deployment: StubbedDeployment, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "User: x", "answer": "y"}\nnonsense\n')
    result = run("train", str(path))
    assert result.exit_code == 1
    for text in ("cannot be trained on: 3 problems", 'reserved word "User:"', "write it without the sign", "not JSON"):
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
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"arbiter {' '.join(part for part in command if part != MAIN)}" in result.stdout


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_speaks_json_and_takes_the_environment_of_what_is_deployed(command: tuple[str, ...]) -> None:
    text = run(*command, "--help").stdout
    assert "--json" in text
    assert ("--env" in text) == (command[0] not in ("cost", "local"))


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
