"""A customization job's run: a training set read with the job's role, learned from, and left as a custom model."""

import json
import logging
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside
from local.emulator.bedrock import model_tags
from local.emulator.bedrock.customization_data import training_set, validation_set, write_steps
from local.emulator.bedrock.models import CUSTOM_MODELS
from local.emulator.knowledge.knowledge_bases import now
from local.emulator.language.training_data import Sample, TrainingDataError
from local.emulator.language.tuning import Step, learn, training_steps

log = logging.getLogger("arbiter.local")

_JOB_SECONDS = 1.0
_DEFAULT_EPOCHS = 2
_TRAINING = "training_artifacts/step_wise_training_metrics.csv"
_VALIDATION = "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"


def run(job: dict[str, Any]) -> None:
    """Run a job to its end, note how it ended, and announce it."""
    try:
        job["statusDetails"] = _details("InProgress", "NotStarted")
        _train(job)
    except (TrainingDataError, ServiceError, ClientError) as error:
        job.update(status="Failed", failureMessage=str(error)[:2048])
    except Exception as error:  # the job must end, and the log must tell
        log.exception("customization job %s broke", job["jobName"])
        job.update(status="Failed", failureMessage=f"Internal error: {error!r}")
    if job["status"] == "Stopping":
        job["status"] = "Stopped"
    job["statusDetails"] = _details("Completed", job["status"])
    job.update(endTime=now(), lastModifiedTime=now())
    _announce(job)


def _train(job: dict[str, Any]) -> None:
    samples, measured = training_set(job), validation_set(job)
    epochs = int(float(job["hyperParameters"].get("epochCount", _DEFAULT_EPOCHS)))
    steps, validation = training_steps(samples, measured, epochs)
    job["statusDetails"] = _details("Completed", "InProgress")
    if job["_stop"].wait(_JOB_SECONDS / 2):
        return
    write_steps(job, _TRAINING, "training_loss", steps[: len(steps) // 2])
    faults.wait_while_held("job", job["jobName"])
    if job["_stop"].wait(_JOB_SECONDS / 2):
        return
    fault = faults.strike("job", name=job["jobName"])
    if fault:
        job.update(status=fault["status"], failureMessage=fault["message"])
        return
    write_steps(job, _TRAINING, "training_loss", steps)
    if validation:
        write_steps(job, _VALIDATION, "validation_loss", validation)
    _complete(job, samples, steps, validation)


def _complete(job: dict[str, Any], samples: list[Sample], steps: list[Step], validation: list[Step]) -> None:
    last = steps[-len(samples) :]
    metrics: dict[str, Any] = {"trainingMetrics": {"trainingLoss": sum(step.loss for step in last) / len(last)}}
    if validation:
        metrics["validationMetrics"] = [{"validationLoss": validation[-1].loss}]
    copied = ("jobName", "jobArn", "baseModelArn", "customizationType", "hyperParameters", "customizationConfig")
    configured = ("trainingDataConfig", "validationDataConfig", "outputDataConfig")
    CUSTOM_MODELS.records[job["_model"]] = {
        "modelArn": job["_model"],
        "modelName": job["outputModelName"],
        "creationTime": now(),
        "modelStatus": "Active",
        **metrics,
        **{key: job[key] for key in (*copied, *configured) if key in job},
        "_learned": learn(samples),
    }
    model_tags.keep(job["_model"], job["_model_tags"])
    job.update(status="Completed", outputModelArn=job["_model"], **metrics)


def _details(processing: str, training: str) -> dict[str, Any]:
    stamps = {"creationTime": now(), "lastModifiedTime": now()}
    return {
        "validationDetails": {"status": processing, **stamps},
        "dataProcessingDetails": {"status": processing, **stamps},
        "trainingDetails": {"status": training, **stamps},
    }


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
