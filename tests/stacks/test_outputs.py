"""What each stack tells: by its outputs the command line finds buckets, functions, pipelines and logs."""

import re
from typing import Any

import pytest

from tests.stacks.resolved import Deployment, plain

EDITION = re.compile(r"-[0-9a-f]{8}$")
"""Of the index, at the end of its name."""
ALWAYS: dict[str, dict[str, str]] = {
    "Storage": {
        **{f"{name}BucketName": f"<Storage.{name}Bucket>" for name in ("Documents", "Training", "Results")},
        **{f"{name}Parameter": f"<Storage.TunedModel{name}>" for name in ("Candidate", "InService")},
    },
    "Inference": {
        "RouterAliasArn": "<Inference.Live>",
        "RouterFunctionName": "<Inference.RouterFunction>",
        "RouterLogGroup": "<Inference.RouterLogsGroup>",
        "RouterUrl": "<Inference.LiveFunctionUrl.FunctionUrl>",
    },
    "Evaluation": {
        "PlanFunctionArn": "<Evaluation.EnginePlanFunction.Arn>",
        "EvaluationStateMachineArn": "<Evaluation.PipelineStateMachine>",
        "CalibrateFunctionArn": "<Evaluation.CalibrateFunction.Arn>",
        "PublishFunctionArn": "<Evaluation.PublishFunction.Arn>",
    },
    "FineTuning": {
        "TrainingStateMachineArn": "<FineTuning.PipelineStateMachine>",
        "RetireFunctionArn": "<FineTuning.RetirementFunction.Arn>",
        "ExpireHostingFunctionArn": "<FineTuning.HostingExpiryFunction.Arn>",
    },
    "Generation": {
        "GenerationStateMachineArn": "<Generation.PairsPipelineStateMachine>",
        "PlanGenerationFunctionArn": "<Generation.PairsPlanFunction.Arn>",
    },
    "Operations": {"DashboardName": "<Operations.ModesDashboard>"},
}
QUEUES = {
    "SyncQueueUrl": "<KnowledgeBase.IngestionChanges>",
    "SyncDeadLetterQueueUrl": "<KnowledgeBase.IngestionDeadLetters>",
}
OWN = {
    "KnowledgeBaseId": "<KnowledgeBase.DocumentsKnowledgeBase.KnowledgeBaseId>",
    "DataSourceId": "<KnowledgeBase.Documents.DataSourceId>",
    "VectorIndexArn": "<KnowledgeBase.DocumentsVectorsBucket.VectorBucketArn>/index/passages",
    **QUEUES,
}
API = {
    "ApiUrl": "https://<Edge.RestApi>.execute-api.us-east-1.<Edge.AWS::URLSuffix>/<Edge.RestApiDeploymentStagelive>/",
    "ApiId": "<Edge.RestApi>",
    "FrontLogGroup": "<Edge.FrontLogsGroup>",
    "StreamLogGroup": "<Edge.StreamingStreamLogsGroup>",
    "KeyTableName": "<Edge.KeysTable>",
}
MORE: dict[str, dict[str, dict[str, str]]] = {
    **{name: {"KnowledgeBase": OWN} for name in ("prod", "dev", "local", "hosted")},
    "everything": {
        "KnowledgeBase": {**OWN, "CheckDocumentsFunctionArn": "<KnowledgeBase.CheckFunction.Arn>"},
        "Inference": {
            "ShadowLogGroup": "<Inference.ShadowLogsGroup>",
            "GatewayId": "<Inference.AgentsGateway.GatewayIdentifier>",
            "GatewayUrl": "<Inference.AgentsGateway.GatewayUrl>",
        },
        "Edge": {**API, "ApiAuth": "api_key"},
    },
    "managed": {
        "KnowledgeBase": {
            "KnowledgeBaseId": "<KnowledgeBase.ManagedKnowledgeBase.KnowledgeBaseId>",
            "DataSourceId": "<KnowledgeBase.ManagedDocuments.DataSourceId>",
            **QUEUES,
        },
        "Inference": {"ManagedSearch": "true"},
        "Edge": {
            **API,
            "ApiAuth": "jwt",
            "TokenBudget": '{"issuer": "https://login.example.com/t", "budget_usd": 5.0, "budget_tokens": null}',
        },
    },
    "elsewhere": {"Inference": {"ExistingKnowledgeBaseId": "ABCDEFGHIJ"}},
}


@pytest.mark.parametrize("environment", MORE)
def test_an_output_leads_to_what_it_is_named_after(synthesise: Any, environment: str) -> None:
    deployment: Deployment = synthesise(environment)
    for stack, template in deployment.templates.items():
        outputs = template.get("Outputs", {}).items()
        # The CDK's own, by which stacks refer to each other, end in its digest.
        told = {name: deployment.resolve(stack, one["Value"]) for name, one in outputs if plain(name) == name}
        assert {name: EDITION.sub("", value) for name, value in told.items()} == {
            **ALWAYS.get(stack, {}), **MORE[environment].get(stack, {}),
        }  # fmt: skip
