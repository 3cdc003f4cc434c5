"""Defects planted in the templates: each must be found, and nothing else may be said of what is shipped."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.resolved import Deployment
from tests.stacks.soundness import unsound

Defect = Callable[[Deployment], None]


def test_what_is_shipped_is_sound(deployment: Deployment) -> None:
    assert unsound(deployment) == []


def forbid(role: str, action: str) -> Defect:
    """Take one action away from one role."""

    def plant(d: Deployment) -> None:
        for policy in d.resources("AWS::IAM::Policy"):
            if any(role in name for name in policy.properties["Roles"]):
                document = policy.raw["Properties"]["PolicyDocument"]
                for statement in document["Statement"]:
                    actions = statement["Action"]
                    kept = [a for a in (actions if isinstance(actions, list) else [actions]) if a != action]
                    statement["Action"] = kept or ["none:None"]

    return plant


def put(kind: str, name: str, *path: str | int, value: Any) -> Defect:
    """Set one property of one resource."""

    def plant(d: Deployment) -> None:
        owner = d.raw(kind, name)["Properties"]
        for part in path[:-1]:
            owner = owner[part]
        owner[path[-1]] = value

    return plant


def drop(kind: str, name: str, *path: str | int) -> Defect:
    """Remove one property of one resource."""

    def plant(d: Deployment) -> None:
        owner = d.raw(kind, name)["Properties"]
        for part in path[:-1]:
            owner = owner[part]
        del owner[path[-1]]

    return plant


def edit_pipeline(name: str, change: Callable[[dict[str, Any]], None]) -> Defect:
    """Change a state machine's definition."""

    def plant(d: Deployment) -> None:
        machine = d.one("AWS::StepFunctions::StateMachine", name)
        definition = json.loads(machine.properties["DefinitionString"])
        change(definition["States"])
        machine.raw["Properties"]["DefinitionString"] = json.dumps(definition)

    return plant


def forget_policy(d: Deployment) -> None:
    d.raw("AWS::Bedrock::KnowledgeBase").pop("DependsOn")


def second_trust(d: Deployment) -> None:
    document = d.raw("AWS::IAM::Role", "Customization")["Properties"]["AssumeRolePolicyDocument"]
    document["Statement"].append(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "bedrock.amazonaws.com"}}
    )


def wrong_source(d: Deployment) -> None:
    statement = d.raw("AWS::IAM::Role", "KnowledgeBase.DocumentsRole")["Properties"]["AssumeRolePolicyDocument"][
        "Statement"
    ][0]
    statement["Condition"]["ArnLike"]["aws:SourceArn"] = "arn:aws:bedrock:us-east-1:123456789012:agent/*"


def without_alarm(d: Deployment) -> None:
    alarm = d.one("AWS::CloudWatch::Alarm", "NotIndexed")
    del d.templates[alarm.stack]["Resources"][alarm.id]


VECTOR = ("KnowledgeBaseConfiguration", "VectorKnowledgeBaseConfiguration")
EMBEDDING = (*VECTOR, "EmbeddingModelConfiguration", "BedrockEmbeddingModelConfiguration")

DEFECTS: dict[str, tuple[Defect, str]] = {
    "index smaller than the embedding": (put("AWS::S3Vectors::Index", "", "Dimension", value=512), "dimensions"),
    "text filterable": (
        put(
            "AWS::S3Vectors::Index",
            "",
            "MetadataConfiguration",
            "NonFilterableMetadataKeys",
            value=["AMAZON_BEDROCK_METADATA"],
        ),
        "AMAZON_BEDROCK_TEXT is filterable",
    ),
    "binary embeddings": (
        put("AWS::Bedrock::KnowledgeBase", "", *EMBEDDING, "EmbeddingDataType", value="BINARY"),
        "float32",
    ),
    "role incomplete": (forget_policy, "before its role is complete"),
    "embedding not permitted": (
        forbid("KnowledgeBase.DocumentsRole", "bedrock:InvokeModel"),
        "may not bedrock:InvokeModel",
    ),
    "vectors not writable": (forbid("KnowledgeBase.DocumentsRole", "s3vectors:PutVectors"), "s3vectors:PutVectors"),
    "documents not readable": (forbid("KnowledgeBase.DocumentsRole", "s3:GetObject"), "s3:GetObject"),
    "unconditional second trust": (second_trust, "serves every account"),
    "trust of the wrong kind": (wrong_source, "does not trust knowledge-base/*"),
    "base model not permitted": (
        put(
            "AWS::Lambda::Function",
            "Router",
            "Environment",
            "Variables",
            "ARBITER_BASE_MODEL",
            value="amazon.nova-pro-v1:0",
        ),
        "may not bedrock:InvokeModel",
    ),
    "retrieval not permitted": (forbid("RouterRole", "bedrock:Retrieve"), "bedrock:Retrieve"),
    "pointer not readable": (forbid("RouterRole", "ssm:GetParameter"), "ssm:GetParameter"),
    "public function URL": (put("AWS::Lambda::Url", "", "AuthType", value="NONE"), "anybody may ask"),
    "role not passable": (forbid("FineTuning.PipelineRole", "iam:PassRole"), "may not pass"),
    "prepared file not readable": (forbid("CustomizationRole", "s3:GetObject"), "s3:GetObject"),
    "job not stoppable or watchable": (
        edit_pipeline(
            "FineTuning", lambda s: s["Train"].update(Resource="arn:aws:states:::bedrock:createModelCustomizationJob")
        ),
        "does not wait for the job",
    ),
    "gate not followable": (
        forbid("FineTuning.PipelineRole", "states:DescribeExecution"),
        "may not states:DescribeExecution",
    ),
    "next to nowhere": (
        edit_pipeline("FineTuning", lambda s: s["Train"].update(Next="Describe")),
        "Describe does not exist",
    ),
    "no catch": (edit_pipeline("FineTuning", lambda s: s["Deploy"].pop("Catch")), "does not catch"),
    "no retry": (edit_pipeline("FineTuning", lambda s: s["Deploy"].pop("Retry")), "does not retry"),
    "no timeout": (edit_pipeline("FineTuning", lambda s: s["Train"].pop("TimeoutSeconds")), "waits for ever"),
    "no default": (edit_pipeline("FineTuning", lambda s: s["IsDeployed"].pop("Default")), "no default"),
    "unfinished runs unwatched": (
        put("AWS::Events::Rule", "UnfinishedRuns", "EventPattern", "detail", "status", value=["FAILED"]),
        "runs that cannot end by themselves",
    ),
    "events may not conclude": (
        put("AWS::Lambda::Permission", "UnfinishedRuns", "SourceArn", value="arn:aws:events:us-east-1:1:rule/x"),
        "may not invoke",
    ),
    "nomination not permitted": (forbid("FineTuning.PipelineRole", "ssm:PutParameter"), "may not ssm:PutParameter"),
    "router not callable by the evaluation": (
        forbid("Evaluation.PipelineRole", "lambda:InvokeFunction"),
        "lambda:InvokeFunction",
    ),
    "map runs not permitted": (forbid("Evaluation.PipelineRole", "states:StartExecution"), "executions of its map"),
    "batches not readable": (forbid("Evaluation.PipelineRole", "s3:GetObject"), "may not read the items of its map"),
    "deletions not watched": (
        put("AWS::Events::Rule", "DocumentChanged", "EventPattern", "detail-type", value=["Object Created"]),
        "misses uploads or deletions",
    ),
    "no events": (drop("AWS::S3::Bucket", "Documents", "NotificationConfiguration"), "sends no events"),
    "no dead letters": (drop("AWS::SQS::Queue", "Changes", "RedrivePolicy"), "no dead letters"),
    "visibility too short": (put("AWS::SQS::Queue", "Changes", "VisibilityTimeout", value=30), "still work on them"),
    "queue in plain text": (drop("AWS::SQS::Queue", "Changes", "SqsManagedSseEnabled"), "not encrypted"),
    "ingestion not permitted": (forbid("SyncRole", "bedrock:StartIngestionJob"), "bedrock:StartIngestionJob"),
    "public bucket": (drop("AWS::S3::Bucket", "Training", "PublicAccessBlockConfiguration"), "may become public"),
    "no versions": (drop("AWS::S3::Bucket", "Training", "VersioningConfiguration"), "keeps no versions"),
    "no lifecycle": (drop("AWS::S3::Bucket", "Results", "LifecycleConfiguration"), "grows for ever"),
    "no access log": (drop("AWS::S3::Bucket", "Results", "LoggingConfiguration"), "no access log"),
    "failures unwatched": (without_alarm, "nothing watches DocumentsFailed"),
    "key not usable": (forbid("SummariseRole", "kms:GenerateDataKey"), "kms:GenerateDataKey"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name: str, prod: Deployment, everything: Deployment) -> None:
    plant, finding = DEFECTS[name]
    deployment = (everything if name == "key not usable" else prod).copy()
    plant(deployment)
    found = unsound(deployment)
    assert any(finding in text for text in found), found
