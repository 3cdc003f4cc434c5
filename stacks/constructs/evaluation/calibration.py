"""Calibrating `auto` at the end of a run: thresholds fitted to it, published if they beat each single mode."""

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, task


def calibration_states(function: str, prefer: str) -> dict[str, State]:
    """The states behind the summary, the first one first; a run that nothing can be learnt from is none the worse."""
    state = task(
        LAMBDA,
        {"FunctionName": function, "Payload": {"run": "{% $states.input.run %}", "prefer": prefer}},
        seconds=900,
        retries=LAMBDA_ERRORS,
        on_error="NotCalibrated",
        then=None,
        Output="{% $merge([$states.input, {'calibration': $states.result.Payload}]) %}",
    )
    state["Catch"][0]["Output"] = "{% $states.input %}"
    return {"Calibrate": state, "NotCalibrated": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True}}
