"""Every check of a type's properties beside the model of its API, and the one way to apply them all."""

from collections.abc import Callable
from typing import Any

from local.emulator.base.internals import scope
from local.emulator.refusals import (
    agreements,
    choices,
    functions,
    monitoring,
    names,
    patterns,
    policies,
    ranges,
    references,
    rest_apis,
    shapes,
)

Properties = dict[str, Any]
Check = Callable[[Properties], None]


def check(kind: str, properties: Properties) -> None:
    """Refuse what AWS refuses of a type's properties.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    shapes.check(kind, properties)
    check_rules(kind, properties)


def check_rules(kind: str, properties: Properties) -> None:
    """Refuse what the model of the API leaves open, and AWS does not take.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    names.check(kind, properties)
    choices.check(kind, properties)
    for rule in RULES.get(kind, ()):
        rule(properties)


def _role(properties: Properties) -> None:
    trust = properties.get("AssumeRolePolicyDocument")
    policies.check_trust(trust)
    references.check_principals(trust, "MalformedPolicyDocument")
    for policy in properties.get("Policies") or ():
        policies.check_identity(policy["PolicyDocument"])


def _identity(properties: Properties) -> None:
    policies.check_identity(properties.get("PolicyDocument"))


def _bucket_policy(properties: Properties) -> None:
    bucket = f"arn:aws:s3:::{properties.get('Bucket')}"
    policies.check_resource(properties.get("PolicyDocument"), "s3", "MalformedPolicy", bucket)
    references.check_principals(properties["PolicyDocument"], "MalformedPolicy")


def _key(properties: Properties) -> None:
    ranges.check_pending(properties)
    agreements.check_key(properties)
    if "KeyPolicy" in properties:
        policies.check_key(properties["KeyPolicy"], scope()[0])


def _of_resource(service: str, code: str) -> Check:
    return lambda properties: policies.check_resource(properties.get("PolicyDocument"), service, code)


RULES: dict[str, tuple[Check, ...]] = {
    "AWS::ApiGateway::Deployment": (rest_apis.check_deployment,),
    "AWS::ApiGateway::Method": (rest_apis.check_method, rest_apis.check_named),
    "AWS::ApiGateway::Model": (rest_apis.check_model,),
    "AWS::ApiGateway::RequestValidator": (rest_apis.check_api,),
    "AWS::ApiGateway::RestApi": (rest_apis.check_name,),
    "AWS::ApiGateway::Stage": (rest_apis.check_stage,),
    "AWS::Bedrock::Guardrail": (agreements.check_guardrail,),
    "AWS::Budgets::Budget": (monitoring.check_budget,),
    "AWS::CloudWatch::Alarm": (monitoring.check_periods, monitoring.check_alarm),
    "AWS::CloudWatch::Dashboard": (monitoring.check_dashboard,),
    "AWS::DynamoDB::Table": (agreements.check_table,),
    "AWS::Events::Rule": (patterns.check, agreements.check_rule),
    "AWS::IAM::ManagedPolicy": (_identity,),
    "AWS::IAM::Policy": (_identity,),
    "AWS::IAM::Role": (_role, references.check_attached),
    "AWS::IAM::RolePolicy": (_identity,),
    "AWS::KMS::Key": (_key,),
    "AWS::Lambda::Alias": (references.check_alias, functions.check_weights),
    "AWS::Lambda::EventSourceMapping": (references.check_mapping, ranges.check_mapping),
    "AWS::Lambda::Function": (
        functions.check_environment,
        functions.check_concurrency,
        references.check_code,
        references.check_dead_letters,
    ),
    "AWS::Lambda::LayerVersion": (references.check_code,),
    "AWS::Lambda::EventInvokeConfig": (references.check_function,),
    "AWS::Lambda::Permission": (references.check_function,),
    "AWS::Lambda::Url": (references.check_function,),
    "AWS::Lambda::Version": (references.check_function,),
    "AWS::Logs::LogGroup": (monitoring.check_log_group,),
    "AWS::Logs::MetricFilter": (monitoring.check_filter,),
    "AWS::S3::Bucket": (ranges.check_bucket,),
    "AWS::S3::BucketPolicy": (_bucket_policy,),
    "AWS::SNS::Subscription": (references.check_subscription,),
    "AWS::SNS::Topic": (agreements.check_topic,),
    "AWS::SNS::TopicPolicy": (_of_resource("sns", "InvalidParameter"),),
    "AWS::SQS::QueuePolicy": (_of_resource("sqs", "InvalidAttributeValue"), references.check_queues),
    "AWS::SSM::Parameter": (ranges.check_parameter,),
    "AWS::Scheduler::Schedule": (agreements.check_schedule,),
    "AWS::WAFv2::WebACL": (agreements.check_acl,),
}
KINDS = frozenset({*RULES, *shapes.SHAPES, *names.NAMES, *choices.UNIQUE, *choices.NEEDED})
"""Types that are held to something."""
