"""What the states of the pipelines hand on, what they keep for later, and on what they go on."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks import pipelines
from tests.stacks.resolved import Deployment

GOING_ON = "$states.input.batch.status in ['Submitted', 'Validating', 'Scheduled', 'InProgress', 'Stopping']"
UPDATE = "$states.input.UpdateDetails"
UPDATE_FAILED = f"({UPDATE}.UpdateStatus = 'UpdateFailed' and {UPDATE}.ModelArn = $custom_model)"
SERVED = (
    f"$not({UPDATE_FAILED}) and ($states.input.ModelArn = $custom_model"
    f" or {UPDATE}.UpdateStatus = 'UpdateCompleted' and {UPDATE}.ModelArn = $custom_model)"
)
CHOICES: dict[str, tuple[str, ...]] = {
    "Stopped": ("$states.input.quota_reached",),
    "IsDone": ("$states.input.done",),
    "HasBatchAnswers": ("$states.input.batch_answers",),
    "InBatchStatus": ("$exists($states.input.Cause)",),
    "Enough": ("$states.input.merged.records > 0",),
    "JobStatus": (
        "$states.input.batch.status in ['Completed', 'PartiallyCompleted', 'Expired']",
        f"{GOING_ON} and $states.input.batch.looks >= 100",
        GOING_ON,
    ),
    "NativeOpen": ("$states.input.native_open > 0",),
    "IsTrained": ("$states.input.ModelStatus = 'Active' or $not($exists($states.input.ModelStatus))",),
    "Host": tuple(f"$place.action = '{action}'" for action in ("create", "update", "keep")),
    "IsDeployed": (
        f"$states.input.Status = 'Active' and $not({UPDATE}.UpdateStatus = 'Updating') and {SERVED}",
        f"$states.input.Status in ['Creating', 'Active'] and $not({UPDATE_FAILED}) and $polls < 240",
    ),
    "IsInService": ("$states.input.Status = 'InService'", "$states.input.Status = 'Creating' and $polls < 240"),
    "HasGate": ("$job.gate != null", "$job.gate = null"),
    "IsBetter": ("$gate.publish = true", "$gate.publish = false"),
}
"""How the name of a choice ends -> on what it goes on, in turn."""
INPUT, PAYLOAD = "$states.input", "$states.result.Payload"
KEY = "$states.input.merged.input_key"
CAUSE = "$exists($states.input.Cause) ? $states.input.Cause : $string($states.input)"
MESSAGE = "$exists($states.result.Message) ? $states.result.Message : 'Bedrock gives no reason'"
STATUS = "$exists($states.input.batch.status) ? $states.input.batch.status : 'lost'"
JOB = f"$split($states.result.JobArn, '/')[-1] & '/' & $split({KEY}, '/')[-1] & '.out'"
JOINED = "$count([$states.result.Cause]) > 0 ? {'Cause': $join([$states.result.Cause], '; ')} : $states.input"


def with_input(members: str) -> str:
    """The state's input with these members added."""
    return f"$merge([$states.input, {{{members}}}])"


OUTPUTS: dict[str, str | dict[str, str]] = {
    "Plan|Summarise|Collect": PAYLOAD,
    r"Ask_?\w+|\w+JobStop|\w+Replies": INPUT,
    r"\w+InBatch": JOINED,
    "Answer|Judge": with_input("'quota_reached': 0 in $states.result"),
    "StartNative|FollowNative": with_input(f"'native_open': {PAYLOAD}.open"),
    "Work|LastAttempt": with_input(f"'done': {PAYLOAD}.done, 'retry_failed': false"),
    "Done": "1",
    "QuotaReached": "0",
    r"\w+\dDone": {},
    r"\w+\dFailed": {"Cause": CAUSE},
    r"\w+Merge": with_input(f"'merged': {PAYLOAD}"),
    r"\w+Job": with_input(
        f"'batch': {{'job_arn': $states.result.JobArn, 'output_key': $replace({KEY}, /[^\\/]+$/, '') & {JOB},"
        " 'looks': 0}"
    ),
    r"\w+JobDescribe": with_input(
        "'batch': $merge([$states.input.batch, {'status': $states.result.Status,"
        f" 'message': {MESSAGE}, 'looks': $states.input.batch.looks + 1}}])"
    ),
    r"\w+JobFailed": {
        "Cause": f"'the batch inference job ' & $states.input.batch.job_arn & ' is ' & ({STATUS})"
        " & ': ' & $states.input.batch.message"
    },
    "Generate": {"run": "$states.input.run"},
    "GeneratePairs": f"{PAYLOAD}.pairs",
    "Calibrate": with_input(f"'calibration': {PAYLOAD}"),
}
"""The name of a state -> its output."""
ASSIGNED: dict[str, dict[str, object]] = {
    "Prepare": {"job": PAYLOAD, "gate": {}},
    "FindModel": {"custom_model": "$states.result.ModelArn", "reused": True},
    "DescribeTraining": {"custom_model": "$states.result.OutputModelArn"},
    "Place": {"place": PAYLOAD},
    "Deploy|UpdateDeployment": {"host": "$states.result.CustomModelDeploymentArn", "polls": 0},
    "Keep": {"host": "$place.arn"},
    "DescribeDeployment|DescribeThroughput": {"polls": "$polls + 1"},
    "Gate": {"gate": f"$merge([{PAYLOAD}, {{'published': false}}])"},
    "Publish": {"gate": "$merge([$gate, {'published': true}])"},
    "Host": {"host": "$states.result.ProvisionedModelArn", "polls": 0},
}
"""The name of a state of a training -> the variables that it sets; what is noted of failures has a test of its own."""
BOTH = pytest.mark.parametrize("environment", ["everything", "hosted"])


def written(value: Any) -> Any:
    """As the definition has it: expressions in their braces."""
    if isinstance(value, dict):
        return {name: written(member) for name, member in value.items()}
    return f"{{% {value} %}}" if isinstance(value, str) else value


def of(name: str, table: dict[str, Any]) -> Any:
    """The entry of a state's name; `None` where there is none."""
    found = [value for pattern, value in table.items() if re.fullmatch(pattern, pipelines.without_map(name))]
    assert len(found) <= 1, name
    return written(found[0]) if found else None


@BOTH
def test_a_state_hands_on_what_the_next_one_reads(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for graph in pipelines.graphs(synthesise(environment)):
        for name, state in graph.states.items():
            # A training's end is the only state that makes an output there.
            if state["Type"] != "Fail" and not graph.name.startswith("FineTuning."):
                assert state.get("Output") == of(name, OUTPUTS), f"{graph.name}.{name}"


@BOTH
def test_a_training_keeps_what_its_later_states_read(synthesise: Callable[[str], Deployment], environment: str) -> None:
    machine = synthesise(environment).one("AWS::StepFunctions::StateMachine", "FineTuning")
    for name, state in pipelines.definition(machine)["States"].items():
        kept = {variable: value for variable, value in state.get("Assign", {}).items() if variable != "failure"}
        if state["Type"] != "Choice":
            assert kept == (of(name, ASSIGNED) or {}), name
    ended = pipelines.definition(machine)["States"]["Conclude"]["Output"]
    assert re.sub("'base_model': '[^']+'", "'base_model': …", ended) == (
        "{% {'run': $job.run, 'model': $host, 'custom_model': $custom_model, 'base_model': …,"
        " 'samples': $job.samples, 'reused': $reused, 'gate': $gate} %}"
    )


@BOTH
def test_every_choice_is_made_by_what_its_name_says(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for graph in pipelines.graphs(synthesise(environment)):
        for name, state in graph.states.items():
            if state["Type"] == "Choice":
                (expected,) = (
                    conditions for end, conditions in CHOICES.items() if pipelines.without_map(name).endswith(end)
                )
                made = [choice["Condition"] for choice in state["Choices"]]
                assert made == [f"{{% {condition} %}}" for condition in expected], f"{graph.name}.{name}"


@BOTH
def test_who_goes_on_after_an_error_has_the_input_of_before(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """By itself the error stands in its place: that is for who tells it, and for who reads nothing."""
    for graph in pipelines.graphs(synthesise(environment)):
        for name, state in graph.states.items():
            for rule in (rule for rule in state.get("Catch", ()) if "Assign" not in rule):
                after = graph.states[rule["Next"]]
                tells = after["Type"] == "Fail" or "$states.input.Cause" in json.dumps(after)
                reads = "$states.input" in json.dumps(after.get("Output", "$states.input"))
                assert tells or not reads or "$states.input" in rule.get("Output", ""), f"{graph.name}.{name}"
