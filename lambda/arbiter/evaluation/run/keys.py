"""The keys of the objects of an evaluation run."""


def cases_key(run: str) -> str:
    return f"evaluations/{run}/cases.jsonl"


def batches_key(run: str) -> str:
    return f"evaluations/{run}/batches.jsonl"


def plan_key(run: str) -> str:
    return f"evaluations/{run}/run.json"


def answer_key(run: str, case: str, arm: str) -> str:
    return f"evaluations/{run}/answers/{case}/{arm}.json"


def verdict_key(run: str, case: str, arm: str) -> str:
    return f"evaluations/{run}/verdicts/{case}/{arm}.json"


def routing_prefix(run: str) -> str:
    # Who answers may write below evaluations/*/answers/, which this is.
    return f"evaluations/{run}/routing/answers/"


def routing_key(run: str, offset: int) -> str:
    """The choices of `auto` for a batch of cases, by its offset in the file."""
    return f"{routing_prefix(run)}{offset:012}.json"


def pair_key(run: str, case: str, a: str, b: str) -> str:
    return f"evaluations/{run}/pairs/{case}/{a}--{b}.json"
