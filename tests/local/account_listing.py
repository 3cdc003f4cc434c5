"""Everything in an account that Arbiter could have left, listed by plain boto3 and by nothing of Arbiter's."""

from collections.abc import Callable, Iterator
from typing import Any

ENDED = ("Completed", "Failed", "Stopped", "PartiallyCompleted", "Expired")
LISTINGS: tuple[tuple[str, str, str, str], ...] = (
    ("bedrock", "list_custom_models", "modelSummaries", "modelArn"),
    ("bedrock", "list_imported_models", "modelSummaries", "modelArn"),
    ("bedrock", "list_custom_model_deployments", "modelDeploymentSummaries", "customModelDeploymentArn"),
    ("bedrock", "list_provisioned_model_throughputs", "provisionedModelSummaries", "provisionedModelArn"),
    ("bedrock", "list_evaluation_jobs", "jobSummaries", "jobArn"),
    ("bedrock", "list_guardrails", "guardrails", "arn"),
    ("bedrock-agent", "list_knowledge_bases", "knowledgeBaseSummaries", "knowledgeBaseId"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_policies", "Policies", "Arn"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("kms", "list_keys", "Keys", "KeyArn"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_layers", "Layers", "LayerName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("s3vectors", "list_vector_buckets", "vectorBuckets", "vectorBucketArn"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("ssm", "describe_parameters", "Parameters", "Name"),
    ("stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
)


def everything(client: Callable[[str], Any]) -> set[str]:
    """Each resource as `service operation id`, each stack with its state, and each job that has not ended."""
    return {*_listed(client), *_stacks(client), *_queues(client), *_jobs(client)}


def _listed(client: Callable[[str], Any]) -> Iterator[str]:
    for service, operation, member, name in LISTINGS:
        options = {"Scope": "Local"} if operation == "list_policies" else {}
        for page in client(service).get_paginator(operation).paginate(**options):
            yield from (f"{service} {operation} {one[name]}" for one in page.get(member, ()))


def _stacks(client: Callable[[str], Any]) -> Iterator[str]:
    for page in client("cloudformation").get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            if stack["StackStatus"] != "DELETE_COMPLETE":
                yield f"stack {stack['StackName']} {stack['StackStatus']}"


def _queues(client: Callable[[str], Any]) -> Iterator[str]:
    yield from (f"queue {url}" for url in client("sqs").list_queues().get("QueueUrls", ()))


def _jobs(client: Callable[[str], Any]) -> Iterator[str]:
    for operation, member in (
        ("list_model_customization_jobs", "modelCustomizationJobSummaries"),
        ("list_model_invocation_jobs", "invocationJobSummaries"),
    ):
        for page in client("bedrock").get_paginator(operation).paginate():
            for job in page.get(member, ()):
                if job["status"] not in ENDED:
                    yield f"{operation} {job['jobName']} {job['status']}"
