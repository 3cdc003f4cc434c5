"""Guarantees of the templates, each stated by itself: a snapshot that was accepted unread does not undo them."""

import json
from typing import Any

import pytest

from tests.stacks.permissions import may, permissions, statements
from tests.stacks.pipelines import LAMBDA_TASK, definition, tasks
from tests.stacks.resolved import Deployment

PASSING = {
    "lambda": "Lambda.TooManyRequestsException",
    "bedrock": "Bedrock.ThrottlingException",
    "ssm": "Ssm.SsmException",
}
PASSING["states"] = "StepFunctions.ExecutionLimitExceededException"
"""What each service answers when it is asked too often."""
FAILING = {
    "lambda": "Lambda.ServiceException",
    "bedrock": "Bedrock.InternalServerException",
    "ssm": "Ssm.SdkClientException",
    "states": "StepFunctions.SdkClientException",
}
"""What is answered when the service, or the way to it, fails."""
POLLED = "ClaimedByAnotherRun"
"""Waited for evenly: the turn of another run lasts as long as it lasts."""
ALARMS = {
    "RouterErrors": 0.05,
    "RouterLatency": 0.8 * 29_000,
    "DocumentsNotIndexed": 0,
    "QualityRegression": 0,
    "ProfileNotMade": 0,
    "HostingByTheHour": 0,
    "HostedModelExpired": 0,
}
TOKENS = {
    "createModelCustomizationJob": "ClientRequestToken",
    "createCustomModelDeployment": "ClientRequestToken",
    "createProvisionedModelThroughput": "ClientRequestToken",
    "createModelInvocationJob": "ClientRequestToken",
    "startExecution": "Name",
}
"""By which a call that is retried is known to be the same one."""
LIMITS = [
    f"ARBITER_{name}" for name in ("MARGIN", "MINIMUM_CASES", "MAX_LATENCY_RATIO", "MAX_COST_RATIO", "MAX_FAILURE_RATE")
]
GATE = {
    "prod": dict(zip(LIMITS, (0.0, 30, 1.5, 1.5, 0.02), strict=True)),
    "hosted": dict(zip(LIMITS, (0.2, 40, 1.4, 1.6, 0.03), strict=True)),
}
BOTH = pytest.mark.parametrize("environment", ["hosted", "everything"])


def call_of(state: dict[str, Any]) -> str:
    """The operation of a task: `createModelInvocationJob`."""
    parts = state["Resource"].removeprefix("arn:aws:states:::").removeprefix("aws-sdk:").split(":")
    return str(parts[1]).removesuffix(".sync")


def variables(deployment: Deployment, function: str) -> dict[str, str]:
    found: dict[str, str] = deployment.one("AWS::Lambda::Function", function).properties["Environment"]["Variables"]
    return found


@BOTH
@pytest.mark.parametrize("errors", [PASSING, FAILING], ids=["throttled", "failed"])
def test_every_task_is_asked_again(synthesise: Any, environment: str, errors: dict[str, str]) -> None:
    for graph, name, state in tasks(synthesise(environment)):
        service = state["Resource"].removeprefix("arn:aws:states:::").removeprefix("aws-sdk:").split(":")[0]
        retried = {error: rule for rule in state["Retry"] for error in rule["ErrorEquals"]}
        assert errors[service] in retried, f"{graph.name}.{name}"
        assert retried[errors[service]]["MaxAttempts"] >= 5, f"{graph.name}.{name}"


@BOTH
def test_pauses_between_attempts_grow_and_differ(synthesise: Any, environment: str) -> None:
    for graph, name, state in tasks(synthesise(environment)):
        for rule in (rule for rule in state["Retry"] if rule["MaxAttempts"]):
            assert 1 <= rule["IntervalSeconds"] <= rule["MaxDelaySeconds"] <= 600, f"{graph.name}.{name}"
            if rule["ErrorEquals"] != [POLLED]:
                assert (rule["BackoffRate"] >= 2, rule["JitterStrategy"]) == (True, "FULL"), f"{graph.name}.{name}"


@BOTH
def test_no_task_waits_less_than_what_it_calls_may_take(synthesise: Any, environment: str) -> None:
    deployment = synthesise(environment)
    seconds = {f.attribute("Arn"): f.properties["Timeout"] for f in deployment.resources("AWS::Lambda::Function")}
    for graph, name, state in tasks(deployment):
        if state["Resource"] == LAMBDA_TASK:
            assert state["TimeoutSeconds"] >= seconds[state["Arguments"]["FunctionName"]], f"{graph.name}.{name}"
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        limit = definition(machine)["TimeoutSeconds"]
        assert 24 * 3600 <= limit <= 10 * 24 * 3600, machine.name


@BOTH
def test_what_is_made_twice_is_made_once(synthesise: Any, environment: str) -> None:
    for graph, name, state in tasks(synthesise(environment)):
        member = TOKENS.get(call_of(state))
        if call_of(state).startswith(("create", "start")):
            assert member, f"{graph.name}.{name}"
            token = state["Arguments"][member]
            # Of what is made, not of the run alone, which makes several.
            assert token in ("{% $job.client_token %}", state["Arguments"].get("JobName")) or member == "Name", name
            assert token.startswith("{%"), f"{graph.name}.{name}"


def test_roles_are_passed_to_the_service_that_needs_them(everything: Deployment) -> None:
    passing = [p for p in permissions(everything) if p.action == "iam:PassRole"]
    assert len(passing) >= 4
    assert {p.condition for p in passing} == {"iam:PassedToService StringEquals bedrock.amazonaws.com"}
    assert all(p.resource.startswith("<") for p in passing)


@BOTH
def test_what_is_made_in_bedrock_bears_the_environments_tag(synthesise: Any, environment: str) -> None:
    """And is made of nothing that bears another's."""
    making = [
        p
        for p in permissions(synthesise(environment))
        if p.action.startswith("bedrock:Create") or p.action == "bedrock:TagResource"
    ]
    assert len({p.action for p in making}) >= 3
    for permission in making:
        if permission.role.startswith("FineTuning.Conclude"):
            continue  # It tags throughput with the time of its end, of this environment alone.
        assert permission.condition == (
            f"aws:RequestTag/arbiter:environment StringEquals {environment}"
            f" and aws:ResourceTag/arbiter:environment StringEqualsIfExists {environment}"
        ), permission


def test_the_key_is_used_through_the_services_that_hold_the_data(everything: Deployment) -> None:
    services: dict[str, set[str]] = {}
    for used in permissions(everything):
        if used.action.startswith("kms:"):
            service = used.condition.removeprefix("kms:ViaService StringEquals ").partition(".")[0]
            services.setdefault(service, set()).add(used.role)
    assert services.keys() == {"s3", "s3vectors", "dynamodb", ""}
    # Without a condition: what ingestion keeps meanwhile.
    assert services[""] == {"KnowledgeBase.DocumentsRole"}
    searching = {f"Inference.{name}Role" for name in ("Router", "Shadow")}
    searching |= {"Evaluation.EngineAnswerRole", "Edge.StreamingStreamRole"}
    assert services["s3vectors"] - searching == {"KnowledgeBase.DocumentsRole"}


def test_the_key_admits_the_indexing_of_vectors_for_this_account_alone(everything: Deployment) -> None:
    key = everything.one("AWS::KMS::Key").properties
    assert key["EnableKeyRotation"] is True
    (indexing,) = (
        s for s in statements(key["KeyPolicy"]) if s["Principal"] == {"Service": "indexing.s3vectors.amazonaws.com"}
    )
    assert indexing["Action"] == ["kms:Decrypt"]
    assert indexing["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3vectors:us-east-1:123456789012:bucket/*"},
    }


def test_alarms_ring_above_their_thresholds_and_not_for_silence(hosted: Deployment) -> None:
    found = {}
    for alarm in hosted.resources("AWS::CloudWatch::Alarm"):
        properties = alarm.properties
        assert properties["ComparisonOperator"] == "GreaterThanThreshold", alarm.name
        assert properties["TreatMissingData"] == "notBreaching", alarm.name
        assert 1 <= properties["EvaluationPeriods"] <= 3, alarm.name
        found[alarm.name.removeprefix("Operations.Alarms")] = properties["Threshold"]
    assert found == pytest.approx(ALARMS)


def test_the_budget_tells_whom_the_alarms_tell(everything: Deployment) -> None:
    budget = everything.one("AWS::Budgets::Budget").properties
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert (budget["Budget"]["BudgetType"], budget["Budget"]["TimeUnit"]) == ("COST", "MONTHLY")
    told = budget["NotificationsWithSubscribers"]
    assert {one["Notification"]["NotificationType"] for one in told} == {"ACTUAL", "FORECASTED"}
    for one in told:
        assert one["Notification"]["ComparisonOperator"] == "GREATER_THAN"
        assert (one["Notification"]["Threshold"], one["Notification"]["ThresholdType"]) == (100, "PERCENTAGE")
        assert one["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "somebody@example.com"}]


def test_ceilings_of_cost_reach_the_functions_that_keep_them(prod: Deployment) -> None:
    assert json.loads(variables(prod, "EnginePlan")["ARBITER_LIMITS"])["max_cost_usd"] == 25.0
    assert json.loads(variables(prod, "PairsPlan")["ARBITER_CEILING"]) == {"tokens": 5_000_000, "usd": 10.0}
    prepare = variables(prod, "FineTuning.Prepare")
    assert float(prepare["ARBITER_MAX_TRAINING_COST_USD"]) == 50.0
    assert int(prepare["ARBITER_MAX_TRAINING_TOKENS"]) == 50_000_000


@pytest.mark.parametrize(("environment", "given"), GATE.items())
def test_the_gate_is_given_each_of_its_limits(synthesise: Any, environment: str, given: dict[str, float]) -> None:
    limits = variables(synthesise(environment), "FineTuning.Gate").items()
    assert {name: float(value) for name, value in limits if "BUCKET" not in name} == given
    assert variables(synthesise(environment), "FineTuning.Place")["ARBITER_GATE_MODE"] == "fine_tuned"


def test_old_versions_and_unfinished_uploads_are_not_kept_for_ever(deployment: Deployment) -> None:
    for bucket in deployment.resources("AWS::S3::Bucket"):
        assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}, bucket.name
        rule, *forgetting = bucket.properties["LifecycleConfiguration"]["Rules"]
        assert len(forgetting) == (bucket.id == "ResultsBucket"), bucket.name
        assert rule["Status"] == "Enabled", bucket.name
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}, bucket.name
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}, bucket.name
        # What users bring is never expired while it is current.
        assert rule.get("ExpirationInDays") == (90 if bucket.id == "AccessLogsBucket" else None), bucket.name


def test_every_function_writes_its_own_log_alone_and_is_traced(everything: Deployment) -> None:
    granted = permissions(everything)
    for function in everything.resources("AWS::Lambda::Function"):
        role = function.properties["Role"]
        name = role.strip("<>").removesuffix(".Arn")
        group = function.properties["LoggingConfig"]["LogGroup"].removesuffix(">") + ".Arn>"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            resources = {p.resource for p in granted if p.role == name and p.action == action}
            assert resources == {group}, function.name
        assert may(everything, role, "xray:PutTraceSegments", "*"), function.name


def test_what_cannot_be_indexed_is_kept_for_two_weeks(deployment: Deployment) -> None:
    (changes,) = (q for q in deployment.resources("AWS::SQS::Queue") if "RedrivePolicy" in q.properties)
    (letters,) = (q for q in deployment.resources("AWS::SQS::Queue") if "RedrivePolicy" not in q.properties)
    assert changes.properties["RedrivePolicy"] == {
        "deadLetterTargetArn": letters.attribute("Arn"),
        "maxReceiveCount": 3,
    }
    assert letters.properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_router_has_the_time_that_its_alarm_is_reckoned_from(everything: Deployment) -> None:
    seconds = everything.one("AWS::Lambda::Function", "Router").properties["Timeout"]
    assert ALARMS["RouterLatency"] == 0.8 * (seconds * 1000)


def test_no_function_deletes_what_a_bucket_holds(deployment: Deployment) -> None:
    deleting = {p.role for p in permissions(deployment) if p.action.startswith("s3:Delete")}
    assert deleting <= {"Storage.EmptiedEmptierRole"}
