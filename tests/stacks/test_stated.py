"""Single values on which cost, privacy or an answer rests, each stated as a sentence; a snapshot undoes none of it."""

from typing import Any

import pytest

from arbiter.aws.edge.items import GONE_AFTER
from stacks.constructs.edge.streaming import ADAPTER
from tests.stacks.pipelines import definition, graphs
from tests.stacks.resolved import Deployment

Place = tuple[str, str, tuple[str | int, ...]]
"""A kind of resource, a part of its name, and a path into its properties."""
FUNCTION, TABLE, ACL = "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::WAFv2::WebACL"
STAGE, SOURCE = "AWS::ApiGateway::Stage", "AWS::Bedrock::DataSource"
CONNECTOR = ("DataSourceConfiguration", "ManagedKnowledgeBaseConnectorConfiguration")
PROTECTION = (*CONNECTOR, "DeletionProtectionConfiguration", "DeletionProtectionStatus")


def variable(function: str, name: str) -> Place:
    return FUNCTION, function, ("Environment", "Variables", f"ARBITER_{name}")


STATED: dict[str, tuple[str, Place, object]] = {
    "the API takes as many calls as the settings say, and traces no bodies": (
        "everything",
        (STAGE, "", ("MethodSettings",)),
        [
            {
                "DataTraceEnabled": False, "HttpMethod": "*", "LoggingLevel": "ERROR", "ResourcePath": "/*",
                "ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10,
            }
        ],
    ),
    "the API is traced": ("everything", (STAGE, "", ("TracingEnabled",)), True),
    "the API answers in its region": (
        "everything", ("AWS::ApiGateway::RestApi", "", ("EndpointConfiguration",)), {"Types": ["REGIONAL"]},
    ),
    "a throttled caller is told when to come again": (
        "everything",
        ("AWS::ApiGateway::GatewayResponse", "Throttled", ("ResponseParameters",)),
        {"gatewayresponse.header.Retry-After": "'2'"},
    ),
    "the firewall blocks": ("everything", (ACL, "", ("Rules", 0, "Action")), {"Block": {}}),
    "the firewall counts requests of an address": (
        "everything",
        (ACL, "", ("Rules", 0, "Statement", "RateBasedStatement")),
        {"AggregateKeyType": "IP", "Limit": 300},
    ),
    "the firewall stands before the API": (
        "everything", ("AWS::WAFv2::WebACLAssociation", "", ("WebACLArn",)), "<Edge.FirewallAcl.Arn>",
    ),
    "keys are kept for a while after a mistake": (
        "everything", (TABLE, "", ("PointInTimeRecoverySpecification",)), {"PointInTimeRecoveryEnabled": True},
    ),
    "spending is forgotten": (
        "everything", (TABLE, "", ("TimeToLiveSpecification",)), {"AttributeName": GONE_AFTER, "Enabled": True},
    ),
    "keys are under the key": (
        "everything",
        (TABLE, "", ("SSESpecification",)),
        {"KMSMasterKeyId": "<Storage.DataKey.Arn>", "SSEEnabled": True, "SSEType": "KMS"},
    ),
    "keys cost nothing unused": ("everything", (TABLE, "", ("BillingMode",)), "PAY_PER_REQUEST"),
    "keys are checked by the function": ("everything", variable("Edge.Front", "AUTH"), "api_key"),
    "keys are looked up in their table": ("everything", variable("Edge.Front", "TABLE"), "<Edge.KeysTable>"),
    "keys are checked where answers are streamed": ("everything", variable("Edge.Streaming", "AUTH"), "api_key"),
    "tokens are checked by the function": ("managed", variable("Edge.Front", "AUTH"), "jwt"),
    "tokens are checked where answers are streamed": ("managed", variable("Edge.Streaming", "AUTH"), "jwt"),
    "the adapter streams": (
        "everything", (FUNCTION, "Edge.Streaming", ("Layers",)), [f"arn:aws:lambda:us-east-1:{ADAPTER}"],
    ),
    "answers given again cost no more a day than the settings say": (
        "everything", variable("Inference.Shadow", "SHADOW_DAILY_USD"), "1.0",
    ),
    "requests are answered again in the mode of the settings": (
        "everything", variable("Inference.Shadow", "SHADOW_MODE"), "rag",
    ),
    "requests are handed over to the shadow": (
        "everything", variable("Inference.Router", "SHADOW_FUNCTION"), "<Inference.ShadowFunction.Arn>",
    ),
    "so large a share of requests is answered again": (
        "everything", variable("Inference.Router", "SHADOW_SHARE"), "0.1",
    ),
    "what could not be answered again is not tried again": (
        "everything", ("AWS::Lambda::EventInvokeConfig", "Shadow", ("MaximumRetryAttempts",)), 0,
    ),
    "the store that AWS keeps goes with its stack": ("managed", (SOURCE, "", ("DataDeletionPolicy",)), "DELETE"),
    "a sync may delete many documents": (
        "managed", (SOURCE, "", PROTECTION), "DISABLED",
    ),
    "the owner's function cuts passages": (
        "everything",
        (SOURCE, "", ("VectorIngestionConfiguration", "CustomTransformationConfiguration", "Transformations", 0)),
        {
            "StepToApply": "POST_CHUNKING",
            "TransformationFunction": {
                "TransformationLambdaConfiguration": {"LambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:cut"}
            },
        },
    ),
    "passages wait for the owner's function in a folder of their own": (
        "everything",
        (
            SOURCE, "",
            ("VectorIngestionConfiguration", "CustomTransformationConfiguration", "IntermediateStorage", "S3Location"),
        ),
        {"URI": "s3://<Storage.ResultsBucket>/passages/"},
    ),
    "the model of the settings reads pages": (
        "everything",
        (
            SOURCE, "",
            ("VectorIngestionConfiguration", "ParsingConfiguration", "BedrockFoundationModelConfiguration", "ModelArn"),
        ),
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0",
    ),
    "passages are searched by words": (
        "everything",
        ("AWS::S3Vectors::Index", "", ("MetadataConfiguration", "TextSearchConfigurations")),
        [{"MetadataKey": "AMAZON_BEDROCK_TEXT", "Language": "en"}],
    ),
    "a sync that looks again and again is no endless loop": (
        "prod", (FUNCTION, "IngestionSync", ("RecursiveLoop",)), "Allow",
    ),
    "a hundred thousand documents are looked at in time": ("everything", (FUNCTION, "Base.Check", ("Timeout",)), 300),
    "no text is logged unless it is asked for": ("prod", variable("Inference.Router", "LOG_TEXT"), "false"),
    "documents are looked at as often as the settings say": (
        "everything", ("AWS::Scheduler::Schedule", "Base.Check", ("ScheduleExpression",)), "rate(1 day)",
    ),
    "a run is planned for the model that is tuned": (
        "prod", variable("EnginePlan", "TUNED_BASE_MODEL"), "amazon.nova-micro-v1:0:128k",
    ),
    "a run is planned for the tuned model of others": (
        "elsewhere", variable("EnginePlan", "TUNED_MODEL"),
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl",
    ),
    "hosting by the hour ends": ("hosted", variable("FineTuning.Place", "TTL_HOURS"), "24"),
    "training has its price": ("prod", variable("FineTuning.Prepare", "TRAINING_PER_1K"), "0.001"),
    "an answer ends before its router would": ("prod", variable("EngineAnswer", "ANSWER_SECONDS"), "28.0"),
    "judges are asked in jobs": ("everything", variable("EngineJudge", "BATCH_INFERENCE"), "true"),
    "the documents of the profile are asked for in their form": (
        "managed", variable("IngestionProfile", "MANAGED_SEARCH"), "true",
    ),
    "what is calibrated is what is searched": (
        "prod", variable("Calibrate", "KNOWLEDGE_BASE_ID"), "<KnowledgeBase.DocumentsKnowledgeBase.KnowledgeBaseId>",
    ),
}  # fmt: skip
STATES: dict[str, tuple[str, str, str, tuple[str | int, ...], object]] = {
    "a gate asks no judges of Bedrock's": (
        "everything", "FineTuning", "Evaluate", ("Arguments", "Input", "native_jobs"), False,
    ),
    "a gate's evaluation has a name of its own": (
        "prod", "FineTuning", "Evaluate", ("Arguments", "Name"), "{% $job.run & '-gate' %}",
    ),
    "a model that does not exist yet is trained": (
        "prod", "FineTuning", "FindModel", ("Catch", 0, "ErrorEquals"), ["Bedrock.ResourceNotFoundException"],
    ),
    "hosting is bought as the settings say": ("hosted", "FineTuning", "Host", ("Arguments", "ModelUnits"), 2),
    "a failed batch ends no evaluation": ("prod", "Evaluation", "Answer", ("ToleratedFailurePercentage",), 100),
    "a run is calibrated on as the settings say": (
        "hosted", "Evaluation", "Calibrate", ("Arguments", "Payload", "prefer"), "cost",
    ),
    "a run that nothing is learnt from is none the worse": (
        "hosted", "Evaluation", "Calibrate", ("Catch", 0, "Next"), "NotCalibrated",
    ),
}  # fmt: skip


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@pytest.mark.parametrize("sentence", STATED)
def test_the_template_says(sentence: str, synthesise: Any) -> None:
    environment, (kind, name, path), value = STATED[sentence]
    assert at(synthesise(environment).one(kind, name).properties, path) == value


@pytest.mark.parametrize("sentence", STATES)
def test_the_pipeline_says(sentence: str, synthesise: Any) -> None:
    environment, machine, state, path, value = STATES[sentence]
    states = definition(synthesise(environment).one("AWS::StepFunctions::StateMachine", machine))["States"]
    assert at(states[state], path) == value


def test_a_job_of_batch_inference_asks_as_converse_does_for_a_day_and_is_stopped_once_it_is_lost(
    everything: Deployment,
) -> None:
    tasks = [s for graph in graphs(everything) for s in graph.states.values() if s["Type"] == "Task"]
    asked = [s["Arguments"] for s in tasks if s["Resource"].endswith(":createModelInvocationJob")]
    assert len([s for s in tasks if s["Resource"].endswith(":stopModelInvocationJob")]) == len(asked)
    assert len(asked) >= 4
    for arguments in asked:
        assert (arguments["ModelInvocationType"], arguments["TimeoutDurationInHours"]) == ("Converse", 24)
