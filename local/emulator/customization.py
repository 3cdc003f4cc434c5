"""A customization job's run: a training set read with the job's role, learned from, and left as a custom model."""

import csv
import io
import json
import logging
import math
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.http import ServiceError
from local.emulator.identity import assume, client
from local.emulator.internals import inside
from local.emulator.knowledge_bases import now
from local.emulator.language.training_data import Sample, TrainingDataError, parse
from local.emulator.language.tuning import Step, learn, training_steps
from local.emulator.models import CUSTOM_MODELS

log = logging.getLogger("arbiter.local")

SERVICE = "bedrock.amazonaws.com"
_JOB_SECONDS = 1.0
_DEFAULT_EPOCHS = 2


def run(job: dict[str, Any]) -> None:
    """Run a job to its end, note how it ended, and announce it."""
    try:
        samples = _training_set(job)
        if not job["_stop"].wait(_JOB_SECONDS):
            _finish(job, samples)
    except (TrainingDataError, ServiceError, ClientError) as error:
        job.update(status="Failed", failureMessage=str(error)[:2048])
    except Exception as error:  # the job must end, and the log must tell
        log.exception("customization job %s broke", job["jobName"])
        job.update(status="Failed", failureMessage=f"Internal error: {error!r}")
    if job["status"] == "Stopping":
        job["status"] = "Stopped"
    job.update(endTime=now(), lastModifiedTime=now())
    _announce(job)


def _training_set(job: dict[str, Any]) -> list[Sample]:
    bucket, key = _location(job["trainingDataConfig"]["s3Uri"])
    objects = _objects(job)
    objects.list_objects_v2(Bucket=bucket, Prefix=key)
    return parse(objects.get_object(Bucket=bucket, Key=key)["Body"].read())


def _finish(job: dict[str, Any], samples: list[Sample]) -> None:
    epochs = int(float(job["hyperParameters"].get("epochCount", _DEFAULT_EPOCHS)))
    steps = training_steps(samples, epochs)
    _write_metrics(job, steps)
    last = steps[-len(samples) :]
    metrics = {"trainingLoss": sum(step.loss for step in last) / len(last)}
    CUSTOM_MODELS.records[job["_model"]] = {
        "modelArn": job["_model"],
        "modelName": job["outputModelName"],
        "creationTime": now(),
        "modelStatus": "Active",
        "trainingMetrics": metrics,
        **{key: job[key] for key in ("jobName", "jobArn", "baseModelArn", "customizationType", "hyperParameters")},
        **{key: job[key] for key in ("trainingDataConfig", "outputDataConfig")},
        "_learned": learn(samples),
    }
    job.update(status="Completed", outputModelArn=job["_model"], trainingMetrics=metrics)


def _write_metrics(job: dict[str, Any], steps: list[Step]) -> None:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["step_number", "epoch_number", "training_loss", "perplexity"])
    rows.writerows([step.number, step.epoch, f"{step.loss:.6f}", f"{math.exp(step.loss):.6f}"] for step in steps)
    bucket, prefix = _location(job["outputDataConfig"]["s3Uri"])
    folder = f"{prefix.rstrip('/')}/model-customization-job-{job['jobArn'].rsplit('/', 1)[-1]}".lstrip("/")
    key = f"{folder}/training_artifacts/step_wise_training_metrics.csv"
    objects = _objects(job)
    objects.list_objects_v2(Bucket=bucket, Prefix=prefix)
    objects.put_object(Bucket=bucket, Key=key, Body=table.getvalue().encode())


def _objects(job: dict[str, Any]) -> Any:
    return client("s3", assume(job["roleArn"], SERVICE, "BedrockModelCustomization", job["jobArn"]))


def _location(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _announce(job: dict[str, Any]) -> None:
    names = ("jobName", "jobArn", "outputModelName", "roleArn", "creationTime", "lastModifiedTime", "endTime")
    detail = {
        "version": "0.0",
        "jobStatus": job["status"],
        "outputModelArn": job.get("outputModelArn", ""),
        "failureMessage": job.get("failureMessage", ""),
        **{name: job[name] for name in (*names, "baseModelArn", "hyperParameters")},
    }
    entry = {
        "Source": "aws.bedrock",
        "DetailType": "Model Customization Job State Change",
        "Detail": json.dumps(detail),
        "Resources": [job["jobArn"]],
        "EventBusName": "default",
    }
    inside("services.eventbridge", "_put_events")({"Entries": [entry]}, allow_aws_source=True)
