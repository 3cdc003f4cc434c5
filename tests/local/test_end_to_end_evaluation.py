"""An evaluation's summary is what anybody computes from its records, and nothing of either outlives the stacks."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from cli.evaluate import EvaluateResult, evaluate
from cli.sync import sync
from cli.tear_down import tear_down
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local

MODES = ("base", "rag", "fine_tuned", "combined")
ABSENT = 3
"""Cases about documents that were left out, which no answer can cite."""
BUCKETS = ("DocumentsBucketName", "TrainingBucketName", "ResultsBucketName")


@dataclass(frozen=True)
class Run:
    """An evaluation run, and everything that it left in the bucket, by key."""

    cases: list[dict[str, Any]]
    result: EvaluateResult
    objects: dict[str, Any]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The answer records."""
        return [one for key, one in self.objects.items() if key.startswith(f"evaluations/{self.result.run}/answers/")]


@pytest.fixture(scope="module")
def run(deployed: Deployed, few_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An evaluation with some documents and without a tuned model: some modes answer, the others fail by name."""
    assert sync(deployed.deployment, few_examples / "documents").complete
    cases = _lines(few_examples / "evaluation" / "questions.jsonl")[:ABSENT]
    known = [line for line in _lines(few_examples / "demo.jsonl") if line["document"]]
    cases += [{"id": f"known-{number}", **line} for number, line in enumerate(known)]
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)))
    result = evaluate(deployed.deployment, file)
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    keys = [item["Key"] for item in storage.list_objects_v2(Bucket=bucket)["Contents"] if item["Key"].endswith(".json")]
    objects = {key: json.loads(storage.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys}
    return Run(cases, result, objects)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_case_leaves_a_record_in_each_mode(run: Run) -> None:
    folder = f"evaluations/{run.result.run}"
    answers = {f"{folder}/answers/{case['id']}/{mode}.json": (case, mode) for case in run.cases for mode in MODES}

    assert run.objects.keys() == {*answers, f"{folder}/summary.json"}
    for key, (case, mode) in answers.items():
        record = run.objects[key]
        assert (record["run"], record["case"], record["mode"]) == (run.result.run, case, mode)
        assert ("response" in record) != ("error" in record)


@pytest.mark.parametrize("mode", MODES)
def test_the_summary_is_what_the_records_add_up_to(mode: str, run: Run) -> None:
    summary = run.objects[f"evaluations/{run.result.run}/summary.json"]
    mine = [record for record in run.records if record["mode"] == mode]

    assert summary == run.result.summary
    assert (summary["run"], summary["cases"], summary["modes"].keys()) == (run.result.run, len(run.cases), {*MODES})
    assert summary["modes"][mode] == recomputed(mine, len(run.cases))


def recomputed(records: list[dict[str, Any]], cases: int) -> dict[str, Any]:
    """One mode's row, from its records alone."""
    answers = [record["response"] for record in records if "response" in record]
    codes = [record["error"]["code"] for record in records if "error" in record]
    spent = [answer["latency_ms"]["total"] for answer in answers]
    citable = [
        (record["case"]["document"], [citation["uri"] for citation in record["response"]["citations"]])
        for record in records
        if record.get("response", {}).get("mode") in ("rag", "combined") and record["case"].get("document")
    ]
    cited = sum(any(uri.endswith(f"/{document}") for uri in uris) for document, uris in citable)
    return {
        "cases": cases,
        "answered": len(answers),
        "failed": {code: codes.count(code) for code in set(codes)},
        "missing": cases - len(records),
        "degraded": sum(len(answer["degraded"]) > 0 for answer in answers),
        "mean_latency_ms": round(mean(spent), 1) if spent else None,
        "median_latency_ms": round(median(spent), 1) if spent else None,
        "input_tokens": sum(answer["usage"]["input_tokens"] for answer in answers),
        "output_tokens": sum(answer["usage"]["output_tokens"] for answer in answers),
        "cost_usd": pytest.approx(sum(answer["cost_usd"] for answer in answers)),
        "citable": len(citable),
        "cited": cited,
        "citation_share": pytest.approx(cited / len(citable), abs=1e-4) if citable else None,
    }


def test_the_run_holds_what_the_sums_are_about(run: Run) -> None:
    rows, cases = run.result.summary["modes"], len(run.cases)

    assert rows["base"]["answered"] == rows["rag"]["answered"] == rows["rag"]["citable"] == cases
    assert rows["rag"]["cited"] == cases - ABSENT
    assert rows["fine_tuned"]["failed"] == rows["combined"]["failed"] == {"tuned_model_unavailable": cases}
    assert rows["base"]["output_tokens"] > 0


@pytest.fixture(scope="module")
def removed(deployed: Deployed, run: Run) -> list[tuple[int, int]]:
    """All stacks deleted, over buckets with old versions; how many versions and delete markers each bucket held."""
    storage, held = deployed.deployment.client("s3"), []
    for bucket in map(deployed.deployment.output, BUCKETS):
        for text in (b"first", b"second"):
            storage.put_object(Bucket=bucket, Key="kept/note.txt", Body=text)
        storage.delete_object(Bucket=bucket, Key="kept/note.txt")
        listed = storage.list_object_versions(Bucket=bucket, Prefix="kept/")
        held.append((len(listed["Versions"]), len(listed["DeleteMarkers"])))
    tear_down(deployed.deployment)
    return held


def test_deleting_the_stacks_removes_buckets_with_every_version(
    deployed: Deployed, removed: list[tuple[int, int]]
) -> None:
    left = {bucket["Name"] for bucket in deployed.deployment.client("s3").list_buckets()["Buckets"]}

    assert removed == [(2, 1)] * len(BUCKETS)
    assert not left & {deployed.deployment.output(output) for output in BUCKETS}
