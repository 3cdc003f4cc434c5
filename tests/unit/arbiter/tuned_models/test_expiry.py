"""Throughput ends when its tag says so, never before its commitment, and its price is known or said to be unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.tuned_models.hosting.expiry import EXPIRY_TAG, Bill, Throughput, bill, plan

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PER_UNIT = {"amazon.nova-micro-v1:0:128k": 20.0}


def throughput(expires_at: str | None = None, **changed: Any) -> Throughput:
    made = Throughput(
        arn="arn",
        name="arbiter-dev-run",
        base_model="amazon.nova-micro-v1:0:128k",
        custom_model="arn:model",
        model_units=2,
        status="InService",
        committed_until=None,
        tags={} if expires_at is None else {EXPIRY_TAG: expires_at},
    )
    return made._replace(**changed)


@pytest.mark.parametrize("expiry", ["2026-11-21T12:00:00+00:00", "2026-11-21T11:59:59Z", "2026-11-21T13:00:00+02:00"])
def test_it_ends_when_its_time_is_over(expiry: str) -> None:
    one = throughput(expiry)
    assert plan([one], NOW) == ((one,), (), ())


def test_it_stays_until_then() -> None:
    assert plan([throughput("2026-11-21T12:00:01+00:00")], NOW) == ((), (), ())


def test_a_commitment_outlasts_its_time() -> None:
    one = throughput("2026-11-21T11:00:00+00:00", committed_until=NOW + timedelta(days=1))
    assert plan([one], NOW) == ((), (one,), ())
    assert plan([one], NOW + timedelta(days=1)).expired == (one,)


@pytest.mark.parametrize("expiry", [None, "", "tomorrow", "2026-11-21T11:00:00"])
def test_without_a_time_it_is_complained_about_and_never_deleted(expiry: str | None) -> None:
    one = throughput(expiry)
    assert plan([one], NOW) == ((), (), (one,))


def test_the_bill_counts_what_runs() -> None:
    running = [throughput(status=status) for status in ("Creating", "InService", "Updating", "Failed")]
    assert bill(running, PER_UNIT) == Bill(6, 120.0)
    assert bill([], PER_UNIT) == Bill(0, 0.0)


def test_a_base_model_is_known_without_its_context_size() -> None:
    assert bill([throughput(base_model="amazon.nova-micro-v1:0")], PER_UNIT).usd_per_hour == 40.0


def test_an_unknown_price_is_not_nothing() -> None:
    mixed = [throughput(), throughput(base_model="amazon.nova-pro-v1:0:300k")]
    assert bill(mixed, PER_UNIT) == Bill(4, None)
