"""Nothing that came from outside steers the terminal, wherever a command prints it."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from rich.text import Text
from typer.testing import CliRunner

from arbiter.answering.serving.document import Response
from bench.synthetic_plan import document
from cli.app import app
from cli.core.deployment import Deployment
from cli.core.terminal import SafeConsole, listed, printable
from cli.sync.documents import scan
from tests.unit.cli.core.invoked import RESPONSE
from tests.unit.cli.fakes import StubbedDeployment

NAMES = {
    "guides/x\x1b[31mred\x1b]0;OWNED\x1b\\z.md": "guides/x[31mred]0;OWNED\\z.md",
    "guides/c\x9b31mred.md": "guides/c31mred.md",
    "guides/gpj\u202e.md": "guides/gpj.md",
    "guides/i\u2066\u2069.md": "guides/i.md",
    "guides/[red]m[/red].md": "guides/[red]m[/red].md",
    "guides/half\ud800.md": "guides/half.md",
    "guides/Grüße ☃.md": "guides/Grüße ☃.md",
}
"""Names of documents, and how a terminal gets them."""
STEERING = set("\x1b\x9b\x9d\x07\u202e\u2066\u2069\ud800")


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> StubbedDeployment:
    stubbed = StubbedDeployment()
    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: stubbed)
    monkeypatch.setenv("COLUMNS", "200")
    return stubbed


def body(document: Any) -> StreamingBody:
    content = json.dumps(document).encode()
    return StreamingBody(io.BytesIO(content), len(content))


def response(name: str) -> Response:
    (cited,) = RESPONSE["citations"]
    return {
        **RESPONSE,
        "answer": f"See {name}.",
        "citations": [{**cited, "uri": f"s3://documents/{name}"}],
        "model": f"model {name}",
        "degraded": [f"no {name}"],
    }


def shown(*arguments: str) -> str:
    ended = CliRunner().invoke(app, list(arguments))
    text = str(ended.stdout + ended.stderr)
    assert STEERING & set(text) == set()
    return text


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=range(len(NAMES)))
def test_an_answer_and_its_sources_are_only_text(deployment: StubbedDeployment, name: str, safe: str) -> None:
    deployment.stub("lambda").add_response("invoke", {"StatusCode": 200, "Payload": body(response(name))})
    text = shown("ask", "Where?")
    assert all(part in text for part in (f"See {safe}.", f"model {safe}", f"no {safe}"))
    assert safe in text.splitlines()[3]


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=range(len(NAMES)))
def test_so_are_those_of_every_mode_and_their_errors(deployment: StubbedDeployment, name: str, safe: str) -> None:
    error = {"error": {"code": "access_denied", "message": f"no way to {name}"}}
    for payload in (response(name), error, error, error, error):
        deployment.stub("lambda").add_response("invoke", {"StatusCode": 200, "Payload": body(payload)})
    text = shown("ask", "Where?", "--all-modes")
    assert f"See {safe}." in text
    assert f"access_denied: no way to {safe}" in text


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=range(len(NAMES)))
def test_so_are_the_errors_of_aws(deployment: StubbedDeployment, name: str, safe: str) -> None:
    deployment.stub("lambda").add_client_error("invoke", "ValidationException", f"no {name}")
    assert f"AWS refused Invoke: no {safe} (ValidationException)" in shown("ask", "Where?")


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=range(len(NAMES)))
def test_so_are_the_plans_of_listed_runs(deployment: StubbedDeployment, name: str, safe: str) -> None:
    started_by = f"user/{name.removeprefix('guides/')}"
    plan = document("run-1", [{"name": name, "mode": "base"}], ["judge"], started_by=started_by)
    s3 = deployment.stub("s3")
    s3.add_response("list_objects_v2", {"CommonPrefixes": [{"Prefix": "evaluations/run-1/"}]})
    s3.add_response("get_object", {"Body": body(plan)})
    s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "k", "Size": 1, "ETag": '"e"', "LastModified": datetime(2026, 11, 21, tzinfo=UTC)}]},
    )
    text = shown("report")
    assert safe in text
    assert safe.removeprefix("guides/") in text


@pytest.mark.parametrize(
    "name", [name.removeprefix("guides/").replace("/", "") for name in list(NAMES)[:4]], ids=range(4)
)
def test_a_document_whose_name_steers_is_not_sent(deployment: StubbedDeployment, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("text")
    (unfit,) = scan(tmp_path).unfit
    assert "its name has control characters: rename it" in unfit.reason
    assert "its name has control characters: rename it" in shown("sync", str(tmp_path))


def test_a_table_stays_straight_around_a_name_that_steered() -> None:
    stream = io.StringIO()
    SafeConsole(stream).print(listed(("Document", "State"), [(name, "MISSING") for name in NAMES]))
    lines = [line for line in stream.getvalue().splitlines() if "MISSING" in line]
    assert len(lines) == len(NAMES)
    assert len({line.rindex("MISSING") for line in lines}) == 1


def test_line_ends_and_tabs_stay() -> None:
    assert printable("two\n\tlines") == "two\n\tlines"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Each hour of overtime is paid at 1.25 times.", ["Each hour of overtime is", "paid at 1.25 times."]),
        ("Run `arbiter sync my-documents` for more.", ["Run", "`arbiter sync my-documents`", "for more."]),
        ("Follow it: arbiter train x.jsonl --run r", ["Follow it:", "arbiter train x.jsonl --run r"]),
        ("Clients: BASE_URL=http://a/v1 API_KEY=arb-1", ["Clients:", "BASE_URL=http://a/v1 API_KEY=arb-1"]),
        ("Report: /home/me/My papers/a page.html", ["Report:", "/home/me/My papers/a page.html"]),
        ("Error: /a/b is a folder: name a file. No more.", ["Error: /a/b is a folder:", "name a file. No more."]),
        ("日本語 日本語 日本語 日本語", ["日本語 日本語 日本語", "日本語"]),
        ("  `arbiter sync my-own-documents`", ["  `arbiter sync my-own-documents`"]),
        ("short\n\nlines stay as they were", ["short", "", "lines stay as they were"]),
    ],
)
@pytest.mark.parametrize("soft", [True, False])
def test_a_terminal_gets_lines_broken_between_words_and_around_commands(
    text: str, lines: list[str], soft: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    screen = Screen()
    SafeConsole(screen).print(Text(text, style="bold"), soft_wrap=soft)
    assert [line.rstrip() for line in Text.from_ansi(screen.getvalue()).plain.splitlines()] == lines


def test_a_file_gets_the_line_whole() -> None:
    file = io.StringIO()
    SafeConsole(file).print(Text("word " * 50), soft_wrap=True)
    assert file.getvalue().count("\n") == 1
