"""Properties that AWS refuses are refused here, by the models of the APIs and by what those leave open."""

import asyncio
from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.refusals import references, requests, rest_apis, rules

ALARM = {
    "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": "1", "Period": 60, "Statistic": "Sum",
    "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:t"],
}  # fmt: skip
METRIC = {"Id": "a", "MetricStat": {"Metric": {"MetricName": "M"}, "Period": 60, "Stat": "Sum"}}
MEASURED = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Metrics": [METRIC]}
BUDGET = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 10, "Unit": "USD"}}
NOTIFIED = {"Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}}
KEY = {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
TABLE = {**KEY, "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}
TARGET = {"Id": "a", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}
RULE = {"ScheduleExpression": "rate(1 day)", "Targets": [TARGET]}
ACL = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "Rules": []}
WATCHED = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
RATED = {"Statement": {"RateBasedStatement": {"Limit": 9, "AggregateKeyType": "IP"}}, "Priority": 1}
ACL_RULE = {"Name": "r", "VisibilityConfig": WATCHED, "Statement": {}}
FILTER = {"MetricTransformations": [{"MetricName": "m", "MetricNamespace": "N", "MetricValue": "1"}]}
BUCKET = {
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    }
}
FUNCTION = {"Runtime": "python3.13", "Handler": "index.handler", "MemorySize": "512", "Architectures": ["arm64"]}


@pytest.mark.parametrize(
    ("kind", "taken", "changed", "refusal"),
    [
        ("ApiGateway::Resource", {"PathPart": "{proxy+}"}, {"PathPart": "a b"}, "path part only allow"),
        ("ApiGateway::Stage", None, {"StageName": "a b"}, "Stage name only allows"),
        ("Budgets::Budget", {"Budget": BUDGET}, {"Budget": {**BUDGET, "TimeUnit": "FORTNIGHTLY"}}, "MONTHLY, QU"),
        ("Budgets::Budget", {"Budget": BUDGET}, {"Budget": {"TimeUnit": "MONTHLY"}}, "Budget limit is required"),
        ("Budgets::Budget", {"Budget": BUDGET}, {"NotificationsWithSubscribers": [NOTIFIED]}, "subscribers' failed"),
        ("CloudWatch::Alarm", ALARM, {"AlarmActions": ALARM["AlarmActions"] * 6}, "less than or equal to 5"),
        ("CloudWatch::Alarm", ALARM, {"AlarmActions": ["topic"]}, "Invalid arn syntax: topic"),
        ("CloudWatch::Alarm", ALARM, {"DatapointsToAlarm": 2}, "less than or equal to EvaluationPeriods"),
        ("CloudWatch::Alarm", ALARM, {"TreatMissingData": "ignoring"}, "Unsupported treatMissingData"),
        ("CloudWatch::Alarm", ALARM, {"Statistic": None, "ExtendedStatistic": "p101"}, "p101"),
        ("CloudWatch::Dashboard", {"DashboardBody": '{"widgets": []}'}, {"DashboardBody": "{"}, "valid JSON"),
        ("DynamoDB::Table", TABLE, {"KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}]}, "not defined"),
        ("DynamoDB::Table", TABLE, {"BillingMode": "PROVISIONED"}, "ProvisionedThroughput is required"),
        ("Events::Rule", RULE, {"ScheduleExpression": "rate(1 days)"}, "ScheduleExpression is not valid"),
        ("Events::Rule", RULE, {"ScheduleExpression": None}, "EventPattern or ScheduleExpression"),
        ("Events::Rule", RULE, {"Targets": [{**TARGET, "Id": str(n)} for n in range(6)]}, "maximum of 5"),
        ("Events::Rule", RULE, {"Targets": [TARGET] * 2}, "Targets contains duplicates of Id"),
        ("Events::Rule", RULE, {"EventPattern": {"source": [{"prefixx": "a"}]}}, "Unrecognized match type prefixx"),
        ("Events::Rule", RULE, {"EventPattern": {"source": []}}, "Empty arrays"),
        ("Events::Rule", RULE, {"EventPattern": '["a"]'}, "Filter is not an object"),
        ("Events::Rule", RULE, {"EventPattern": {"$or": ["a"]}}, "Filter is not an object"),
        ("Events::Rule", RULE, {"EventPattern": {"n": [{"numeric": ["=>", 1]}]}}, "numeric range operator"),
        ("KMS::Key", {"KeyUsage": "ENCRYPT_DECRYPT"}, {"KeyUsage": "SIGN_VERIFY"}, "not compatible"),
        ("CloudWatch::Alarm", MEASURED, {"Metrics": [METRIC, METRIC | {"Id": "b"}]}, "Exactly one element"),
        ("CloudWatch::Alarm", MEASURED, {"Metrics": [{"Id": "a", "Expression": "b + 1"}]}, "'b'.* not found"),
        ("CloudWatch::Alarm", MEASURED, {"Namespace": "N"}, "must not be specified with"),
        ("Lambda::Function", FUNCTION, {"Runtime": None}, "Runtime is required"),
        ("Lambda::Function", FUNCTION, {"ReservedConcurrentExecutions": -1}, "greater than or equal to 0"),
        ("Lambda::Function", FUNCTION, {"ReservedConcurrentExecutions": 901}, "below its minimum value"),
        ("Lambda::Function", FUNCTION, {"RecursiveLoop": "Maybe"}, "Allow, Terminate"),
        ("SNS::Topic", {"TopicName": "a"}, {"FifoTopic": True}, "must end with .fifo"),
        ("ApiGateway::Model", {"Schema": {"type": "object"}}, {"Schema": {"type": "objekt"}}, "Unknown type objekt"),
        ("Events::Rule", RULE, {"Targets": [{**TARGET, "Id": "a b"}]}, "regular expression pattern"),
        ("Lambda::Function", FUNCTION, {"Runtime": "python4.0"}, "enum value set"),
        ("Lambda::Function", FUNCTION, {"Environment": {"Variables": {"1A": "x"}}}, r"'environment.variables.1A.key'"),
        ("Lambda::Function", FUNCTION, {"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys"),
        ("Lambda::Function", FUNCTION, {"Tags": [{"Key": "aws:x", "Value": "y"}]}, "aws: prefixed tag key names"),
        ("Lambda::EventInvokeConfig", None, {"MaximumRetryAttempts": 3}, "equal to 2"),
        ("Logs::MetricFilter", {**FILTER, "FilterPattern": "{ $.a = 1 }"}, {"FilterPattern": "{ $.a ="}, "Invalid"),
        ("Logs::MetricFilter", FILTER, {"MetricTransformations": [{"MetricName": "m"}]}, "Member must not be null"),
        ("S3::Bucket", BUCKET, {"VersioningConfiguration": {"Status": "On"}}, "Enabled, Suspended"),
        ("S3::Bucket", {"BucketName": "a-b"}, {"BucketName": "Upper"}, "bucket is not valid"),
        ("SQS::Queue", {"QueueName": "a.fifo"}, {"QueueName": "a.b"}, "alphanumeric"),
        ("SSM::Parameter", {"Name": "/a/b", "Value": "x", "Type": "String"}, {"Name": "/aws/b"}, "can't be prefixed"),
        ("StepFunctions::StateMachine", {"StateMachineType": "EXPRESS"}, {"StateMachineType": "FAST"}, "STANDARD"),
        ("WAFv2::WebACL", ACL, {"Rules": [{**ACL_RULE, "Priority": 1}] * 2}, "duplicates of Name"),
        ("WAFv2::WebACL", ACL, {"Rules": [ACL_RULE | RATED]}, "limit' failed .* greater than or equal to 10"),
        ("WAFv2::WebACL", ACL, {"DefaultAction": {"Allow": {}, "Block": {}}}, "DEFAULT_ACTION"),
    ],
)  # fmt: skip
def test_a_resource_is_held_to_the_model_of_its_api_and_to_what_that_leaves_open(
    kind: str, taken: dict[str, Any] | None, changed: dict[str, Any], refusal: str
) -> None:
    if taken is not None:
        rules.check(f"AWS::{kind}", taken)
    with pytest.raises(ServiceError, match=refusal):
        rules.check(f"AWS::{kind}", (taken or {}) | changed)


def test_what_a_resource_names_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    record = {"versions": {"1": {}}}
    inside = {
        "_get_func_record_for_qualifier": lambda name, _: (record if name == "f" else None, {}),
        "_queue_by_arn": lambda arn: {} if arn.endswith(":q") else None,
        "_buckets": {"b": {"objects": {"k": b""}}},
        "topic_policy_for_arn": lambda arn: ("", "") if arn == "t" else None,
        "_resources": {"a": {"r": {"resourceMethods": {"GET": {}}}}},
        "_rest_apis": {"a": {}},
        "_policies": {"arn:aws:iam::1:policy/p": {}},
        "_models": {"a": {"1": {"name": "m"}}},
        "_request_validators": {"a": {"v": {}}},
        "_deployments_v1": {"a": {"d": {}}},
    }
    for module in (references, rest_apis):
        monkeypatch.setattr(module, "inside", lambda module, name: inside[name])
    monkeypatch.setattr(references, "scope", lambda: ("1", "us-east-1"))
    alias, mapping = {"FunctionName": "f", "FunctionVersion": "1"}, {"FunctionName": "f", "EventSourceArn": "a:b:sqs:q"}
    method = {"RestApiId": "a", "RequestModels": {"application/json": "m"}, "RequestValidatorId": "v"}
    subscribed = {"TopicArn": "t", "Protocol": "email", "Endpoint": "a@example.com"}
    for check, taken, changed in (
        (references.check_function, {"FunctionName": "arn:aws:lambda:r:1:function:f"}, {"FunctionName": "g"}),
        (references.check_alias, alias, {"FunctionVersion": "99"}),
        (references.check_mapping, mapping, {"FunctionName": "g"}),
        (references.check_mapping, mapping, {"EventSourceArn": "arn:aws:sqs:r:1:other"}),
        (references.check_code, {"Code": {"S3Bucket": "b", "S3Key": "k"}}, {"Code": {"S3Bucket": "b", "S3Key": "x"}}),
        (references.check_subscription, subscribed, {"TopicArn": "other"}),
        (references.check_subscription, subscribed, {"Endpoint": "nobody"}),
        (references.check_attached, {}, {"PermissionsBoundary": "arn:aws:iam::1:policy/none"}),
        (references.check_dead_letters, {}, {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:r:1:other"}}),
        (references.check_queues, {"Queues": ["https://sqs/1/q"]}, {"Queues": ["https://sqs/1/other"]}),
        (rest_apis.check_api, {"RestApiId": "a"}, {"RestApiId": "other"}),
        (rest_apis.check_deployment, {"RestApiId": "a"}, {"RestApiId": "other"}),
        (references.check_attached, {"ManagedPolicyArns": ["arn:aws:iam::1:policy/p"]}, {"ManagedPolicyArns": ["x"]}),
        (rest_apis.check_named, method, {"RequestModels": {"application/json": "other"}}),
        (rest_apis.check_named, method, {"RequestValidatorId": "other"}),
        (rest_apis.check_stage, {"RestApiId": "a", "DeploymentId": "d"}, {"DeploymentId": "other"}),
    ):
        check(taken)
        with pytest.raises(ServiceError):
            check(taken | changed)


GUARDRAIL = {"name": "g", "blockedInputMessaging": "no", "blockedOutputsMessaging": "no"}
FILTERS = {"filtersConfig": [{"type": "PROMPT_ATTACK", "inputStrength": "HIGH", "outputStrength": "NONE"}]}
SCHEDULE = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Name": "s"}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"topicPolicyConfig": {"topicsConfig": [{"name": "t", "definition": "x" * 201, "type": "DENY"}]}},
         "Value at 'topicPolicyConfig.topicsConfig.1.member.definition' .* less than or equal to 200"),
        ({"contentPolicyConfig": None}, "At least one policy"),
        ({"contentPolicyConfig": {"filtersConfig": [{**FILTERS["filtersConfig"][0], "outputStrength": "LOW"}]}},
         "must be NONE"),
        ({"name": None}, "Value null at 'name' failed to satisfy constraint: Member must not be null"),
    ],
)  # fmt: skip
def test_a_request_is_held_to_the_model_of_its_api(changed: dict[str, Any], refusal: str) -> None:
    sound = {**GUARDRAIL, "contentPolicyConfig": FILTERS}
    requests.check("bedrock", "CreateGuardrail", sound)
    with pytest.raises(ServiceError, match=refusal):
        requests.check("bedrock", "CreateGuardrail", sound | changed)


def test_a_schedule_has_a_zone_and_a_window_of_some_length() -> None:
    target = {"Arn": "arn:aws:lambda:us-east-1:1:function:f", "RoleArn": "arn:aws:iam::123456789012:role/r"}
    sound = {**SCHEDULE, "Target": target}
    requests.check("scheduler", "CreateSchedule", sound)
    for changed in ({"ScheduleExpressionTimezone": "Mars/Phobos"}, {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}):
        with pytest.raises(ServiceError):
            requests.check("scheduler", "CreateSchedule", sound | changed)


def test_an_identifier_in_an_address_is_the_services_to_look_up() -> None:
    requests.check("bedrock", "CreateGuardrailVersion", {}, {"guardrailIdentifier": "gr-1"})
    with pytest.raises(ServiceError, match="at 'name' failed"):
        requests.check("scheduler", "CreateSchedule", SCHEDULE | {"Target": {}}, {"Name": "a b"})


def test_a_request_is_known_by_its_address_or_its_target() -> None:
    assert requests.operation_of("bedrock-agent", "PUT", "/knowledgebases/", "") == ("CreateKnowledgeBase", {})
    named = {"knowledgeBaseId": "A", "dataSourceId": "B"}
    path = "/knowledgebases/A/datasources/B"
    assert requests.operation_of("bedrock-agent", "PUT", path, "") == ("UpdateDataSource", named)
    assert requests.operation_of("ssm", "POST", "/", "AmazonSSM.PutParameter") == ("PutParameter", {})
    assert requests.operation_of("lambda", "GET", "/nowhere", "") == (None, {})


@pytest.mark.parametrize(
    ("operation", "body"), [("CreateTable", b"[]"), ("CreateTable", b"{"), ("CreateTables", b"{}")]
)
def test_a_request_that_no_model_describes_is_left_to_the_service(
    monkeypatch: pytest.MonkeyPatch, operation: str, body: bytes
) -> None:
    async def service(*_: Any) -> Any:
        return 400, {}, b"SerializationException"

    handlers = dict.fromkeys(requests._SERVICES, service)
    monkeypatch.setattr(requests, "inside", lambda module, name: handlers)
    requests.install()
    asked = handlers["dynamodb"]("POST", "/", {"x-amz-target": f"DynamoDB_20120810.{operation}"}, body, {})
    assert asyncio.run(asked) == (400, {}, b"SerializationException")
