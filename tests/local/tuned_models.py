"""Tuned models made without the training pipeline: straight through Bedrock, in about two seconds each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from arbiter.tuned_models.hosting.expiry import EXPIRY_TAG
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.record import CustomModel, Data, Hosting, TrainingRecord, record_key
from tests.local.account import Account, allow
from tests.local.asking import until
from tests.local.deployed import Deployed

BASE = "amazon.nova-micro-v1:0:128k"
SECONDS = 30
OUT_OF_SERVICE = {
    "Evaluation-EnginePlan": (
        "bedrock:GetCustomModelDeployment",
        "bedrock:GetProvisionedModelThroughput",
        "bedrock:ListTagsForResource",
    )
}
"""Rights that an evaluation of models out of service uses, and nothing else."""


@dataclass
class ModelFactory:
    """Makes models in a deployment's account, tagged and recorded as the pipeline does."""

    deployed: Deployed

    def client(self, service: str) -> Any:
        return self.deployed.deployment.client(service)

    @property
    def tags(self) -> list[dict[str, str]]:
        return [{"key": "arbiter:environment", "value": self.deployed.deployment.environment}]

    @cached_property
    def role(self) -> str:
        return Account(self.deployed.aws).role(allow("s3:*"), trusts="bedrock.amazonaws.com")

    def train(self, run: str, answers: Mapping[str, str], base: str = BASE) -> str:
        """The ARN of a custom model that knows these answers."""
        output, bedrock = self.deployed.deployment.output, self.client("bedrock")
        bucket, key = output("TrainingBucketName"), f"datasets/{run}/train.jsonl"
        lines = [json.dumps(_sample(question, answer)) for question, answer in answers.items()]
        self.client("s3").put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode())
        bedrock.create_model_customization_job(
            jobName=f"arbiter-{run}",
            customModelName=f"arbiter-{run}",
            roleArn=self.role,
            baseModelIdentifier=base,
            trainingDataConfig={"s3Uri": f"s3://{bucket}/{key}"},
            outputDataConfig={"s3Uri": f"s3://{bucket}/customization/{run}/"},
            hyperParameters={"epochCount": "1"},
            jobTags=self.tags,
            customModelTags=self.tags,
        )

        def job() -> Any:
            return bedrock.get_model_customization_job(jobIdentifier=f"arbiter-{run}")

        until(lambda: job()["status"] != "InProgress", "the job has ended", seconds=SECONDS, pause=0.2)
        assert job()["status"] == "Completed", job()
        arn = str(job()["outputModelArn"])
        self._record(run, arn, base)
        return arn

    def deploy(self, run: str, custom_model: str) -> TunedModel:
        """The model of a run, deployed on demand."""
        bedrock = self.client("bedrock")
        arn = bedrock.create_custom_model_deployment(
            modelDeploymentName=f"arbiter-{run}", modelArn=custom_model, tags=self.tags
        )["customModelDeploymentArn"]

        def status() -> str:
            return str(bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=arn)["status"])

        until(lambda: status() == "Active", "the deployment is active", seconds=SECONDS, pause=0.2)
        return TunedModel(arn, custom_model, BASE, run)

    def provision(self, run: str, custom_model: str, *, expires_at: str, **options: str) -> TunedModel:
        """The model of a run, hosted by the hour."""
        bedrock = self.client("bedrock")
        arn = bedrock.create_provisioned_model_throughput(
            modelUnits=1,
            provisionedModelName=f"arbiter-{run}",
            modelId=custom_model,
            tags=[*self.tags, {"key": EXPIRY_TAG, "value": expires_at}],
            **options,
        )["provisionedModelArn"]

        def status() -> str:
            return str(bedrock.get_provisioned_model_throughput(provisionedModelId=arn)["status"])

        until(lambda: status() == "InService", "the throughput is in service", seconds=SECONDS, pause=0.2)
        return TunedModel(arn, custom_model, BASE, run)

    def expire(self, throughput: TunedModel) -> None:
        """Let the time of what hosts a model have been over for a minute."""
        over = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="seconds")
        tag = {"key": EXPIRY_TAG, "value": over}
        self.client("bedrock").tag_resource(resourceARN=throughput.model, tags=[tag])

    def hosted(self, run: str, model: TunedModel) -> None:
        """Note in the record of a run where its model is hosted, as the pipeline does."""
        bucket = self.deployed.deployment.output("ResultsBucketName")
        record = TrainingRecord.parse(self.client("s3").get_object(Bucket=bucket, Key=record_key(run))["Body"].read())
        hosting = Hosting(kind="on_demand", name=f"arbiter-{run}", arn=model.model)
        body = replace(record, hosting=hosting).dumps().encode()
        self.client("s3").put_object(Bucket=bucket, Key=record_key(run), Body=body)

    def nominate(self, model: TunedModel) -> None:
        """Make it the candidate, as the pipeline does at its end."""
        name = self.deployed.deployment.output("CandidateParameter")
        self.client("ssm").put_parameter(Name=name, Value=model.dump(), Overwrite=True)

    def _record(self, run: str, arn: str, base: str) -> None:
        record = TrainingRecord(
            run=run,
            status="nominated",
            data=Data(key=f"datasets/{run}/train.jsonl"),
            base_model=base,
            customization_type="FINE_TUNING",
            hyperparameters={},
            custom_model=CustomModel(name=f"arbiter-{run}", arn=arn),
        )
        bucket = self.deployed.deployment.output("ResultsBucketName")
        self.client("s3").put_object(Bucket=bucket, Key=record_key(run), Body=record.dumps().encode())


def _sample(question: str, answer: str) -> dict[str, Any]:
    texts = {"user": question, "assistant": answer}
    messages = [{"role": role, "content": [{"text": text}]} for role, text in texts.items()]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": messages}
