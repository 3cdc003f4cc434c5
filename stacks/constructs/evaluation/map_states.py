"""States inside the maps of an evaluation: for a child whose function gave up, or was throttled."""

from stacks.constructs.base.asl import State

THROTTLED_ATTEMPTS = 5
BATCH_OF_QUOTA = "{% 0 %}"
"""The output of a batch that a quota of the day ended: a number, for there may be 20,000 of them."""
USED_UP = (
    "The account's quota of the day for a model is used up: the log of the function names it. The run may go on after "
    "the next 00:00 UTC, or once a higher quota is granted (Service Quotas, Amazon Bedrock)."
)


def is_done() -> State:
    """The function gave up because its own time was over: the rest of the batch is the next call's."""
    return {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [{"Condition": "{% $states.input.done %}", "Next": "Done"}],
        "Default": "Work",
    }


def stopped(*, then: str) -> State:
    """The end of a run that asked for more than the account has a day: the rest of it would only be refused."""
    return {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [{"Condition": "{% $states.input.quota_reached %}", "Next": "DailyQuotaReached"}],
        "Default": then,
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
