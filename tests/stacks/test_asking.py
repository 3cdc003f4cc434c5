"""What the states of the pipelines ask for: payloads of functions, arguments of Bedrock's calls, items of maps."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks import pipelines
from tests.stacks.resolved import Deployment
from tests.stacks.test_handing_on import BOTH, of, written

ALL, RUN = "$states.input", "$states.input.run"
EXECUTION = "$states.context.Execution"
GATE = "$job.run & '-gate'"
BATCH = {"run": RUN, "batch": "$states.input.batch", "retry_failed": "$states.input.retry_failed"}
PAYLOADS: dict[str, tuple[str, Any]] = {
    "Plan": ("Plan", ALL),
    "Generation.Plan": ("Plan", f"$merge([{ALL}, {{'begins': true}}])"),
    "Collect": ("Collect", ALL),
    "GeneratePairs": ("Generate", ALL),
    "StartNative": ("NativeRun", {"action": "=start", "run": RUN, "execution": f"{EXECUTION}.Name"}),
    "FollowNative": ("NativeRun", {"action": "=follow", "run": RUN, "execution": f"{EXECUTION}.Name"}),
    "Summarise": ("Summarise", {"run": RUN, "cases_key": "$states.input.cases_key", "arms": "$states.input.arms"}),
    "Calibrate": ("Calibrate", {"run": RUN, "prefer": "=cost"}),
    "Prepare": (
        "Prepare", f"$merge([{ALL}, {{'execution': {EXECUTION}.Id, 'started_at': {EXECUTION}.StartTime}}])",
    ),
    "Claim": ("Place", {"run": "$job.run", "claim": "$job.custom_model_name"}),
    "Place": ("Place", {"run": "$job.run", "custom_model": "$custom_model", "reused": "$reused"}),
    "Gate": ("Gate", {"evaluation": GATE, "run": "$job.run"}),
    "Publish": (
        "PublishGated", {"action": "=promote", "run": "$job.run", "over": "$place.over", "by": f"{EXECUTION}.Id"},
    ),
    "Conclude": (
        "Conclude", {"run": "$job.run", "execution": f"{EXECUTION}.Id", "hosting": "$host", "gate": "$gate"},
    ),
    "ConcludeFailure": (
        "Conclude",
        {
            "run": f"$string({EXECUTION}.Input.run)",
            "execution": f"{EXECUTION}.Id",
            "started_at": f"{EXECUTION}.StartTime",
            "training_key": f"$string({EXECUTION}.Input.training_key)",
            "failure": "$failure",
        },
    ),
}  # fmt: skip
"""The name of a state -> the function that it calls, and what that is given; a text behind `=` is no expression."""
RECORDS = {"Merge": {"execution": f"{EXECUTION}.Id"}, "Replies": {"output_key": "$states.input.batch.output_key"}}
"""What those get beside the run and the model that merge what it is asked, and share out what it replied."""
ARGUMENTS: dict[str, dict[str, Any]] = {
    r"\w+Job(Describe|Stop)": {"JobIdentifier": "$states.input.batch.job_arn"},
    r"\w+Job": {
        "JobName": "$states.input.merged.job_name",
        "InputDataConfig": {
            "S3InputDataConfig": {"S3Uri": "'s3://<Storage.ResultsBucket>/' & $states.input.merged.input_key"}
        },
        "OutputDataConfig": {
            "S3OutputDataConfig": {
                "S3Uri": r"'s3://<Storage.ResultsBucket>/' & $replace($states.input.merged.input_key, /[^\/]+$/, '')"
            }
        },
    },
    "FindModel": {"ModelIdentifier": "$job.custom_model_name"},
    "Train": {
        "JobName": "$job.job_name",
        "CustomModelName": "$job.custom_model_name",
        "ClientRequestToken": "$job.client_token",
        "TrainingDataConfig": {"S3Uri": "$job.training_uri"},
        "ValidationDataConfig": {"Validators": "$job.validators"},
        "OutputDataConfig": {"S3Uri": "$job.output_uri"},
        "HyperParameters": "$job.hyperparameters",
    },
    "DescribeTraining": {"JobIdentifier": "$job.job_name"},
    "Deploy": {"ModelDeploymentName": "$place.name", "ModelArn": "$custom_model"},
    "UpdateDeployment": {"CustomModelDeploymentIdentifier": "$place.arn", "ModelArn": "$custom_model"},
    "DescribeDeployment": {"CustomModelDeploymentIdentifier": "$host"},
    "Host": {"ProvisionedModelName": "$place.name", "ModelId": "$custom_model"},
    "DescribeThroughput": {"ProvisionedModelId": "$host"},
    "Nominate": {"Name": "=<Storage.TunedModelCandidate>", "Type": "=String", "Overwrite": True},
    "Evaluate": {"StateMachineArn": "=<Evaluation.PipelineStateMachine>", "Name": GATE},
}
ITEM = "$states.context.Map.Item.Value"
SHARE = {"run": RUN, "target": "$states.input.target", "kinds": "$states.input.kinds", "share": ITEM}
ITEMS: dict[str, dict[str, Any]] = {
    "Answer|Judge": {"run": RUN, "batch": ITEM, "retry_failed": True},
    "Ask[A-Z].*": {"run": RUN, "batch": ITEM, "retry_failed": True, "defer": True},
    "Generate": SHARE,
    "Ask_generator": {**SHARE, "defer": "=generator"},
    "Ask_verifier": {**SHARE, "defer": "=verifier"},
}
"""The name of a map -> what each of its children is given."""


def plainly(value: Any) -> Any:
    """As the definition has it: a text that is marked as none is no expression."""
    if isinstance(value, dict):
        return {name: plainly(member) for name, member in value.items()}
    marked = re.fullmatch(r"\{% =(.*) %\}", value) if isinstance(value, str) else None
    return marked[1] if marked else value


@BOTH
def test_a_function_is_given_what_it_reads(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for graph, whole, state in pipelines.tasks(synthesise(environment)):
        asked, name = state["Arguments"], pipelines.without_map(whole)
        if name in ("Work", "LastAttempt"):
            defers = {"defer": "$states.input.defer"} if "/Ask" in graph.name else {}
            last = {"last": True} if name == "LastAttempt" else {}
            assert asked["Payload"] == {**written({**BATCH, **defers}), **last}, f"{graph.name}.{name}"
        elif "FunctionName" in asked and name in PAYLOADS:
            function, payload = PAYLOADS.get(f"{graph.name.partition('.')[0]}.{name}", PAYLOADS[name])
            assert asked["FunctionName"].endswith(f"{function}Function.Arn>"), f"{graph.name}.{name}"
            assert asked["Payload"] == plainly(written(payload)), f"{graph.name}.{name}"
        elif "FunctionName" in asked:
            given = {"run": RUN, **RECORDS[re.sub("^.*(?=Merge|Replies)", "", name)]}
            assert {**asked["Payload"], "model": ...} == {**written(given), "model": ...}, f"{graph.name}.{name}"


@BOTH
def test_bedrock_is_asked_about_what_the_run_is_about(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    for graph, name, state in pipelines.tasks(synthesise(environment)):
        if "FunctionName" not in state["Arguments"]:
            expected = plainly(of(name, ARGUMENTS))
            assert {one: state["Arguments"][one] for one in expected} == expected, f"{graph.name}.{name}"


@pytest.mark.parametrize("environment", ["prod", "everything"])
def test_a_child_of_a_map_is_given_its_item_and_the_run(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    for graph in pipelines.graphs(synthesise(environment)):
        for name, state in graph.states.items():
            if "ItemSelector" in state:
                assert state["ItemSelector"] == plainly(of(name, ITEMS)), f"{graph.name}.{name}"
                key = "plan_key" if graph.name.startswith("Generation.") else "batches_key"
                source = {"Bucket": "<Storage.ResultsBucket>", "Key": f"{{% $states.input.{key} %}}"}
                assert state["ItemReader"]["Arguments"] == source, f"{graph.name}.{name}"
