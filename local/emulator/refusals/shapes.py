"""The shapes of APIs that CloudFormation's types are made of; and tags."""

from collections.abc import Iterator
from typing import Any

from local import sessions
from local.emulator.base.http import ServiceError
from local.emulator.refusals import members

Properties = dict[str, Any]
_MOST_TAGS, _LONGEST_KEY, _LONGEST_VALUE = 50, 128, 256

SHAPES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "AWS::ApiGateway::Method": (("Integration", "apigateway", "PutIntegrationRequest"),),
    "AWS::ApiGateway::RestApi": (("", "apigateway", "CreateRestApiRequest"),),
    "AWS::Budgets::Budget": (
        ("Budget", "budgets", "Budget"),
        ("NotificationsWithSubscribers", "budgets", "NotificationWithSubscribersList"),
    ),
    "AWS::CloudWatch::Alarm": (("", "cloudwatch", "PutMetricAlarmInput"),),
    "AWS::CloudWatch::CompositeAlarm": (("", "cloudwatch", "PutCompositeAlarmInput"),),
    "AWS::CloudWatch::Dashboard": (("", "cloudwatch", "PutDashboardInput"),),
    "AWS::DynamoDB::Table": (("", "dynamodb", "CreateTableInput"),),
    "AWS::Events::Rule": (("", "events", "PutRuleRequest"), ("", "events", "PutTargetsRequest")),
    "AWS::IAM::ManagedPolicy": (("", "iam", "CreatePolicyRequest"),),
    "AWS::IAM::Policy": (("", "iam", "PutRolePolicyRequest"),),
    "AWS::IAM::Role": (("", "iam", "CreateRoleRequest"), ("Policies", "iam", "PutRolePolicyRequest")),
    "AWS::KMS::Alias": (("", "kms", "CreateAliasRequest"),),
    "AWS::KMS::Key": (("", "kms", "CreateKeyRequest"),),
    "AWS::Lambda::Alias": (("", "lambda", "CreateAliasRequest"),),
    "AWS::Lambda::EventInvokeConfig": (("", "lambda", "PutFunctionEventInvokeConfigRequest"),),
    "AWS::Lambda::EventSourceMapping": (("", "lambda", "CreateEventSourceMappingRequest"),),
    "AWS::Lambda::Function": (
        ("", "lambda", "CreateFunctionRequest"),
        ("", "lambda", "PutFunctionConcurrencyRequest"),
        ("", "lambda", "PutFunctionRecursionConfigRequest"),
    ),
    "AWS::Lambda::LayerVersion": (("", "lambda", "PublishLayerVersionRequest"),),
    "AWS::Lambda::Permission": (("", "lambda", "AddPermissionRequest"),),
    "AWS::Lambda::Url": (("", "lambda", "CreateFunctionUrlConfigRequest"),),
    "AWS::Logs::LogGroup": (("", "logs", "CreateLogGroupRequest"),),
    "AWS::Logs::MetricFilter": (("", "logs", "PutMetricFilterRequest"),),
    "AWS::Logs::QueryDefinition": (("", "logs", "PutQueryDefinitionRequest"),),
    "AWS::ResourceGroups::Group": (("", "resource-groups", "CreateGroupInput"),),
    "AWS::S3::Bucket": (
        ("BucketEncryption", "s3", "ServerSideEncryptionConfiguration"),
        ("LifecycleConfiguration", "s3", "BucketLifecycleConfiguration"),
        ("OwnershipControls", "s3", "OwnershipControls"),
        ("VersioningConfiguration", "s3", "VersioningConfiguration"),
    ),
    "AWS::SSM::Parameter": (("", "ssm", "PutParameterRequest"),),
    "AWS::StepFunctions::StateMachine": (("", "stepfunctions", "CreateStateMachineInput"),),
    "AWS::WAFv2::WebACL": (("", "wafv2", "CreateWebACLRequest"),),
    "AWS::XRay::Group": (("", "xray", "CreateGroupRequest"),),
}
"""By type: properties, the service and the shape that they are; an empty name stands for all properties."""

_RENAMED = {
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
    "ServerSideEncryptionConfiguration": "Rules",
    "StateMachineType": "type",
}


def check(kind: str, properties: Properties) -> None:
    """Refuse properties of a type that the API behind it does not take.

    Raises:
        ServiceError: with AWS's sentence.
    """
    for name, service, shape in SHAPES.get(kind, ()):
        value = properties.get(name) if name else {key: one for key, one in properties.items() if key != "Tags"}
        model = sessions.core().get_service_model(service)
        for one in value if isinstance(value, list) and name == "Policies" else [value]:
            members.check(one, model.shape_for(shape), renamed=_RENAMED)
    _check_tags(properties.get("Tags"))


def _check_tags(tags: Any) -> None:
    """Refuse tags that no service takes (Resource Groups Tagging API, *tag naming limits*)."""
    pairs = list(_pairs(tags))
    if len(pairs) > _MOST_TAGS:
        raise ServiceError("ValidationException", f"A resource has at most {_MOST_TAGS} tags")
    for key, value in pairs:
        if key.lower().startswith("aws:") and not key.startswith("aws:cloudformation:"):
            text = "aws: prefixed tag key names are not allowed for external use."
            raise ServiceError("ValidationException", text)
        if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise ServiceError("ValidationException", f"Invalid tag: key '{key}', value '{value}'")
    if len({key for key, _ in pairs}) < len(pairs):
        raise ServiceError(
            "ValidationException", "Duplicate tag keys found. Please note that Tag keys are case sensitive."
        )


def _pairs(tags: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tags, dict):
        yield from ((str(key), str(value)) for key, value in tags.items())
    for tag in tags if isinstance(tags, list) else ():
        yield str(tag.get("Key", "")), str(tag.get("Value", ""))
