"""An evaluation's summary is what anybody computes from its records, and nothing of either outlives the stacks."""

import json
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from cli.core.function import call
from cli.evaluation.run import evaluate
from tests.local.consoled import look_at_the_console
from tests.local.deployed import Deployed
from tests.local.evaluated import ABSENT, ARMS, BIG, Run, evaluated, prompting_of
from tests.local.tear_down import tear_down

pytestmark = pytest.mark.local

BUCKETS = ("DocumentsBucketName", "TrainingBucketName", "ResultsBucketName")
CRITERIA = ("accuracy", "completeness", "relevance", "clarity", "faithfulness")


@pytest.fixture(scope="module")
def run(deployed: Deployed, few_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An evaluation in all four modes by two judges, with some documents missing and a question of 100 KB."""
    return evaluated(deployed, few_examples, tmp_path_factory.mktemp("cases"))


def test_each_case_leaves_a_record_in_each_arm(run: Run) -> None:
    folder = f"evaluations/{run.result.run}"
    answers = {f"{folder}/answers/{case['id']}/{arm}.json": (case, arm) for case in run.cases for arm in ARMS}
    pairs = {
        f"{folder}/pairs/{case['id']}/{a}--{b}.json"
        for case in run.cases
        for index, a in enumerate(ARMS)
        for b in ARMS[index + 1 :]
        if case != BIG
    }
    verdicts = {key.replace("/answers/", "/verdicts/") for key, (case, _) in answers.items() if case != BIG}

    batches = {key for key in run.objects if key.startswith((f"{folder}/condensed/", f"{folder}/routing/"))}
    assert run.objects.keys() - batches == {*answers, *verdicts, *pairs, f"{folder}/run.json", f"{folder}/summary.json"}
    condensed = [case for key in batches for case in run.objects[key].get("cases", ())]
    assert sorted(condensed) == sorted(case["id"] for case in run.cases)
    for key, (case, arm) in answers.items():
        record = run.objects[key]
        assert (record["run"], record["case"], record["arm"]) == (run.result.run, case, arm)
        assert ("response" in record) != ("error" in record)


def test_auto_is_measured_by_the_answers_of_what_it_chose(deployed: Deployed, run: Run) -> None:
    auto, choices = (
        run.result.summary["auto"],
        [one for record in run.records("routing/answers") for one in record["decisions"]],
    )
    scores = {
        (record["case_id"], record["arm"]): mean(verdict["score"] for verdict in record["verdicts"])
        for record in run.records("verdicts")
    }
    expected = [scores[one["case"], one["mode"]] for one in choices if one["case"] != BIG["id"]]

    assert sorted(one["case"] for one in choices) == sorted(case["id"] for case in run.cases)
    assert (auto["routed"], auto["n"], auto["unmeasured"]) == (len(run.cases), len(expected), 0)
    assert auto["mean"] == pytest.approx(mean(expected))
    assert run.result.summary["conclusion"][-1].startswith("auto chose ")
    told = call(deployed.deployment, "CalibrateFunctionArn", {"run": run.result.run})
    assert (told["published"], told["questions"], told["thresholds"]) == (False, len(expected), None)
    assert call(deployed.deployment, "CalibrateFunctionArn", {"rollback": True}) == {"in_force": {}}


def test_a_case_of_100_kilobytes_is_a_failure_by_name_and_the_others_are_answered(run: Run) -> None:
    rows = {row["name"]: row for row in run.result.summary["arms"]}
    for arm in ARMS:
        assert rows[arm]["failed"] == {"invalid_request": 1}
        # The stand-in does not know what no document tells it: that is an answer, too.
        assert rows[arm]["answered"] + rows[arm]["abstained"] == len(run.cases) - 1
        assert rows[arm]["missing"] == 0


def test_every_verdict_of_every_judge_is_there_once(run: Run) -> None:
    judges = run.objects[f"evaluations/{run.result.run}/run.json"]["judges"]
    assert len(judges) == 2
    for record in run.records("verdicts"):
        assert [verdict["judge"] for verdict in record["verdicts"]] == judges
        assert all(0 <= verdict["score"] <= 10 for verdict in record["verdicts"])
        assert all(verdict["reason"] for verdict in record["verdicts"])
    for record in run.records("pairs"):
        assert [(one["judge"], one["order"]) for one in record["verdicts"]] == [
            (judge, order) for judge in judges for order in ("ab", "ba")
        ]


def test_faithfulness_is_judged_where_there_is_something_to_be_faithful_to(run: Run) -> None:
    for record in run.records("verdicts"):
        grounded = record["arm"] in ("rag", "combined")
        assert all((verdict["scores"]["faithfulness"] is not None) == grounded for verdict in record["verdicts"])


@pytest.mark.parametrize("arm", ARMS)
def test_the_summary_is_what_the_records_add_up_to(arm: str, run: Run) -> None:
    summary = run.objects[f"evaluations/{run.result.run}/summary.json"]
    assert summary == run.result.summary
    (row,) = [row for row in summary["arms"] if row["name"] == arm]

    answers = [record for record in run.records("answers") if record["arm"] == arm]
    given = [record["response"] for record in answers if "response" in record]
    assert row["tokens"]["input"] == sum(answer["usage"]["input_tokens"] for answer in given)
    assert row["tokens"]["output"] == sum(answer["usage"]["output_tokens"] for answer in given)
    assert row["latency_ms"]["total"]["median"] == pytest.approx(median(a["latency_ms"]["total"] for a in given))
    assert row["degraded"] == sum(len(answer["degraded"]) > 0 for answer in given)
    costs = [answer["cost_usd"] for answer in given]
    expected = None if None in costs else pytest.approx(sum(costs))
    assert (row["cost"] or {}).get("total_usd") == expected
    _check_quality(row, [record for record in run.records("verdicts") if record["arm"] == arm])
    _check_citations(row, [record for record in answers if "response" in record])


def _check_quality(row: dict[str, Any], verdicts: list[dict[str, Any]]) -> None:
    scores = [mean(verdict["score"] for verdict in record["verdicts"]) for record in verdicts]
    assert row["quality"]["n"] == len(scores)
    assert row["quality"]["mean"] == pytest.approx(mean(scores))
    assert row["quality"]["median"] == pytest.approx(median(scores))
    low, high = row["quality"]["interval"]
    assert low <= mean(scores) <= high
    for name in CRITERIA:
        told = [verdict["scores"][name] for record in verdicts for verdict in record["verdicts"]]
        expected = None if None in told else pytest.approx(mean(told))
        assert row["quality"]["criteria"][name] == expected


def _check_citations(row: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    citable = [
        (record["case"]["document"], [citation["uri"] for citation in record["response"]["citations"]])
        for record in answers
        if record["mode"] in ("rag", "combined") and record["case"].get("document")
    ]
    cited = sum(any(uri.endswith(f"/{document}") for uri in uris) for document, uris in citable)
    assert (row["citations"]["citable"], row["citations"]["cited"]) == (len(citable), cited)


def test_the_run_holds_what_the_sums_are_about(run: Run) -> None:
    rows, answerable = {row["name"]: row for row in run.result.summary["arms"]}, len(run.cases) - 1

    assert rows["rag"]["citations"]["citable"] == answerable
    assert rows["rag"]["citations"]["cited"] == answerable - ABSENT
    assert rows["base"]["tokens"]["output"] > 0
    assert run.result.estimate is not None
    assert run.result.estimate.answers == len(run.cases) * len(ARMS)
    tuned = [record["response"]["model"] for record in run.records("answers") if record["arm"] == "fine_tuned"
             and "response" in record]  # fmt: skip
    assert {model.split(":")[5].split("/")[0] for model in tuned} == {"custom-model-deployment"}


def test_prompts_and_limits_are_arms(deployed: Deployed, run: Run, tmp_path: Path) -> None:
    (file := tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in run.cases[ABSENT:-1][:2]))
    sets = {"prompting": ("few_shot", "house"), "limits": ("default", "max_cost_usd=0.0000001")}
    found = evaluate(deployed.deployment, file, modes=("base",), **sets)  # type: ignore[arg-type]
    rows = {row["name"]: row for row in found.summary["arms"]}

    assert list(rows) == [f"base.{name}{most}" for name in sets["prompting"] for most in ("", ".usd-1e-07")]
    for name, row in rows.items():
        assert row["failed"] == ({"cost_limit_exceeded": 2} if "usd" in name else {})
    told = [prompting_of(deployed, found.run, case["id"], f"base.{name}") for case in run.cases[ABSENT:-1][:2]
            for name in sets["prompting"]]  # fmt: skip
    assert [(one["technique"], one["examples"] > 0) for one in told] == [("few_shot", True), ("house", True)] * 2


def test_the_console_asks_goes_on_rates_and_opens_the_report(deployed: Deployed, run: Run) -> None:
    look_at_the_console(deployed.deployment, run.result.run, ARMS)


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
