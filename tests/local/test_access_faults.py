"""An account without access to a model, or without tokens left: nothing is bought, and a sentence says what to do."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.core.errors import CliError
from cli.evaluation.run import evaluate
from cli.generation.run import generate
from cli.sync.synchronise import sync
from cli.training.run import train
from tests.local.deployed import Deployed
from tests.local.faults import Faults, faults_of
from tests.local.training_runs import pairs

pytestmark = pytest.mark.local

JUDGE = "claude-haiku"
"""A judge that verifies pairs, too: every command needs it."""
FIRST_USE = "an administrator sends Anthropic's first-use form once, with `aws bedrock put-use-case-for-model-access "
SUBSCRIPTION = "subscribes it by a first call, `aws bedrock-runtime converse --model-id us.anthropic.claude-haiku"
SUCCESSOR = "an administrator names its successor (Bedrock user guide, model-lifecycle) in cdk.json and deploys."
TOMORROW = "00:00 UTC, or have a higher quota granted (Service Quotas, Amazon Bedrock)."
CASES = 9

Command = Callable[[Deployed, Path, str], object]


def asked_pairs(deployed: Deployed, folder: Path, run: str) -> object:
    out = folder / f"{run}.jsonl"
    deployment = deployed.deployment
    return generate(deployment, purpose="training", pairs=6, out=out, run=run, confirm=lambda estimate: True)


def evaluated(deployed: Deployed, folder: Path, run: str) -> object:
    return evaluate(deployed.deployment, folder / "cases.jsonl", modes=["base"], run=run)


def trained(deployed: Deployed, folder: Path, run: str) -> object:
    file, cases = folder / "train.jsonl", folder / "cases.jsonl"
    return train(deployed.deployment, file, run=run, gate=cases)


@pytest.fixture(scope="module")
def folder(deployed: Deployed, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions and training data, beside a deployment that holds the examples' documents."""
    assert sync(deployed.deployment, root / "examples" / "documents").complete
    folder = tmp_path_factory.mktemp("files")
    lines = [json.dumps({"question": f"How far is number {n}?", "reference": "Far."}) for n in range(CASES)]
    (folder / "cases.jsonl").write_text("\n".join(lines))
    (folder / "train.jsonl").write_text("\n".join(pairs("the access sign")))
    return folder


@pytest.fixture
def faults(deployed: Deployed) -> Iterator[Faults]:
    with faults_of(deployed.aws) as ordered:
        yield ordered


def written(deployed: Deployed, prefix: str) -> dict[str, int]:
    """How often each object below a prefix was written: the bucket keeps every version."""
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    counts = dict[str, int]()
    for item in storage.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", ()):
        counts[item["Key"]] = counts.get(item["Key"], 0) + 1
    return counts


def bought(deployed: Deployed, run: str) -> list[str]:
    """The answers, verdicts and pairs of a run, and every training of the account."""
    records = [f"evaluations/{run}/answers/", f"evaluations/{run}/verdicts/", f"generation/{run}/drafts/"]
    jobs = deployed.deployment.client("bedrock").list_model_customization_jobs()["modelCustomizationJobSummaries"]
    return [key for prefix in records for key in written(deployed, prefix)] + [job["jobName"] for job in jobs]


@pytest.mark.parametrize("command", [evaluated, asked_pairs, trained])
@pytest.mark.parametrize(
    ("fault", "advice"), [("form", FIRST_USE), ("marketplace", SUBSCRIPTION), ("legacy", SUCCESSOR), ("day", TOMORROW)]
)
def test_without_access_nothing_is_bought_and_an_administrator_is_told_what_to_do(
    deployed: Deployed, folder: Path, faults: Faults, command: Command, fault: str, advice: str
) -> None:
    run = f"{command.__name__.replace('_', '-')}-{fault}"
    if fault == "day":
        faults.exhaust_the_day(JUDGE)
    else:
        faults.withhold(fault, JUDGE)
    with pytest.raises(CliError) as refused:
        command(deployed, folder, run)

    told, *below = str(refused.value).split("\n")
    assert advice in told
    assert JUDGE in told
    assert [line.split()[0] for line in below] == ["AWS:"], "one sentence, and the cause below it"
    assert bought(deployed, run) == []


def test_without_access_to_the_base_model_nothing_is_trained_with_no_gate_either(
    deployed: Deployed, folder: Path, faults: Faults
) -> None:
    faults.withhold("legacy", "nova-micro")
    with pytest.raises(CliError, match=re.escape(SUCCESSOR)):
        train(deployed.deployment, folder / "train.jsonl", run="legacy-base")
    assert bought(deployed, "legacy-base") == []


@pytest.mark.parametrize(
    ("fault", "model", "advice"),
    [
        ("marketplace", "cohere.rerank", "by a first call, `aws bedrock-runtime invoke-model --model-id cohere.rerank"),
        ("legacy", "titan-embed", SUCCESSOR),
    ],
)
def test_without_what_embeds_or_reranks_no_answer_is_bought(
    deployed: Deployed, folder: Path, faults: Faults, fault: str, model: str, advice: str
) -> None:
    faults.withhold(fault, model)
    cases, run = folder / "cases.jsonl", f"search-{fault}"
    with pytest.raises(CliError, match=re.escape(advice)):
        evaluate(deployed.deployment, cases, modes=["base", "rag"], retrieval=["rerank=true"], run=run)
    assert bought(deployed, run) == []
    assert evaluate(deployed.deployment, cases, modes=["base"], run=f"{run}-base").complete


def test_an_evaluation_that_reaches_the_days_quota_goes_on_the_next_day_and_buys_nothing_twice(
    deployed: Deployed, folder: Path, faults: Faults
) -> None:
    faults.exhaust_the_day(JUDGE, after=4)
    with pytest.raises(CliError) as ended:
        evaluated(deployed, folder, "quota")
    faults.clear()
    assert "DailyQuotaReached: The account's quota of the day" in str(ended.value)
    assert "go on after the next 00:00 UTC" in str(ended.value)
    assert "the same command with --run quota goes on with it" in str(ended.value)
    result = evaluate(deployed.deployment, folder / "cases.jsonl", run="quota")

    assert result.complete
    assert set(written(deployed, "evaluations/quota/answers/").values()) == {1}
    failures = result.summary["judges_agreement"]["failures"]
    assert list(failures.values()) == [{}, {}]


def test_a_generation_that_reaches_the_days_quota_goes_on_the_next_day(
    deployed: Deployed, folder: Path, faults: Faults
) -> None:
    faults.exhaust_the_day(JUDGE, after=2)
    with pytest.raises(CliError) as ended:
        asked_pairs(deployed, folder, "day")
    assert "DailyQuotaReached: The account's quota of the day" in str(ended.value)
    assert "the same command with --run day goes on with it" in str(ended.value)
    made = written(deployed, "generation/day/")
    with pytest.raises(CliError, match="GenerationRejected: The account's quota of the day"):
        asked_pairs(deployed, folder, "day")
    assert written(deployed, "generation/day/") == made, "what goes on the same day buys nothing"
    faults.clear()
    asked_pairs(deployed, folder, "day")


def test_a_new_account_whose_functions_are_all_at_work_fails_no_batch(
    deployed: Deployed, folder: Path, faults: Faults
) -> None:
    faults.throttle_functions("EngineAnswer", times=7)
    result = evaluate(deployed.deployment, folder / "cases.jsonl", modes=["base"], run="busy")

    assert faults.counts()[0][1] == 7
    assert (result.complete, result.problem) == (True, None)
