"""The training pipeline as the services tell of it."""

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.response import StreamingBody
from botocore.stub import ANY

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment, kept

COST = {"tokens": 96, "usd": 0.0002, "per_1k": 0.002, "as_of": "2026-11-21"}
PREPARE = "arn:aws:lambda:us-east-1:000000000000:function:prepare"
GATE = "arn:aws:lambda:us-east-1:000000000000:function:gate"
PLACE = "arn:aws:lambda:us-east-1:000000000000:function:place"
MACHINE = OUTPUTS["TrainingStateMachineArn"]
ARN = MACHINE.replace(":stateMachine:", ":execution:") + ":run-1"
PAIRS = "".join(json.dumps({"question": f"Q{i}?", "answer": "A."}) + "\n" for i in range(8))
KEY = f"datasets/run-1/raw-{hashlib.sha256(PAIRS.encode()).hexdigest()[:16]}.jsonl"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
MODEL = TunedModel("arn:deployment/1", "arn:model/1", "amazon.nova-micro-v1:0:128k", "run-1")
OUTPUT = json.dumps({"samples": 8, **MODEL._asdict(), "reused": False, "gate": {}})


def priced(answer: Mapping[str, Any] = COST, **others: str) -> StubbedDeployment:
    """A deployment whose pipeline is asked first what the training costs."""
    deployment = StubbedDeployment()
    pipeline(deployment)
    answered(deployment, answer, **others)
    return deployment


def pipeline(deployment: StubbedDeployment) -> None:
    functions = {"Prepare": PREPARE, "Gate": GATE, "Place": PLACE}
    definition = {"States": {state: {"Arguments": {"FunctionName": arn}} for state, arn in functions.items()}}
    deployment.stub("stepfunctions").add_response(
        "describe_state_machine",
        {
            "stateMachineArn": MACHINE, "name": "training", "roleArn": "r", "type": "STANDARD", "creationDate": NOW,
            "definition": json.dumps(definition),
        },
        {"stateMachineArn": MACHINE},
    )  # fmt: skip


def answered(deployment: StubbedDeployment, payload: Any, function: str = PREPARE, **others: Any) -> None:
    body = json.dumps(payload).encode()
    deployment.stub("lambda").add_response(
        "invoke",
        {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **others},
        {"FunctionName": function, "Payload": ANY},
    )


def described(status: str, **others: str) -> dict[str, Any]:
    return {"executionArn": ARN, "stateMachineArn": MACHINE, "status": status, "startDate": NOW, **others}


def began(deployment: StubbedDeployment, key: str = KEY) -> None:
    """A run that is there already, and the file that it began with."""
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described("RUNNING"))
    states.add_response("describe_execution", described("RUNNING", input=json.dumps({"training_key": key})))


def history(*states: str) -> dict[str, Any]:
    entered = [
        {"timestamp": NOW, "type": "TaskStateEntered", "id": i, "stateEnteredEventDetails": {"name": state}}
        for i, state in enumerate(states, 1)
    ]
    return {"events": list(reversed(entered))}


def start(deployment: StubbedDeployment, hyperparameters: dict[str, str], **request: Any) -> None:
    stored = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    for _ in range(1 + ("gate" in request)):
        deployment.stub("s3").add_response("put_object", stored)
    deployment.stub("sts").add_response("get_caller_identity", {"Arn": "arn:aws:iam::0:user/me"})
    states = deployment.stub("stepfunctions")
    if "gate" not in request:
        states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    payload = {
        "force": False,
        "hyperparameters": hyperparameters,
        "run": "run-1",
        "started_by": "arn:aws:iam::0:user/me",
        "training_key": KEY,
        **request,
    }
    states.add_response(
        "start_execution",
        {"executionArn": ARN, "startDate": NOW},
        {"stateMachineArn": MACHINE, "name": "run-1", "input": json.dumps(payload, sort_keys=True)},
    )


def finish(deployment: StubbedDeployment, **description: str) -> None:
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described(**description))
    states.add_response("get_execution_history", history("Prepare", "Train", "Nominate"))
    kept(deployment, running(reused=True))  # what is looked at while it runs: no job of its own


def pointers(deployment: StubbedDeployment, in_service: TunedModel | None = None) -> None:
    for name, text in (("candidate", MODEL.dump()), ("in-service", Pointer(in_service).dump())):
        deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": text}}, {"Name": name})
