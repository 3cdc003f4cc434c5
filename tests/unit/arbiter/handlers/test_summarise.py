"""The summary of a run is read from its records and written beside them; metrics go to the log."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from arbiter.aws.objects import Objects, StoredObject
from arbiter.evaluation.numbers import statistics
from arbiter.evaluation.summary.gate import Limits
from arbiter.evaluation.summary.gatekeeper import Gate
from arbiter.evaluation.summary.summariser import InvalidEvaluationRun, Summarised, Summariser
from arbiter.store import ObjectMissingError
from tests import synthetic_run

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FOLDER = f"evaluations/{synthetic_run.RUN}/"
SUMMARY = f"{FOLDER}summary.json"
LATEST = "evaluations/latest.json"
LIMITS = Limits(margin=0.0, minimum_cases=30, max_latency_ratio=9.0, max_cost_ratio=9.0, max_failure_rate=0.5)


class Bucket(Objects):
    """A bucket in memory."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        super().__init__(None, "results")
        self.contents = contents

    def stream(self, key: str) -> Iterator[bytes]:
        if key not in self.contents:
            raise ObjectMissingError(f"There is no {self.uri(key)}.")
        yield from io.BytesIO(self.contents[key])

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        return (StoredObject(key, 1, "", NOW) for key in self.contents if key.startswith(prefix))

    def write(self, key: str, body: Any, **options: Any) -> datetime:
        self.contents[key] = body
        return NOW


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are not about how exact an interval is."""
    monkeypatch.setattr(statistics, "RESAMPLES", 49)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(synthetic_run.objects())


def summarise(bucket: Bucket) -> Summarised:
    return Summariser(bucket, "dev", now=lambda: NOW).summarise(synthetic_run.RUN)


def logged(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def whole_cases() -> list[dict[str, Any]]:
    """Those that every judge gave a verdict on in every arm."""
    judged = Counter(
        record["case_id"]
        for record in synthetic_run.verdicts()
        if {one["judge"] for one in record["verdicts"] if "score" in one} == set(synthetic_run.JUDGES)
    )
    return [case for case in synthetic_run.cases() if judged[case["id"]] == len(synthetic_run.QUALITIES)]


def renamed(bucket: Bucket, run: str) -> Bucket:
    """The same records under another run's name."""
    moved = {key.replace(FOLDER, f"evaluations/{run}/"): content for key, content in bucket.contents.items()}
    plan = json.loads(moved[f"evaluations/{run}/run.json"])
    return Bucket(moved | {f"evaluations/{run}/run.json": json.dumps({**plan, "run": run}).encode()})


def test_the_summary_is_written_and_its_conclusion_returned(bucket: Bucket) -> None:
    returned = summarise(bucket)
    written = json.loads(bucket.contents[SUMMARY])
    assert returned == {
        "summary_uri": f"s3://results/{SUMMARY}",
        "run": synthetic_run.RUN,
        "complete": False,
        "conclusion": written["conclusion"],
        "doubts": written["doubts"],
    }
    assert written["cases"] == synthetic_run.CASES
    assert written["clusters"] == 27, "five documents and 22 questions about none"
    assert any("clusters" in row for row in written["comparisons"])
    assert [tag["tag"] for tag in written["tags"]] == ["chat", "facts", "hard", "howto", "policy"]
    assert sum(arm["answered"] + sum(arm["failed"].values()) + arm["missing"] for arm in written["arms"]) == 4 * 64


def test_metrics_of_every_mode_and_no_text_are_logged(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    summarise(bucket)
    first, *modes = logged(capsys.readouterr().out)
    assert (first["message"], first["cases"], first["unreadable"]) == ("evaluation summarised", 64, [])
    assert [line["Mode"] for line in modes] == list(synthetic_run.QUALITIES)
    assert all(line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Arbiter" for line in modes)
    assert not any("What is" in json.dumps(line) for line in modes)
    assert "QualityRegression" not in modes[0]


def test_a_fall_below_the_last_comparable_run_is_a_regression(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.contents[f"{FOLDER}cases.jsonl"] = b"\n".join(json.dumps(case).encode() for case in whole_cases())
    summarise(bucket)
    latest = json.loads(bucket.contents[LATEST])
    ((kind, remembered),) = latest["kinds"].items()
    remembered["modes"]["rag"]["mean"] += 3
    next_run = renamed(bucket, "next")
    next_run.contents[LATEST] = json.dumps({"kinds": {kind: remembered}}).encode()
    capsys.readouterr()
    Summariser(next_run, "dev", now=lambda: NOW).summarise("next")
    regressed = {line["Mode"]: line.get("QualityRegression") for line in logged(capsys.readouterr().out)[1:]}
    assert regressed["rag"] == 1.0
    assert json.loads(next_run.contents[LATEST])["latest"] == "next"


def test_a_run_without_any_verdict_is_summarised_without_quality(bucket: Bucket) -> None:
    for key in [key for key in bucket.contents if "/verdicts/" in key]:
        del bucket.contents[key]
    summarise(bucket)
    assert {arm["quality"] for arm in json.loads(bucket.contents[SUMMARY])["arms"]} == {None}
    assert LATEST not in bucket.contents


@pytest.mark.parametrize("content", [b"[]", b"{}", b"nonsense", b"\xff", b'{"case": {"id": "x"}, "arm": "rag"}'])
def test_an_unreadable_record_is_left_out_and_named(bucket: Bucket, content: bytes) -> None:
    key = f"{FOLDER}answers/case-0000/rag.json"
    bucket.contents[key] = content
    summarise(bucket)
    summary = json.loads(bucket.contents[SUMMARY])
    assert f"Records that cannot be read and were left out: {key}." in summary["doubts"]
    assert summary["arms"][1]["missing"] == 2


def test_a_run_of_which_much_cannot_be_read_is_refused_with_names(bucket: Bucket) -> None:
    keys = [key for key in bucket.contents if "/answers/" in key]
    for key in keys[:40]:
        bucket.contents[key] = b"{}"
    with pytest.raises(InvalidEvaluationRun, match=f"40 of .* records cannot be read: s3://results/{keys[0]}, "):
        summarise(bucket)
    assert SUMMARY not in bucket.contents


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("run.json", b"{}", "s3://results/evaluations/synthetic/run.json is no plan of an evaluation"),
        ("cases.jsonl", b'{"id": "1"}\n{"question": "?"}\n', "evaluations/synthetic/cases.jsonl, line 2"),
    ],
)
def test_a_plan_or_cases_that_cannot_be_read_are_named(
    bucket: Bucket, file: str, content: bytes, sentence: str
) -> None:
    bucket.contents[FOLDER + file] = content
    with pytest.raises(InvalidEvaluationRun, match=sentence):
        summarise(bucket)


def test_a_missing_plan_is_named() -> None:
    with pytest.raises(ObjectMissingError, match=r"s3://results/evaluations/synthetic/run\.json"):
        summarise(Bucket({}))


def test_the_gate_reads_the_summary_and_keeps_its_decision(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    summarise(bucket)
    summary = json.loads(bucket.contents[SUMMARY])
    names = {"base": "in_service", "combined": "candidate"}
    arms = [{**arm, "name": names[arm["name"]]} for arm in summary["arms"] if arm["name"] in names]
    pair = next(c for c in summary["comparisons"] if {c["a"], c["b"]} == set(names))
    pair |= {"a": names[pair["a"]], "b": names[pair["b"]]}
    bucket.contents[SUMMARY] = json.dumps({"run": "x", "arms": arms, "comparisons": [pair]}).encode()
    plan = json.loads(bucket.contents[f"{FOLDER}run.json"])
    for pointer, arn in (("candidate", "arn:candidate"), ("in_service", "arn:in-service")):
        plan["tuned"][pointer] = {"model": "m", "custom_model": arn, "base_model": "b", "run": "r"}
    bucket.contents[f"{FOLDER}run.json"] = json.dumps(plan).encode()
    capsys.readouterr()
    decision = Gate(bucket, LIMITS).judge(synthetic_run.RUN, "run-1")
    kept = json.loads(bucket.contents[f"{FOLDER}gate.json"])
    about = {"custom_model": "arn:candidate", "over": "arn:in-service"}
    assert kept == {"evaluation": synthetic_run.RUN, "run": "run-1", **about, **decision}
    assert decision["publish"]
    assert logged(capsys.readouterr().out)[0]["failed"] == []
