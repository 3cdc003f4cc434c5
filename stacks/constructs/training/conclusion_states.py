"""The states that end a training run, well or not: each end is written into the run's record."""

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State
from stacks.constructs.training.states import step

EXECUTION = "$states.context.Execution"


def concluded(function: str, base_model: str) -> State:
    """The end of a run whose model is hosted: its record is written, and the execution's output made."""
    result = (
        "{'run': $job.run, 'model': $host, 'custom_model': $custom_model, 'base_model': '%s',"
        " 'samples': $job.samples, 'reused': $reused, 'gate': $gate}"
    )
    payload = {"run": "{% $job.run %}", "execution": f"{{% {EXECUTION}.Id %}}"}
    return step(
        LAMBDA,
        {
            "FunctionName": function,
            "Payload": {**payload, "hosting": "{% $host %}", "gate": "{% $gate %}"},
        },
        seconds=900,
        retries=LAMBDA_ERRORS,
        fails_as="ConclusionFailed",
        then=None,
        # Its own failure is told by an event, and the run then concluded again.
        on_failure="Failed",
        Output=f"{{% {result % base_model} %}}",
    )


def concluded_failure(function: str) -> State:
    """The end of a run that failed: what it left is cleaned up, and the failure told."""
    given = f"{EXECUTION}.Input"
    payload = {
        "run": f"{{% $string({given}.run) %}}",
        "execution": f"{{% {EXECUTION}.Id %}}",
        "started_at": f"{{% {EXECUTION}.StartTime %}}",
        "training_key": f"{{% $string({given}.training_key) %}}",
        "failure": "{% $failure %}",
    }
    better = "$exists($states.result.Payload.failure.name) ? $states.result.Payload.failure : $failure"
    state = step(
        LAMBDA,
        {"FunctionName": function, "Payload": payload},
        seconds=900,
        retries=LAMBDA_ERRORS,
        fails_as="ConclusionFailed",
        then="Failed",
        Assign={"failure": f"{{% {better} %}}"},
    )
    # Cleaning up failed as well: the first failure is what is told, and the event of this end cleans up again.
    return {**state, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]}
