"""One table knows AWS's error codes."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker

from arbiter.aws.calls import failures
from arbiter.aws.calls.failures import FailureKind, failure_of

ADAPTERS = Path(failures.__file__).parents[1]


def error(response: dict[str, Any]) -> ClientError:
    return ClientError(response, "Converse")  # type: ignore[arg-type]


def test_no_adapter_reads_an_error_code_by_itself() -> None:
    readers = [path.name for path in ADAPTERS.rglob("*.py") if '["Error"]' in path.read_text()]

    assert readers == []


@pytest.mark.parametrize(
    ("response", "kind", "sentence"),
    [
        ({"Error": {"Code": "ConflictException", "Message": "busy"}}, FailureKind.CONFLICT, "busy"),
        ({"Error": {"Code": "throttlingException", "Message": "slow"}}, FailureKind.THROTTLED, "slow"),
        ({"Error": {"Code": "404", "Message": "Not Found"}}, FailureKind.MISSING, "Not Found"),
        ({"Error": {"Code": "Unheard"}}, FailureKind.OTHER, "Unheard"),
        (
            {"Error": {"Code": "Unheard"}, "ResponseMetadata": {"HTTPStatusCode": 500}},
            FailureKind.PASSING,
            "Unheard",
        ),
        ({"Error": {"Code": "Unheard"}, "ResponseMetadata": {"HTTPStatusCode": 429}}, FailureKind.THROTTLED, "Unheard"),
        ({"Error": {"Code": None, "Message": None}}, FailureKind.OTHER, "0"),
        ({"Error": {"Code": 3, "Message": {"a": 1}}}, FailureKind.OTHER, "{'a': 1}"),
        ({}, FailureKind.OTHER, "0"),
    ],
)
def test_any_answer_has_a_kind_and_a_sentence(response: dict[str, Any], kind: FailureKind, sentence: str) -> None:
    failure = failure_of(error(response))

    assert (failure.kind, failure.sentence) == (kind, sentence)


def test_what_the_sdk_takes_for_throttling_is_throttling_here() -> None:
    """But for the names of quotas, which waiting does not mend, and those of services that nothing here calls."""
    others = {"LimitExceededException", "BandwidthLimitExceeded", "EC2ThrottledException"}
    others |= {"PriorRequestNotComplete", "TransactionInProgressException"}
    codes = set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) - others

    assert {
        code for code in codes if failure_of(error({"Error": {"Code": code}})).kind != FailureKind.THROTTLED
    } == set()
