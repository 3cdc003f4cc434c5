"""Connections of resources: each function may use what it connects to, each watcher watches what is there."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.permissions import may, permissions
from tests.stacks.pipelines import graphs
from tests.stacks.resolved import Deployment, Resource

HANDLERS = Path("lambda/arbiter/handlers")
SERVICES = {
    **dict.fromkeys(("BatchJobs", "CustomModels", "Customization", "EvaluationJobs"), "bedrock:"),
    "Parameters": "ssm:",
}
"""Adapters that need no address -> the service that they call."""
OF_ANOTHER = ("DATA_SOURCE_ID",)
"""Variables of what is permitted by the ARN of what it belongs to."""
DIMENSIONS = {
    "AWS/ApiGateway": ({"ApiName"}, {"ApiName", "Stage"}),
    "AWS/Lambda": ({"FunctionName"}, {"FunctionName", "Resource"}),
    "AWS/SQS": ({"QueueName"},),
}
"""By which each service publishes (API Gateway, Lambda and SQS guides, metrics and dimensions): by any other an alarm
reads nothing, and is silent."""
DELIVERY = [
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
]
"""Step Functions guide, *cw-logs*."""
ENVIRONMENTS = pytest.mark.parametrize("environment", ["everything", "hosted", "managed"])


def connected(module: str, root: Path) -> Iterator[tuple[str, list[str]]]:
    """Adapters that a handler connects, each with the variables that it gives them as addresses."""
    for call in ast.walk(ast.parse((root / HANDLERS / f"{module}.py").read_text())):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
        ):
            given = [one.attr for one in call.args if isinstance(one, ast.Attribute)]
            yield call.func.value.id, [f"ARBITER_{name.upper()}" for name in given]


def module_of(function: Resource) -> str:
    """The handler's module; a function that is started by a script serves the module of the script's name."""
    handler = function.properties["Handler"]
    return str(handler.removeprefix("arbiter.handlers.").partition(".")[0])


def stem(value: str) -> str:
    """The beginning of every reference to a resource: `<Stack.LogicalId`."""
    return ".".join(value.rstrip(">").split(".")[:2])


@ENVIRONMENTS
def test_a_function_may_use_what_it_connects_to(synthesise: Any, environment: str, root: Path) -> None:
    deployment, looked_at = synthesise(environment), 0
    granted = permissions(deployment)
    for function in deployment.resources("AWS::Lambda::Function"):
        variables = function.properties.get("Environment", {"Variables": {}})["Variables"]
        own = [p for p in granted if p.role == function.properties["Role"].strip("<>").removesuffix(".Arn")]
        for adapter, addresses in connected(module_of(function), root):
            service = SERVICES.get(adapter, "")
            assert any(p.action.startswith(service) for p in own), f"{function.name}: {adapter}"
            for address in addresses:
                named = str(variables.get(address, ""))
                if named.startswith("<") and not address.endswith(OF_ANOTHER):
                    looked_at += 1
                    used = [p for p in own if re.match(rf"{re.escape(stem(named))}\b", p.resource)]
                    assert used, f"{function.name}: {address}"
    assert looked_at >= 15


@ENVIRONMENTS
def test_an_ended_execution_is_heard_of_by_the_stack_that_began_it(synthesise: Any, environment: str) -> None:
    deployment = synthesise(environment)
    machines = {machine.ref: machine.stack for machine in deployment.resources("AWS::StepFunctions::StateMachine")}
    watched = [
        (rule, arn)
        for rule in deployment.resources("AWS::Events::Rule")
        for arn in (rule.properties.get("EventPattern") or {}).get("detail", {}).get("stateMachineArn", ())
    ]
    assert watched or "FineTuning" not in deployment.templates
    for rule, arn in watched:
        assert machines.get(arn) == rule.stack, rule.name


@ENVIRONMENTS
def test_what_a_function_leaves_for_itself_comes_back_to_it(synthesise: Any, environment: str) -> None:
    deployment = synthesise(environment)
    queues = {queue.attribute("Arn"): queue.ref for queue in deployment.resources("AWS::SQS::Queue")}
    functions = {one.ref: one for one in deployment.resources("AWS::Lambda::Function")}
    for mapping in deployment.resources("AWS::Lambda::EventSourceMapping"):
        variables = functions[mapping.properties["FunctionName"]].properties["Environment"]["Variables"]
        assert variables["ARBITER_QUEUE_URL"] == queues[mapping.properties["EventSourceArn"]]


@ENVIRONMENTS
def test_nothing_is_begun_before_its_role_is_complete(synthesise: Any, environment: str) -> None:
    """Lambda tries the role of a mapping, Step Functions that of a log, API Gateway that of the account."""
    deployment = synthesise(environment)
    roles = {one.ref: one.properties["Role"] for one in deployment.resources("AWS::Lambda::Function")}
    for mapping in deployment.resources("AWS::Lambda::EventSourceMapping"):
        policies = policies_of(deployment, roles[mapping.properties["FunctionName"]])
        reading = {p.id for p in policies if "sqs:ReceiveMessage" in json.dumps(p.properties)}
        assert reading
        assert reading <= set(mapping.depends_on), mapping.name
    (account,) = list(deployment.resources("AWS::ApiGateway::Account")) or [None]
    for stage in deployment.resources("AWS::ApiGateway::Stage"):
        assert account
        assert account.id in stage.depends_on
        writing = {policy.id for policy in policies_of(deployment, account.properties["CloudWatchRoleArn"])}
        assert writing
        assert writing <= set(account.depends_on)


def policies_of(deployment: Deployment, role: str) -> list[Resource]:
    name = f"<{role.strip('<>').removesuffix('.Arn')}>"
    return [policy for policy in deployment.resources("AWS::IAM::Policy") if name in policy.properties["Roles"]]


@ENVIRONMENTS
def test_a_pipeline_that_logs_may_deliver_its_log(synthesise: Any, environment: str) -> None:
    deployment = synthesise(environment)
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        (target,) = machine.properties["LoggingConfiguration"]["Destinations"]
        assert target["CloudWatchLogsLogGroup"]["LogGroupArn"].startswith(f"<{machine.stack}.")
        role = machine.properties["RoleArn"]
        assert [action for action in DELIVERY if not may(deployment, role, action, "*")] == [], machine.name


@ENVIRONMENTS
def test_a_map_reads_lines_of_one_object(synthesise: Any, environment: str) -> None:
    """Plans are written as JSON lines: read as another kind, a map has no item, and its run succeeds."""
    readers = [s["ItemReader"] for g in graphs(synthesise(environment)) for s in g.states.values() if "ItemReader" in s]
    assert readers or environment == "managed"
    for reader in readers:
        assert reader["Resource"] == "arn:aws:states:::s3:getObject"
        assert reader["ReaderConfig"] == {"InputType": "JSONL"}


@ENVIRONMENTS
def test_metrics_of_aws_are_read_by_the_dimensions_they_are_published_by(synthesise: Any, environment: str) -> None:
    looked_at = 0
    for namespace, name, dimensions in read(synthesise(environment)):
        if namespace.startswith("AWS/"):
            looked_at += 1
            assert dimensions in DIMENSIONS[namespace], f"{namespace} {name}"
    assert looked_at >= 3


def read(deployment: Deployment) -> Iterator[tuple[str, str, set[str]]]:
    """Namespace, name and dimensions of every metric of every alarm and dashboard."""
    for alarm in deployment.resources("AWS::CloudWatch::Alarm"):
        several = [one["MetricStat"]["Metric"] for one in alarm.properties.get("Metrics", ()) if "MetricStat" in one]
        for metric in several or [alarm.properties]:
            yield metric["Namespace"], metric["MetricName"], {one["Name"] for one in metric["Dimensions"]}
    for board in deployment.resources("AWS::CloudWatch::Dashboard"):
        for widget in json.loads(board.properties["DashboardBody"])["widgets"]:
            for metric in widget["properties"].get("metrics", ()):
                if isinstance(metric[0], str):
                    named = [one for one in metric[2:] if isinstance(one, str)]
                    yield metric[0], metric[1], set(named[::2])
