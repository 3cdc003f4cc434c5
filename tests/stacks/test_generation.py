"""Generation: its functions read documents and write runs, and no more; its pipeline resumes and names its failures."""

import pytest

from arbiter.generation import generator
from stacks.constructs.generation.pipeline import FAILURES, PASSING
from tests.stacks import pipelines
from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment


def granted(deployment: Deployment, role: str) -> set[str]:
    """What a role may do beyond logging and tracing: action and resource."""
    return {
        f"{p.action} on {p.resource.replace('<Storage.', '').replace('<KnowledgeBase.', '')}"
        for p in permissions(deployment)
        if p.role == f"Generation.{role}" and not p.action.startswith(("logs:", "xray:"))
    }


VERIFIER = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
MODELS = {
    "bedrock:InvokeModel on arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    f"bedrock:InvokeModel on arn:aws:bedrock:us-east-1:123456789012:inference-profile/{VERIFIER}",
    f"bedrock:InvokeModel on arn:aws:bedrock:*::foundation-model/{VERIFIER.removeprefix('us.')}",
}
RUNS = {
    "s3:GetObject on ResultsBucket.Arn>/generation/*",
    "s3:PutObject on ResultsBucket.Arn>/generation/*",
    "s3:ListBucket on ResultsBucket.Arn>",
}
SEARCH = "bedrock:Retrieve on DocumentsKnowledgeBase.KnowledgeBaseArn>"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("PairsPlanRole", {*RUNS, *MODELS, "s3:ListBucket on DocumentsBucket.Arn>", SEARCH}),
        ("PairsGenerateRole", {*RUNS, *MODELS, "s3:GetObject on DocumentsBucket.Arn>/*", SEARCH}),
        ("PairsCollectRole", RUNS),
    ],
)
def test_a_function_may_do_exactly_this(prod: Deployment, role: str, expected: set[str]) -> None:
    assert granted(prod, role) == expected


def test_the_pipeline_calls_its_functions_and_reads_its_plans(prod: Deployment) -> None:
    machine = prod.one("AWS::StepFunctions::StateMachine", "Generation")
    lines = granted(prod, "PairsPipelineRole")
    functions = {f.attribute("Arn") for f in prod.resources("AWS::Lambda::Function") if f.stack == "Generation"}

    assert len(functions) == 3
    assert {f"lambda:InvokeFunction on {arn}" for arn in functions} <= lines
    others = {line for line in lines if not line.startswith("lambda:")}
    assert {line.split(" on ")[0] for line in others} == {
        "s3:GetObject",
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
    }
    assert f"states:StartExecution on {machine.ref}" in others


def test_the_results_are_listed_below_the_runs_alone(prod: Deployment) -> None:
    conditions = {
        p.condition
        for p in permissions(prod)
        if p.role.startswith("Generation.") and p.action == "s3:ListBucket" and "Results" in p.resource
    }
    assert conditions
    assert all("s3:prefix StringLike generation/*" in condition for condition in conditions)


def test_every_named_failure_is_an_end(prod: Deployment) -> None:
    states = pipelines.definition(prod.one("AWS::StepFunctions::StateMachine", "Generation"))["States"]
    ends = {name for name, state in states.items() if state["Type"] == "Fail"}
    assert ends == set(FAILURES)


def test_a_documents_work_goes_on_after_throttling_time_and_death(prod: Deployment) -> None:
    states = pipelines.definition(prod.one("AWS::StepFunctions::StateMachine", "Generation"))["States"]
    (step,) = (s for s in states["Generate"]["ItemProcessor"]["States"].values() if s["Type"] == "Task")
    attempts = {error: rule["MaxAttempts"] for rule in step["Retry"] for error in rule["ErrorEquals"]}

    assert attempts["Unfinished"] >= 100
    assert all(attempts[error] >= 5 for error in PASSING)
    assert attempts["States.TaskFailed"] > 0
    assert step["TimeoutSeconds"] > 900


def test_a_quota_of_the_day_is_not_retried_and_has_a_name(prod: Deployment) -> None:
    states = pipelines.definition(prod.one("AWS::StepFunctions::StateMachine", "Generation"))["States"]
    inside = states["Generate"]["ItemProcessor"]["States"]
    (step,) = (s for s in inside.values() if s["Type"] == "Task")
    assert step["Retry"][0] == {"ErrorEquals": ["DailyQuota"], "MaxAttempts": 0}
    assert step["Catch"][0] == {"ErrorEquals": ["DailyQuota"], "Next": "DailyQuotaReachedOfDocuments"}
    assert inside["DailyQuotaReachedOfDocuments"]["Error"] == "DailyQuotaReached"


def test_the_pipeline_retries_what_the_function_lets_pass() -> None:
    assert {error.__name__ for error in generator.PASSING} == set(PASSING)


def test_what_begins_or_goes_on_says_so_to_who_tries_the_models(prod: Deployment) -> None:
    plan = pipelines.definition(prod.one("AWS::StepFunctions::StateMachine", "Generation"))["States"]["Plan"]
    assert plan["Arguments"]["Payload"] == "{% $merge([$states.input, {'begins': true}]) %}"


def test_the_map_goes_over_the_plan_as_wide_as_it_is_set(prod: Deployment) -> None:
    states = pipelines.definition(prod.one("AWS::StepFunctions::StateMachine", "Generation"))["States"]
    assert states["Generate"]["MaxConcurrency"] == 5
    assert states["Generate"]["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert states["Generate"]["ItemReader"]["Arguments"]["Bucket"] == "<Storage.ResultsBucket>"
