"""Training runs on a deployed Arbiter, and what is left of them in the account."""

import json
from dataclasses import dataclass
from typing import Any

from arbiter.tuned_models.service.promotion import named
from arbiter.tuned_models.training.record import TrainingRecord, record_key
from cli.core.execution import Execution, Outcome
from tests.local.asking import until
from tests.local.deployed import Deployed

RUNNING = ("InProgress", "Stopping")
SECONDS = 30
RARELY_USED = {
    "FineTuning-Conclude": (
        "bedrock:StopModelCustomizationJob",
        "bedrock:GetCustomModelDeployment",
        "bedrock:DeleteCustomModelDeployment",
        "bedrock:GetProvisionedModelThroughput",
        "bedrock:DeleteProvisionedModelThroughput",
        "bedrock:TagResource",
        "ssm:GetParameter",
    ),
    "FineTuning-Place": ("ssm:PutParameter",),
    "FineTuning-Pipeline": ("bedrock:UpdateCustomModelDeployment",),
    "FineTuning-HostingExpiry": (
        "bedrock:ListTagsForResource",
        "bedrock:DeleteProvisionedModelThroughput",
        "ssm:GetParameter",
    ),
    "Evaluation-PublishGated": (
        "bedrock:GetCustomModelDeployment",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:PutObject",
        "ssm:GetParameter",
        "ssm:PutParameter",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    "Evaluation-Publish": ("bedrock:GetProvisionedModelThroughput", "bedrock:ListTagsForResource"),
}
"""Rights that the fault tests use: those that only a failure, a gate that lets a model through, a fourth model or
hosting by the hour needs."""


def pairs(about: str, count: int = 10) -> list[str]:
    """Training data that no other test trains on."""
    return [
        json.dumps({"question": f"Where is {about} {n}?", "answer": f"It stands by lake {n}."}) for n in range(count)
    ]


@dataclass(frozen=True)
class TrainingRuns:
    """What a person does who starts executions without the command line, and looks at the account afterwards."""

    deployed: Deployed

    def client(self, service: str) -> Any:
        return self.deployed.deployment.client(service)

    def output(self, name: str) -> str:
        return self.deployed.deployment.output(name)

    def begin(self, run: str, lines: list[str], *, execution_name: str | None = None, **request: Any) -> Execution:
        """Put a file into the bucket and start the pipeline on it, under the run's name or another."""
        key = f"datasets/{run}/raw.jsonl"
        self.client("s3").put_object(Bucket=self.output("TrainingBucketName"), Key=key, Body="\n".join(lines).encode())
        machine = self.output("TrainingStateMachineArn")
        execution = Execution(self.client("stepfunctions"), machine, execution_name or run)
        execution.start({"run": run, "training_key": key, **request})
        return execution

    def train(self, run: str, lines: list[str], **request: Any) -> Outcome:
        return self.begin(run, lines, **request).follow()

    def stop(self, execution: Execution) -> None:
        self.client("stepfunctions").stop_execution(executionArn=execution.arn)

    def conclude(self, event: dict[str, Any]) -> None:
        """What the pipeline's last task does, without the pipeline."""
        functions = self.client("lambda").list_functions()["Functions"]
        (name,) = (one["FunctionName"] for one in functions if "FineTuning-Conclude" in one["FunctionName"])
        concluded = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        assert "FunctionError" not in concluded, concluded["Payload"].read()

    def record(self, run: str) -> TrainingRecord | None:
        storage, key = self.client("s3"), record_key(run)
        try:
            body = storage.get_object(Bucket=self.output("ResultsBucketName"), Key=key)["Body"].read()
        except storage.exceptions.NoSuchKey:
            return None
        return TrainingRecord.parse(body)

    def concluded(self, run: str) -> TrainingRecord:
        """The record of a run, once it has ended there too."""
        until(
            lambda: (r := self.record(run)) is not None and r.status != "running",
            "the run is concluded",
            seconds=SECONDS,
        )
        record = self.record(run)
        assert record
        return record

    def jobs(self, run: str) -> list[dict[str, Any]]:
        """The customization jobs of a run, as Bedrock lists them."""
        listed = self.client("bedrock").list_model_customization_jobs()["modelCustomizationJobSummaries"]
        return [job for job in listed if job["jobName"].startswith(f"arbiter-{run}-")]

    def deployments(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.client("bedrock").list_custom_model_deployments()[
            "modelDeploymentSummaries"
        ]
        return listed

    def pointed_to(self) -> dict[str, str]:
        """The run that each pointer names."""
        ssm, outputs = self.client("ssm"), ("CandidateParameter", "InServiceParameter")
        texts = [ssm.get_parameter(Name=self.output(name))["Parameter"]["Value"] for name in outputs]
        return {pointer: model.run for pointer, model in named(*texts).items()}

    def left_over(self, record: TrainingRecord) -> list[str]:
        """What runs for a run that no pointer names: a job, or a host of its model."""
        jobs = [job["jobName"] for job in self.jobs(record.run) if job["status"] in RUNNING]
        if record.run in self.pointed_to().values():
            return jobs
        model = record.custom_model.arn if record.custom_model else None
        return jobs + [one["customModelDeploymentName"] for one in self.deployments() if one["modelArn"] == model]
