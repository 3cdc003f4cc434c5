"""The evaluation: each function may do its own part and nothing else, and its maps carry no text."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.constructs.evaluation.calibration import calibration_states
from stacks.constructs.evaluation.map_states import THROTTLED_ATTEMPTS
from stacks.constructs.evaluation.pipeline import EvaluationPipeline
from tests.stacks import pipelines
from tests.stacks.permissions import Permission, permissions, trusts
from tests.stacks.resolved import Deployment

MODEL = "bedrock:InvokeModel"


def of(deployment: Deployment, role: str) -> list[Permission]:
    return [p for p in permissions(deployment) if p.role.startswith(f"Evaluation.{role}")]


def models(deployment: Deployment, role: str) -> set[str]:
    """The names of the models that a role may call, wherever they run."""
    return {p.resource.rsplit("/", 1)[-1] for p in of(deployment, role) if p.action == MODEL}


def objects(deployment: Deployment, role: str, action: str) -> set[str]:
    """Where in which bucket a role may do something."""
    return {p.resource.split("/", 1)[-1] for p in of(deployment, role) if p.action == action}


def test_who_judges_calls_the_judges_and_sees_neither_documents_nor_training_data(prod: Deployment) -> None:
    claude, llama = "anthropic.claude-haiku-4-5-20251001-v1:0", "meta.llama3-3-70b-instruct-v1:0"
    assert models(prod, "EngineJudge") == {claude, llama, f"us.{claude}", f"us.{llama}"}
    actions = {p.action for p in of(prod, "EngineJudge")}
    assert actions == {
        MODEL, "s3:GetObject", "s3:PutObject", "s3:ListBucket", "logs:CreateLogStream", "logs:PutLogEvents",
        "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    }  # fmt: skip
    assert objects(prod, "EngineJudge", "s3:GetObject") == {"evaluations/*"}
    assert objects(prod, "EngineJudge", "s3:PutObject") == {
        f"evaluations/*/{kind}/*" for kind in ("verdicts", "pairs", "condensed")
    }


def test_who_answers_calls_the_models_of_the_router_and_writes_answers_alone(prod: Deployment) -> None:
    router = {p.resource.rsplit("/", 1)[-1] for p in permissions(prod) if "RouterRole" in p.role and p.action == MODEL}
    assert models(prod, "EngineAnswer") == router
    assert objects(prod, "EngineAnswer", "s3:PutObject") == {"evaluations/*/answers/*"}
    assert "bedrock:Retrieve" in {p.action for p in of(prod, "EngineAnswer")}
    assert not any(p.action.startswith("ssm:") for p in of(prod, "EngineAnswer"))


def test_who_plans_reads_pointers_and_training_sets_and_tries_models(prod: Deployment) -> None:
    actions = {p.action for p in of(prod, "EnginePlan")}
    assert {action for action in actions if action.startswith("bedrock:")} == {
        "bedrock:InvokeModel",
        "bedrock:GetCustomModelDeployment",
        "bedrock:GetProvisionedModelThroughput",
        "bedrock:ListTagsForResource",
    }
    assert objects(prod, "EnginePlan", "s3:GetObject") == {"evaluations/*", "datasets/*", "training/*"}
    parameters = {p.resource.rsplit("/", 1)[-1] for p in of(prod, "EnginePlan") if p.action == "ssm:GetParameter"}
    assert parameters == {"<Storage.TunedModelCandidate>", "<Storage.TunedModelInService>"}


def test_the_pipeline_itself_reads_where_the_cases_lie_and_no_case(prod: Deployment) -> None:
    assert objects(prod, "PipelineRole", "s3:GetObject") == {"evaluations/*/batches.jsonl*"}
    assert objects(prod, "PipelineRole", "s3:PutObject") == set()
    called = {p.resource for p in of(prod, "PipelineRole") if p.action == "lambda:InvokeFunction"}
    assert not any("Router" in function for function in called)


def states(deployment: Deployment) -> dict[str, Any]:
    machine = deployment.one("AWS::StepFunctions::StateMachine", "Evaluation")
    found: dict[str, Any] = pipelines.definition(machine)["States"]
    return found


@pytest.mark.parametrize("name", ["Answer", "Judge"])
def test_one_bad_batch_never_ends_a_run(prod: Deployment, name: str) -> None:
    state = states(prod)[name]
    assert state["ToleratedFailurePercentage"] == 100
    assert state["MaxConcurrency"] == 5
    assert state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"


@pytest.mark.parametrize("name", ["Answer", "Judge"])
def test_throttling_is_retried_apart_and_the_last_attempt_knows_that_it_is(prod: Deployment, name: str) -> None:
    label, inside = states(prod)[name]["Label"], states(prod)[name]["ItemProcessor"]["States"]
    work, last = (inside[f"{one}Of{label}"] for one in ("Work", "LastAttempt"))
    (patience,) = [rule for rule in work["Retry"] if rule["ErrorEquals"] == ["Throttled"]]
    assert (patience["MaxAttempts"], patience["IntervalSeconds"]) == (THROTTLED_ATTEMPTS, 30)
    names = [error for rule in work["Retry"] for error in rule["ErrorEquals"]]
    assert names.index("Throttled") < names.index("States.TaskFailed")
    (caught,) = [rule for rule in work["Catch"] if rule["ErrorEquals"] == ["Throttled"]]
    assert caught == {"ErrorEquals": ["Throttled"], "Output": "{% $states.input %}", "Next": f"LastAttemptOf{label}"}
    assert {**work["Arguments"]["Payload"], "last": True} == last["Arguments"]["Payload"]
    assert "Throttled" not in {error for rule in [*last["Retry"], *last["Catch"]] for error in rule["ErrorEquals"]}
    assert (last["Next"], last["Output"]) == (work["Next"], work["Output"])


@pytest.mark.parametrize(("name", "then"), [("Answer", "AnswersStopped"), ("Judge", "VerdictsStopped")])
def test_a_quota_of_the_day_is_not_retried_and_ends_the_run_by_its_name(prod: Deployment, name: str, then: str) -> None:
    state = states(prod)[name]
    work, quota = (state["ItemProcessor"]["States"][f"{one}Of{state['Label']}"] for one in ("Work", "QuotaReached"))
    assert work["Retry"][0] == {"ErrorEquals": ["DailyQuota"], "MaxAttempts": 0}
    assert work["Catch"][0] == {"ErrorEquals": ["DailyQuota"], "Next": f"QuotaReachedOf{state['Label']}"}
    assert (quota["Output"], quota["End"]) == ("{% 0 %}", True)
    assert state["Next"] == then
    assert states(prod)[then]["Choices"] == [
        {"Condition": "{% $states.input.quota_reached %}", "Next": "DailyQuotaReached"}
    ]
    ends = states(prod)["DailyQuotaReached"]
    assert "after the next 00:00 UTC" in ends["Cause"]


def test_every_failure_of_an_evaluation_has_a_name(prod: Deployment) -> None:
    ends = {name: state["Error"] for name, state in states(prod).items() if state["Type"] == "Fail"}
    names = {"EvaluationRejected", "PlanFailed", "AnswersFailed", "VerdictsFailed", "SummaryFailed"}
    names |= {"DailyQuotaReached"}
    assert ends == {name: name for name in names}


def test_a_schedule_starts_the_standing_evaluation_under_a_name_of_its_own(hosted: Deployment) -> None:
    schedule = hosted.one("AWS::Scheduler::Schedule", "Evaluation.Standing").properties
    assert schedule["ScheduleExpression"] == "rate(7 days)"
    order = json.loads(schedule["Target"]["Input"])
    assert order["cases_key"] == "evaluations/standing/cases.jsonl"
    assert order["run"] == "at-<aws.scheduler.execution-id>"
    assert schedule["Target"]["Arn"] == hosted.one("AWS::StepFunctions::StateMachine", "Evaluation").ref


def test_the_schedule_may_start_the_evaluation_and_nothing_else(hosted: Deployment) -> None:
    machine = hosted.one("AWS::StepFunctions::StateMachine", "Evaluation")
    assert [(p.action, p.resource) for p in of(hosted, "Standing")] == [("states:StartExecution", machine.ref)]
    (condition,) = [
        s["Condition"]
        for r, s in trusts(hosted)
        if r.stack == "Evaluation" and s["Principal"]["Service"] == "scheduler.amazonaws.com"
    ]
    assert condition["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    group = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"
    assert condition["ArnLike"] == {"aws:SourceArn": group}


def test_a_further_model_may_be_called_by_the_evaluation_and_not_by_the_router(hosted: Deployment) -> None:
    further = "amazon.nova-lite-v1:0"
    assert further in models(hosted, "EngineAnswer")
    assert not any(p.role == "Inference.RouterRole" and p.resource.endswith(further) for p in permissions(hosted))


def test_without_a_schedule_nothing_starts_by_itself(synthesise: Callable[[str], Deployment]) -> None:
    schedules = synthesise("prod").resources("AWS::Scheduler::Schedule")
    # Of what ends hosting by the hour, and of nothing else.
    assert [schedule.name for schedule in schedules] == ["FineTuning.HostingExpirySchedule"]


def test_a_run_is_calibrated_on_after_its_summary_and_none_the_worse_where_that_fails() -> None:
    functions = dict.fromkeys(("plan_function", "answer_function", "judge_function", "summarise_function"), "arn")
    states = calibration_states("arn:calibrate", "cost")
    pipeline = EvaluationPipeline(**functions, results_bucket="results", concurrency=1, calibrating=states).definition()

    assert pipeline["States"]["Summarise"]["Next"] == "Calibrate"
    calibrate = pipeline["States"]["Calibrate"]
    assert calibrate["Arguments"]["Payload"] == {"run": "{% $states.input.run %}", "prefer": "cost"}
    assert calibrate["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "Next": "NotCalibrated", "Output": "{% $states.input %}"}
    ]
    assert pipeline["States"]["NotCalibrated"]["End"]
    plain = EvaluationPipeline(**functions, results_bucket="results", concurrency=1).definition()
    assert plain["States"]["Summarise"]["End"]
