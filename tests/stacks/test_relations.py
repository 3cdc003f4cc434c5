"""Settings of different resources that must agree, in every optional part: the API, its function, the alarms."""

import json
import re
from typing import Any

import pytest

from arbiter.edge.gateway import tool
from stacks.constructs.edge.watching import COUNTED
from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment
from tests.stacks.test_storage import BUCKETS, POINTERS

ANSWERING = ("Inference.Router", "Inference.Shadow", "Edge.Front", "Edge.StreamingStream")
LOGGED = {
    *(f"$context.{name}" for name in ("requestId", "requestTime", "httpMethod", "resourcePath", "status")),
    *(f"$context.{name}" for name in ("identity.sourceIp", "error.responseType", "responseLatency", "responseLength")),
}
"""Of a call, nothing that was asked or answered, and nothing of a key."""
API_ALARMS = {"ApiErrors": (0.05, 2), "ApiUnavailable": (0, 1), "ApiCallersRefused": (100, 1)}
TAGGED = ("Lambda::Function", "IAM::Role", "S3::Bucket", "SQS::Queue", "DynamoDB::Table", "StepFunctions::StateMachine",
          "Logs::LogGroup", "KMS::Key", "Bedrock::KnowledgeBase", "S3Vectors::Index", "ApiGateway::RestApi",
          "BedrockAgentCore::Gateway", "WAFv2::WebACL", "SNS::Topic")  # fmt: skip


def test_all_that_answer_have_the_time_and_the_memory_of_the_router(everything: Deployment) -> None:
    found = [everything.one("AWS::Lambda::Function", name).properties for name in ANSWERING]
    assert {(one["Timeout"], one["MemorySize"]) for one in found} == {(29, 512)}
    assert not any(
        "ReservedConcurrentExecutions" in f.properties for f in everything.resources("AWS::Lambda::Function")
    )
    for url in everything.resources("AWS::Lambda::Url"):
        assert "Cors" not in url.properties


@pytest.mark.parametrize("name", ANSWERING[1:])
def test_all_that_answer_are_told_what_the_router_is(everything: Deployment, name: str) -> None:
    router, other = (
        everything.one("AWS::Lambda::Function", function).properties["Environment"]["Variables"]
        for function in ("Inference.Router", name)
    )
    own = {variable for variable in router if "SHADOW" in variable} if name == "Inference.Shadow" else set()
    assert {variable: other.get(variable) for variable in router if variable not in own} == {
        variable: value for variable, value in router.items() if variable not in own
    }


def test_the_api_waits_as_long_as_its_functions_may_take(everything: Deployment) -> None:
    seconds = {f.attribute("Arn"): f.properties["Timeout"] for f in everything.resources("AWS::Lambda::Function")}
    for method in everything.resources("AWS::ApiGateway::Method"):
        integration = method.properties["Integration"]
        (function,) = (arn for arn in seconds if arn in integration["Uri"])
        streams = integration.get("ResponseTransferMode") == "STREAM"
        assert seconds[function] * 1000 <= integration.get("TimeoutInMillis", 29_000), method.name
        assert ("Streaming" in function, "/2021-11-15/" in integration["Uri"]) == (streams, streams), method.name


def test_every_route_is_in_the_deployment_that_is_served(everything: Deployment) -> None:
    (deployed,) = everything.resources("AWS::ApiGateway::Deployment")
    for kind in ("Method", "RequestValidator", "GatewayResponse", "Model"):
        assert {r.id for r in everything.resources(f"AWS::ApiGateway::{kind}")} <= set(deployed.depends_on), kind


def test_a_call_is_logged_without_its_text_and_key(everything: Deployment) -> None:
    setting = everything.one("AWS::ApiGateway::Stage").properties["AccessLogSetting"]
    assert set(re.findall(r"\$[^\"]+", setting["Format"])) == LOGGED
    assert setting["DestinationArn"] == "<Edge.RestAccessLogGroup.Arn>"
    acl = everything.one("AWS::WAFv2::WebACL").properties
    assert [c["SampledRequestsEnabled"] for c in (acl["VisibilityConfig"], acl["Rules"][0]["VisibilityConfig"])] == [
        False, False,
    ]  # fmt: skip


def test_every_refusal_of_the_gate_has_the_form_of_the_apis_errors(everything: Deployment) -> None:
    for response in everything.resources("AWS::ApiGateway::GatewayResponse"):
        text = re.sub(r"(?<!\")\$context[\w.]+", '"x"', response.properties["ResponseTemplates"]["application/json"])
        error = json.loads(text)["error"]
        assert error.keys() == {"message", "type", "param", "code", "retryable", "request_id"}, response.name
        own = response.properties["ResponseType"] == "DEFAULT_5XX"  # All others are the caller's to mend.
        assert (error["type"] == "server_error") is own, response.name
        assert error["retryable"] is (error["type"] in ("server_error", "rate_limit_error")), response.name


@pytest.mark.parametrize("name", API_ALARMS)
def test_alarms_of_the_api_ring_above_their_thresholds(everything: Deployment, name: str) -> None:
    alarm = everything.one("AWS::CloudWatch::Alarm", name).properties
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == API_ALARMS[name]
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("GreaterThanThreshold", "notBreaching")


def test_what_is_looked_at_by_itself_raises_the_alarm_on_documents(everything: Deployment) -> None:
    alarm = everything.one("AWS::CloudWatch::Alarm", "DocumentsNotIndexed").properties
    (sum_of,) = (m["Expression"] for m in alarm["Metrics"] if "Expression" in m)
    read = {m["Id"]: m["MetricStat"]["Metric"]["MetricName"] for m in alarm["Metrics"] if "MetricStat" in m}
    assert {read[name] for name in re.findall(r"FILL\((\w+), 0\)", sum_of)} == set(read.values())
    assert "DocumentsOutOfStep" in read.values()


@pytest.mark.parametrize("environment", ["everything", "managed"])
def test_refusals_of_every_function_behind_the_api_are_counted(synthesise: Any, environment: str) -> None:
    deployment: Deployment = synthesise(environment)
    counted = set()
    for one in deployment.resources("AWS::Logs::MetricFilter"):
        (made,) = one.properties["MetricTransformations"]
        assert made["Dimensions"] == [{"Key": "Environment", "Value": "$.Environment"}], one.name
        assert (made["MetricValue"], made["MetricNamespace"]) == ("1", "Arbiter"), one.name
        counted.add((one.properties["LogGroupName"], made["MetricName"], one.properties["FilterPattern"]))
    groups = {deployment.one("AWS::Lambda::Function", name).properties["LoggingConfig"]["LogGroup"]
              for name in ANSWERING if name.startswith("Edge.")}  # fmt: skip
    assert counted == {(group, name, pattern) for group in groups for name, pattern in COUNTED.items()}


def test_a_pipeline_logs_all_that_it_does_and_no_text(everything: Deployment) -> None:
    for machine in everything.resources("AWS::StepFunctions::StateMachine"):
        logging = machine.properties["LoggingConfiguration"]
        assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False), machine.name
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}, machine.name


def test_data_alone_stays_and_what_is_replaced_goes(everything: Deployment) -> None:
    """A former edition of a knowledge base would stay, and be billed, where it is retained when it is replaced."""
    stays = {
        r.id
        for r in everything.resources()
        if "Retain" in (r.raw.get("DeletionPolicy"), r.raw.get("UpdateReplacePolicy"))
    }
    # Versions of functions are kept while their alias turns from one to the next.
    assert {one for one in stays if "CurrentVersion" not in one} == {*BUCKETS, *POINTERS, "DataKey"}


def test_a_key_of_ones_own_is_asked_for_once_a_bucket(everything: Deployment) -> None:
    for bucket in everything.resources("AWS::S3::Bucket"):
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule.get("BucketKeyEnabled", False) is (bucket.id != "AccessLogsBucket"), bucket.name
        assert bucket.properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_change_is_seen_at_once(everything: Deployment) -> None:
    for queue in everything.resources("AWS::SQS::Queue"):
        assert "DelaySeconds" not in queue.properties, queue.name


def test_everything_bears_the_environments_tag(everything: Deployment) -> None:
    for resource in everything.resources(*(f"AWS::{kind}" for kind in TAGGED)):
        tags = resource.properties["Tags"]
        pairs = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
        assert pairs == {"arbiter:environment": "everything", "team": "search"}, resource.name


def test_the_gateway_offers_the_tool_to_agents_once_its_role_is_complete(everything: Deployment) -> None:
    (target,) = everything.resources("AWS::BedrockAgentCore::GatewayTarget")
    offered = target.properties["TargetConfiguration"]["Mcp"]["Lambda"]["ToolSchema"]["InlinePayload"][0]
    assert offered["InputSchema"]["Required"] == tool(tuned=True)["inputSchema"]["required"]
    policies = [
        p.id for p in everything.resources("AWS::IAM::Policy") if "<Inference.AgentsRole>" in p.properties["Roles"]
    ]
    assert policies
    assert set(policies) <= set(target.depends_on)
    gateway = everything.one("AWS::BedrockAgentCore::Gateway").properties
    assert gateway["ProtocolConfiguration"]["Mcp"]["SupportedVersions"]
    version = everything.one("AWS::Lambda::Alias").properties["FunctionVersion"]
    assert re.fullmatch(r"<Inference\.RouterFunctionCurrentVersion\w+\.Version>", version)


def test_each_writes_only_its_own_part_of_the_results(everything: Deployment) -> None:
    """A shadow counts what it has cost, whoever answers keeps texts of feedback, and calibration its policy."""
    results = "<Storage.ResultsBucket.Arn>/"
    written = {
        role: {
            p.resource.removeprefix(results)
            for p in permissions(everything)
            if p.role == role and p.action == "s3:PutObject"
        }
        for role in ("Inference.ShadowRole", "Inference.RouterRole", "Edge.FrontRole", "Edge.StreamingStreamRole")
    }
    assert written == {
        "Inference.ShadowRole": {"routing/shadow.json"},
        "Inference.RouterRole": {"feedback/*"},
        "Edge.FrontRole": {"feedback/*"},
        "Edge.StreamingStreamRole": set(),
    }
    called = {p.resource for p in permissions(everything) if p.action == "lambda:InvokeFunction" and p.role in
              ("Inference.RouterRole", "Edge.FrontRole", "Edge.StreamingStreamRole")}  # fmt: skip
    assert called == {"<Inference.ShadowFunction.Arn>"}
    owners = {(p.action, p.resource) for p in permissions(everything) if p.role == "KnowledgeBase.DocumentsRole"}
    assert ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:cut") in owners
