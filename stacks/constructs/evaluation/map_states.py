"""The maps of an evaluation over its batches, and the states inside: for a child that gave up, or was throttled."""

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, failure, never, processor, retry, task

INPUT = "{% $states.input %}"
BATCH_SECONDS = 900

THROTTLED_ATTEMPTS = 5
BATCH_OF_QUOTA = "{% 0 %}"
"""The output of a batch that a quota of the day ended: a number, for there may be 20,000 of them."""
USED_UP = (
    "The account's quota of the day for a model, which the function's log names, is used up: go on after the next "
    "00:00 UTC, or have a higher quota granted (Service Quotas, Amazon Bedrock)."
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


def over_batches(
    function: str, *, bucket: str, concurrency: int, label: str, failed: str, then: str, defer: bool = False
) -> State:
    """A distributed map over the batches: each child is given the place of some cases, and no text of them."""
    return {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "Label": label,
        "MaxConcurrency": concurrency,
        "ToleratedFailurePercentage": 100,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Arguments": {"Bucket": bucket, "Key": "{% $states.input.batches_key %}"},
        },
        "ItemSelector": {
            "run": "{% $states.input.run %}",
            "batch": "{% $states.context.Map.Item.Value %}",
            "retry_failed": True,
            **({"defer": True} if defer else {}),
        },
        "ItemProcessor": processor(
            label,
            "Work",
            {
                "Work": _work(function, defer=defer),
                "LastAttempt": _work(function, defer=defer, last=True),
                "IsDone": is_done(),
                "Done": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True},
                "QuotaReached": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": BATCH_OF_QUOTA, "End": True},
                "BatchFailed": failure("BatchFailed"),
            },
        ),
        # What the children return is in the bucket; the run goes on with its plan, unless a quota ends it.
        "Output": INPUT if defer else "{% $merge([$states.input, {'quota_reached': 0 in $states.result}]) %}",
        "Retry": retry(["States.ItemReaderFailed"], attempts=2),
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": failed}],
        "Next": then,
    }


def _work(function: str, *, defer: bool, last: bool = False) -> State:
    """One call for a batch; the `last` one, once patience is at its end, records throttling as an outcome.

    A state of its own tells it: the context's count of retries also counts the waits for a free function.
    """
    fields = ("run", "batch", "retry_failed", *(["defer"] if defer else []))
    payload = {name: f"{{% $states.input.{name} %}}" for name in fields}
    state = task(
        LAMBDA,
        {"FunctionName": function, "Payload": {**payload, **({"last": True} if last else {})}},
        seconds=BATCH_SECONDS + 10,
        retries=LAMBDA_ERRORS,
        on_error={"DailyQuota": "QuotaReached", "States.ALL": "BatchFailed"},
        then="IsDone",
        Retry=[
            *never(["DailyQuota"]),
            *retry(LAMBDA_ERRORS),
            *([] if last else [patience()]),
            # A function that died: what it had finished stays, so trying again is only the rest.
            *retry(["States.TaskFailed", "States.Timeout"], attempts=2),
        ],
        Output="{% $merge([$states.input, {'done': $states.result.Payload.done, 'retry_failed': false}]) %}",
    )
    if not last:
        state["Catch"].insert(1, {"ErrorEquals": ["Throttled"], "Output": INPUT, "Next": "LastAttempt"})
    return state
