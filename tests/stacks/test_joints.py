"""Where one resource leads to another: who starts it may, a role is whole before it is used, parts know their whole."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.permissions import may, permissions, statements
from tests.stacks.pipelines import LAMBDA_TASK, tasks, without_map
from tests.stacks.resolved import Deployment, Resource
from tests.stacks.test_connections import policies_of

ENVIRONMENTS = pytest.mark.parametrize("environment", ["everything", "hosted", "managed", "dev"])
RETRIED = {
    "lambda": "ClientExecutionTimeoutException ServiceException AWSLambdaException SdkClientException "
    "TooManyRequestsException",
    "bedrock": "ThrottlingException InternalServerException ServiceUnavailableException SdkClientException",
    "ssm": "InternalServerErrorException SsmException SdkClientException",
    "states": "ExecutionLimitExceededException SfnException SdkClientException",
}
"""Service of a task -> all that may pass by itself (Lambda's: Step Functions guide, *bp-lambda-serviceexception*)."""
CLASSES = {"lambda": "Lambda", "bedrock": "Bedrock", "ssm": "Ssm", "states": "StepFunctions"}
SERVICES = set(CLASSES.values())
KILLED = {"States.TaskFailed": 2, "States.Timeout": 2}
"""Of a function that leaves no error of its own, or none at all: what it had written by then is kept."""
ALSO: dict[str, dict[str, int]] = {
    "Work": {"Throttled": 5, **KILLED},
    "LastAttempt": KILLED,
    "GeneratePairs": {
        **dict.fromkeys(("Throttled", "ModelNotReady", "ModelError", "KnowledgeBaseUnavailable"), 8),
        "DeadlineExceeded": 8,
        "Unfinished": 100,
        **KILLED,
    },
    r"\w+(Merge|Replies)": {"States.Timeout": 5},
    "Claim|Place": {"ClaimedByAnotherRun": 330},
    "Publish": {"HostUnknown": 5},
}
"""The name of a task -> what else it is asked again after, and how often; all others after nothing else."""
STARTING = {"FunctionName": "lambda:InvokeFunction", "StateMachineArn": "states:StartExecution"}
BELONGS = {
    "AWS::ApiGateway::Deployment": {"RestApiId": "<Edge.RestApi>"},
    "AWS::ApiGateway::GatewayResponse": {"RestApiId": "<Edge.RestApi>"},
    "AWS::ApiGateway::Method": {"RestApiId": "<Edge.RestApi>"},
    "AWS::ApiGateway::Model": {"RestApiId": "<Edge.RestApi>", "ContentType": "application/json"},
    "AWS::ApiGateway::RequestValidator": {"RestApiId": "<Edge.RestApi>"},
    "AWS::ApiGateway::Stage": {"RestApiId": "<Edge.RestApi>"},
    "AWS::WAFv2::WebACLAssociation": {
        "ResourceArn": "arn:aws:apigateway:us-east-1::/restapis/<Edge.RestApi>/stages/<Edge.RestApiDeploymentStagelive>"
    },
    "AWS::Lambda::EventInvokeConfig": {"FunctionName": "<Inference.ShadowFunction>", "Qualifier": "$LATEST"},
    "AWS::Lambda::Version": {"FunctionName": "<Inference.RouterFunction>"},
    "AWS::Lambda::Alias": {"FunctionName": "<Inference.RouterFunction>"},
    "AWS::Lambda::Url": {"TargetFunctionArn": "<Inference.RouterFunction.Arn>"},
    "AWS::BedrockAgentCore::GatewayTarget": {"GatewayIdentifier": "<Inference.AgentsGateway.GatewayIdentifier>"},
    "Custom::EmptiedBucket": {"ServiceToken": "<Storage.EmptiedEmptierFunction.Arn>"},
}
"""Type -> what each of its resources is a part of, or leads to."""


@ENVIRONMENTS
@pytest.mark.parametrize(
    ("kind", "member"), [("AWS::Lambda::Function", "Role"), ("AWS::StepFunctions::StateMachine", "RoleArn")]
)
def test_what_runs_waits_until_its_role_is_complete(
    synthesise: Callable[[str], Deployment], environment: str, kind: str, member: str
) -> None:
    """Lambda tries the role for tracing, Step Functions for its log; and what is new is called at once."""
    deployment = synthesise(environment)
    for resource in (one for one in deployment.resources(kind) if "Emptier" not in one.id):  # It works at the end.
        own = [p for p in policies_of(deployment, resource.properties[member]) if resource.id not in json.dumps(p.raw)]
        assert own, resource.name
        assert {policy.id for policy in own} <= set(resource.depends_on), resource.name


@ENVIRONMENTS
def test_a_function_that_is_led_to_may_be_called_from_there(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    functions = {one.attribute("Arn") for one in deployment.resources("AWS::Lambda::Function")}
    allowed = {
        (p["FunctionName"], p["Principal"], p["SourceArn"])
        for p in (one.properties for one in deployment.resources("AWS::Lambda::Permission"))
    }
    ways = set()
    for rule in deployment.resources("AWS::Events::Rule"):
        targets = {target["Arn"] for target in rule.properties["Targets"]} & functions
        ways |= {(target, "events.amazonaws.com", rule.attribute("Arn")) for target in targets}
    for method in deployment.resources("AWS::ApiGateway::Method"):
        (target,) = (arn for arn in functions if arn in method.properties["Integration"]["Uri"])
        ways.add((target, "apigateway.amazonaws.com", route(deployment, method)))
        assert method.properties["Integration"]["Type"] == "AWS_PROXY", method.name
        assert method.properties["Integration"]["IntegrationHttpMethod"] == "POST", method.name
    assert allowed == ways


def route(deployment: Deployment, method: Resource) -> str:
    """The ARN of a method as API Gateway sends it to the function."""
    parents = {one.ref: one.properties for one in deployment.resources("AWS::ApiGateway::Resource")}
    path, at = "", method.properties["ResourceId"]
    while at in parents:
        path, at = f"/{parents[at]['PathPart']}{path}", parents[at]["ParentId"]
    stage = deployment.one("AWS::ApiGateway::Stage").ref
    api = f"arn:aws:execute-api:us-east-1:123456789012:{method.properties['RestApiId']}"
    return f"{api}/{stage}/{method.properties['HttpMethod']}{path}"


@pytest.mark.parametrize("environment", ["everything", "hosted"])
def test_a_schedule_starts_what_its_role_may_start_and_nothing_else(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    schedules = list(deployment.resources("AWS::Scheduler::Schedule"))
    assert schedules
    for schedule in schedules:
        target = schedule.properties["Target"]
        role = target["RoleArn"].strip("<>").removesuffix(".Arn")
        (one,) = (p for p in permissions(deployment) if p.role == role)
        assert (one.resource, one.action in STARTING.values()) == (target["Arn"], True), schedule.name
        assert schedule.properties["FlexibleTimeWindow"] == {"Mode": "OFF"}, schedule.name
        assert isinstance(json.loads(target["Input"]), dict), schedule.name


@ENVIRONMENTS
def test_a_part_belongs_to_its_whole(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for kind, members in BELONGS.items():
        for resource in synthesise(environment).resources(kind):
            assert {name: resource.properties[name] for name in members} == members, resource.name


@pytest.mark.parametrize("environment", ["everything", "hosted"])
@pytest.mark.parametrize(("kind", "of"), [("AWS::SNS::Topic", "Topics"), ("AWS::SQS::Queue", "Queues")])
def test_a_policy_stands_on_what_it_speaks_of_and_admits_who_sends(
    synthesise: Callable[[str], Deployment], environment: str, kind: str, of: str
) -> None:
    deployment = synthesise(environment)
    arns = {
        one.ref: one.ref if kind == "AWS::SNS::Topic" else one.attribute("Arn") for one in deployment.resources(kind)
    }
    policies = list(deployment.resources(f"{kind}Policy"))
    assert sorted(one for policy in policies for one in policy.properties[of]) == sorted(arns)
    senders = [
        s for policy in policies for s in spoken(policy, arns[policy.properties[of][0]]) if s["Effect"] == "Allow"
    ]
    rules = {t["Arn"]: r for r in deployment.resources("AWS::Events::Rule") for t in r.properties["Targets"]}
    for sender in senders:
        conditions = sender["Condition"]
        assert conditions["StringEquals"] == {"aws:SourceAccount": "123456789012"}
        if sender["Principal"] == {"Service": "events.amazonaws.com"}:
            (target,) = sender["Resource"]
            assert conditions["ArnEquals"] == {"aws:SourceArn": rules[target].attribute("Arn")}


def spoken(policy: Resource, arn: str) -> Iterator[dict[str, Any]]:
    for statement in statements(policy.properties["PolicyDocument"]):
        assert statement["Resource"] == [arn], policy.name
        yield statement


@pytest.mark.parametrize("environment", ["everything", "hosted"])
def test_every_task_is_asked_again_after_all_that_may_pass(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    for graph, name, state in tasks(synthesise(environment)):
        service = state["Resource"].removeprefix("arn:aws:states:::").removeprefix("aws-sdk:").split(":")[0]
        retried = {error for rule in state["Retry"] if rule["MaxAttempts"] for error in rule["ErrorEquals"]}
        assert {f"{CLASSES[service]}.{error}" for error in RETRIED[service].split()} <= retried, f"{graph.name}.{name}"
        # What only asks is answered in seconds; what waits for an end, or calls a function, takes its own time.
        if state["Resource"] != LAMBDA_TASK and ".sync" not in state["Resource"]:
            assert 30 <= state["TimeoutSeconds"] <= 300, f"{graph.name}.{name}"


@pytest.mark.parametrize("environment", ["everything", "hosted"])
def test_a_task_is_asked_again_after_what_its_function_may_say_or_die_of(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    for graph, whole, state in tasks(synthesise(environment)):
        attempts = {error: rule["MaxAttempts"] for rule in state["Retry"] for error in rule["ErrorEquals"]}
        own = {error: most for error, most in attempts.items() if most and error.partition(".")[0] not in SERVICES}
        name = without_map(whole)
        expected = next((also for pattern, also in ALSO.items() if re.fullmatch(pattern, name)), {})
        assert own == expected, f"{graph.name}.{name}"


@pytest.mark.parametrize("environment", ["everything", "hosted"])
def test_an_alarm_is_one_figure_of_all_that_it_reads(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for alarm in synthesise(environment).resources("AWS::CloudWatch::Alarm"):
        several = alarm.properties.get("Metrics", [])
        figures = [one for one in several if one.get("ReturnData", True)]
        for one in several or [alarm.properties]:
            metric = {**one, **one.get("MetricStat", {}), **one.get("MetricStat", {}).get("Metric", {})}
            assert metric.get("Period", 300) == 300, alarm.name
            own = [d["Value"] for d in metric.get("Dimensions", ()) if d["Name"] == "Environment"]
            assert own == [environment] * (metric.get("Namespace") == "Arbiter"), alarm.name
        if several:
            ((figure,), read) = figures, {one["Id"] for one in several if "MetricStat" in one}
            assert set(re.findall(r"\b[a-z]\w*\b", figure["Expression"])) == read, alarm.name


@ENVIRONMENTS
def test_whatever_bears_tags_bears_the_environments(synthesise: Callable[[str], Deployment], environment: str) -> None:
    own = {"arbiter:environment": environment, **({"team": "search"} if environment == "everything" else {})}
    bearing, bare = set(), set()
    for resource in synthesise(environment).resources():
        tags = resource.properties.get("Tags", resource.properties.get("ResourceTags"))
        (bare if tags is None else bearing).add(resource.type)
        if tags is not None:
            assert (tags if isinstance(tags, dict) else {t["Key"]: t["Value"] for t in tags}) == own, resource.name
    assert bearing & bare == set()


def test_agents_come_in_by_their_signature_and_to_the_router_alone(everything: Deployment) -> None:
    target = everything.one("AWS::BedrockAgentCore::GatewayTarget").properties
    gateway = everything.one("AWS::BedrockAgentCore::Gateway").properties
    assert target["CredentialProviderConfigurations"] == [{"CredentialProviderType": "GATEWAY_IAM_ROLE"}]
    assert (gateway["AuthorizerType"], gateway["ProtocolType"]) == ("AWS_IAM", "MCP")
    assert may(
        everything,
        gateway["RoleArn"],
        "lambda:InvokeFunction",
        target["TargetConfiguration"]["Mcp"]["Lambda"]["LambdaArn"],
    )
