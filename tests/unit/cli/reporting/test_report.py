"""A report is written from what a run left in its bucket, or says what is missing there."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from arbiter.evaluation.run.keys import answer_key, pair_key, verdict_key
from cli.app import app
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.reporting.report import report
from cli.reporting.run.records import read_run
from cli.reporting.view import show_report
from tests.unit.cli.reporting.synthetic_run import Synthetic, make
from tests.unit.cli.reporting.synthetic_summary import summarised


class Bucket:
    """An S3 client for one bucket."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - botocore's names
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no such key"}}, "GetObject")
        return {"Body": Body(self.objects[Key])}

    def get_paginator(self, name: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        if Delimiter:
            below = {key.removeprefix(Prefix).partition(Delimiter)[0] for key in self.objects}
            yield {"CommonPrefixes": [{"Prefix": f"{Prefix}{name}{Delimiter}"} for name in sorted(below)]}
            return
        for key in sorted(self.objects):
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": 1, "ETag": '"x"', "LastModified": None}]}


class Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield self.read()


class Results(Deployment):
    """A deployment of which only the results bucket is there."""

    def __init__(self, *runs: Synthetic) -> None:
        super().__init__("local", boto3.Session(region_name="us-east-1"))
        self.bucket = Bucket({})
        for made in runs:
            self.bucket.objects |= dict(_objects(made))

    def output(self, name: str) -> str:
        return name

    def client(self, service: str, **options: Any) -> Any:
        return self.bucket


def _objects(made: Synthetic) -> Iterator[tuple[str, bytes]]:
    run, records = made.plan.run, made.records
    documents: list[tuple[str, Any]] = [
        (f"evaluations/{run}/run.json", made.plan.dump()),
        (f"evaluations/{run}/summary.json", summarised(made)),
        *((answer_key(run, one["case"]["id"], one["arm"]), one) for one in records.answers),
        *((verdict_key(run, one["case_id"], one["arm"]), one) for one in records.verdicts),
        *((pair_key(run, one["case_id"], one["a"], one["b"]), one) for one in records.pairs),
    ]
    yield from ((key, json.dumps(document).encode()) for key, document in documents)
    yield f"evaluations/{run}/cases.jsonl", "\n".join(map(json.dumps, records.cases)).encode()


def test_a_run_is_read_whole_and_in_order() -> None:
    made, told = make(12), []
    stored = read_run(Results(made), "synthetic", lambda stage, done=0, total=None: told.append((stage, done, total)))
    assert stored.records.cases == made.records.cases
    assert sorted(map(json.dumps, stored.records.answers)) == sorted(map(json.dumps, made.records.answers))
    assert sorted(map(json.dumps, stored.records.verdicts)) == sorted(map(json.dumps, made.records.verdicts))
    assert len(stored.records.pairs) == 12
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2] == len(told) - 1


def test_the_report_is_written_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    deployment = Results(make(3), make(3, name="earlier", seed=3))
    result = report(deployment, "synthetic")
    assert result.path == tmp_path / "arbiter-report-synthetic.html"
    assert "<svg" in result.path.read_text()
    request.getfixturevalue("no_charts")
    named = report(deployment, "synthetic", out=tmp_path / "new" / "page.html", against="earlier")
    assert "Against the run earlier" in named.path.read_text()
    published = report(deployment, "synthetic", out=tmp_path / "study.html", against="nova-case-study")
    assert "Against the published case study" in published.path.read_text()
    assert json.loads(json.dumps(published.dump()))["against"] == "nova-case-study"


@pytest.mark.usefixtures("no_charts")
def test_every_sign_of_a_question_and_of_a_reason_can_be_shown(tmp_path: Path) -> None:
    deployment = Results(make(2))
    objects = deployment.bucket.objects
    first, *rest = objects["evaluations/synthetic/cases.jsonl"].split(b"\n")
    case = {**json.loads(first), "question": "one line\u2028another\x85the last"}
    objects["evaluations/synthetic/cases.jsonl"] = b"\n".join([json.dumps(case, ensure_ascii=False).encode(), *rest])
    key = next(key for key in objects if "/verdicts/" in key)
    record = json.loads(objects[key])
    record["verdicts"][0]["reason"] = "half of a pair: \ud83d"
    objects[key] = json.dumps(record).encode()
    text = report(deployment, "synthetic", out=tmp_path / "page.html").path.read_text()
    assert text.count('<article class="question"') == 2
    assert "half of a pair: ?" in text


@pytest.mark.usefixtures("no_charts")
def test_the_terminal_says_what_the_run_says_and_where_the_page_is(tmp_path: Path) -> None:
    result = report(Results(make(3)), "synthetic", out=tmp_path / "page.html")
    text = io.StringIO()
    show_report(Console(file=text, width=200), result)
    assert result.summary["conclusion"][0] in text.getvalue()
    assert str(result.path) in text.getvalue()


@pytest.mark.parametrize(
    ("run", "missing", "sentence"),
    [
        ("absent", "", "There is no evaluation run absent"),
        ("Not a name", "", "has no good name"),
        ("synthetic", "evaluations/synthetic/summary.json", "has no summary yet"),
    ],
)
def test_a_run_that_cannot_be_shown_says_why(tmp_path: Path, run: str, missing: str, sentence: str) -> None:
    deployment = Results(make(2))
    deployment.bucket.objects.pop(missing, None)
    with pytest.raises(CliError, match=sentence):
        report(deployment, run, out=tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.usefixtures("no_charts")
def test_cases_are_shown_from_their_answers_when_their_file_is_gone(tmp_path: Path) -> None:
    deployment = Results(make(2))
    del deployment.bucket.objects["evaluations/synthetic/cases.jsonl"]
    text = report(deployment, "synthetic", out=tmp_path / "page.html").path.read_text()
    assert text.count('<article class="question"') == 2


@pytest.mark.parametrize("option", [["--against", "nova-case-study"], ["--open"], ["--out", "page.html"]])
def test_an_option_of_the_page_needs_a_run(option: list[str]) -> None:
    refused = CliRunner().invoke(app, ["report", *option])
    assert (refused.exit_code, "Name a run" in refused.output) == (1, True)
