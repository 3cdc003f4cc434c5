"""States inside the maps of an evaluation: for a child whose function gave up, or was throttled."""

from stacks.constructs.base.asl import State

THROTTLED_ATTEMPTS = 5


def is_done() -> State:
    """The function gave up because its own time was over: the rest of the batch is the next call's."""
    return {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [{"Condition": "{% $states.input.done %}", "Next": "Done"}],
        "Default": "Work",
    }


def patience() -> State:
    """Throttling that outlasts the function's own pauses is the account's quota: only longer ones help."""
    return {
        "ErrorEquals": ["Throttled"],
        "IntervalSeconds": 30,
        "BackoffRate": 2,
        "MaxDelaySeconds": 300,
        "MaxAttempts": THROTTLED_ATTEMPTS,
        "JitterStrategy": "FULL",
    }
