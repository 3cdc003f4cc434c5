"""How resources of each type are looked for and deleted: calls of AWS, by CloudFormation's names of the types."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

BUCKET, KEY = "AWS::S3::Bucket", "AWS::KMS::Key"
LOG_GROUP, PARAMETER, SCHEDULE = "AWS::Logs::LogGroup", "AWS::SSM::Parameter", "AWS::Scheduler::Schedule"
VECTOR_BUCKET, VECTOR_INDEX = "AWS::S3Vectors::VectorBucket", "AWS::S3Vectors::Index"
ALARM, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"
POLLING, FIREWALL = "AWS::Lambda::EventSourceMapping", "AWS::WAFv2::WebACL"


class Kind(NamedTuple):
    """How resources of a type are looked for and deleted; a look that finds nothing raises, or returns nothing."""

    service: str
    look: Callable[[Any, str], Any]
    delete: Callable[[Any, str], Any]


def _delete_vector_bucket(client: Any, arn: str) -> None:
    for page in client.get_paginator("list_indexes").paginate(vectorBucketArn=arn):
        for index in page["indexes"]:
            client.delete_index(indexArn=index["indexArn"])
    client.delete_vector_bucket(vectorBucketArn=arn)


def _usable(client: Any, key: str) -> bool:
    return bool(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion")


def _schedule_deletion(client: Any, key: str) -> None:
    """KMS deletes no key at once, and bills none that is about to be deleted."""
    if _usable(client, key):
        client.schedule_key_deletion(KeyId=key)


def _delete_rule(client: Any, name: str) -> None:
    targets = [target["Id"] for target in client.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        client.remove_targets(Rule=name, Ids=targets)
    client.delete_rule(Name=name)


def _delete_role(client: Any, name: str) -> None:
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    client.delete_role(RoleName=name)


def _of_source(call: str) -> Callable[[Any, str], Any]:
    def act(client: Any, identifier: str) -> Any:
        base, source = identifier.split("|")
        return getattr(client, call)(knowledgeBaseId=base, dataSourceId=source)

    return act


def _by(parameter: str, service: str, look: str, delete: str) -> Kind:
    """The kind whose calls take an identifier alone, by that parameter."""
    return Kind(
        service,
        lambda client, identifier: getattr(client, look)(**{parameter: identifier}),
        lambda client, identifier: getattr(client, delete)(**{parameter: identifier}),
    )


KINDS: Mapping[str, Kind] = {
    BUCKET: _by("Bucket", "s3", "head_bucket", "delete_bucket"),
    LOG_GROUP: Kind(
        "logs",
        lambda client, name: any(
            group["logGroupName"] == name for group in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        ),
        lambda client, name: client.delete_log_group(logGroupName=name),
    ),
    PARAMETER: _by("Name", "ssm", "get_parameter", "delete_parameter"),
    KEY: Kind("kms", _usable, _schedule_deletion),
    VECTOR_INDEX: _by("indexArn", "s3vectors", "get_index", "delete_index"),
    VECTOR_BUCKET: Kind(
        "s3vectors", lambda client, arn: client.get_vector_bucket(vectorBucketArn=arn), _delete_vector_bucket
    ),
    SCHEDULE: _by("Name", "scheduler", "get_schedule", "delete_schedule"),
    "AWS::Bedrock::DataSource": Kind("bedrock-agent", _of_source("get_data_source"), _of_source("delete_data_source")),
    "AWS::Bedrock::KnowledgeBase": _by(
        "knowledgeBaseId", "bedrock-agent", "get_knowledge_base", "delete_knowledge_base"
    ),
    "AWS::StepFunctions::StateMachine": Kind(
        "stepfunctions",
        lambda client, arn: client.describe_state_machine(stateMachineArn=arn)["status"] != "DELETING",
        lambda client, arn: client.delete_state_machine(stateMachineArn=arn),
    ),
    "AWS::Lambda::Function": _by("FunctionName", "lambda", "get_function_configuration", "delete_function"),
    "AWS::SQS::Queue": _by("QueueUrl", "sqs", "get_queue_attributes", "delete_queue"),
    "AWS::Events::Rule": Kind("events", lambda client, name: client.describe_rule(Name=name), _delete_rule),
    ALARM: Kind(
        "cloudwatch",
        lambda client, name: client.describe_alarms(AlarmNames=[name])["MetricAlarms"],
        lambda client, name: client.delete_alarms(AlarmNames=[name]),
    ),
    DASHBOARD: Kind(
        "cloudwatch",
        lambda client, name: client.get_dashboard(DashboardName=name),
        lambda client, name: client.delete_dashboards(DashboardNames=[name]),
    ),
    "AWS::IAM::Role": Kind("iam", lambda client, name: client.get_role(RoleName=name), _delete_role),
}
"""By CloudFormation's name; the ids are what it calls physical ids."""
