"""A stack that runs batch inference and nothing else."""

import json
import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.constructs.base.asl import failure
from stacks.constructs.base.bucket import AccessLogBucket, Bucket
from stacks.constructs.base.state_machine import StateMachine, pipeline_role
from stacks.constructs.batch.inference import BatchInference

STACK = "Arbiter-test-Generation"
MODEL = "us.amazon.nova-lite-v1:0"


def synthesise(folder: Path, *, model: str = MODEL) -> Path:
    """The cloud assembly of the stack."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CDK_VALIDATION", "false")
        flags = json.loads((Path(__file__).parents[1] / "cdk.json").read_text())["context"]
        app = cdk.App(context=flags, outdir=str(folder))
        _build(cdk.Stack(app, STACK, env=cdk.Environment(region="us-east-1")), model)
        app.synth()
    return folder


def _build(stack: cdk.Stack, model: str) -> None:
    logs = AccessLogBucket(stack, "Logs", logical_id="Logs", removal_policy=cdk.RemovalPolicy.DESTROY)
    kept: dict[str, Any] = {"access_logs": logs, "key": None, "removal_policy": cdk.RemovalPolicy.DESTROY}
    bucket = Bucket(stack, "Results", logical_id="Results", **kept)
    batch = BatchInference(
        stack, "Batch", model=model, bucket=bucket, prefix="runs/", tags={"arbiter:environment": "test"}, poll_seconds=1
    )
    role = pipeline_role(stack, "Role")
    batch.grant_run(role)
    asked = {"job_name": "$states.input.run", "input_key": "'runs/' & $states.input.run & '/records.jsonl'"}
    states = batch.states("Answer", **asked, then="Done", on_failure="BatchFailed")
    definition = {
        "StartAt": "Answer",
        "States": {
            **states,
            "Done": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True},
            "BatchFailed": failure("BatchFailed"),
        },
    }
    machine = StateMachine(stack, "Pipeline", role=role, definition=definition, log_retention_days=7)
    cdk.CfnOutput(stack, "MachineArn", value=machine.arn)
    cdk.CfnOutput(stack, "BucketName", value=bucket.name)
