"""The price of leaving a part where it is, and how people read it."""

import io
from typing import Any, cast

import pytest
from rich.console import Console

from arbiter.costs.amount import Amount, total
from arbiter.costs.idle import LOOK_EVERY, POLLS, Resident, idle
from cli.core.deployment import Deployment
from cli.destroy.kinds import BUCKET, DASHBOARD, FIREWALL, POLLING, SCHEDULE
from cli.destroy.parts import Part
from cli.destroy.prices import Prices
from cli.destroy.stacks import Resource
from cli.destroy.survey import Survey
from cli.destroy.view import show_survey
from tests.unit.cli.fakes import StubbedDeployment


@pytest.mark.parametrize(
    ("kind", "figure", "units"),
    [(POLLING, "sqs_requests_per_1m", POLLS / 1e6), (DASHBOARD, "dashboard_month", 1), (FIREWALL, "firewall_month", 1)],
)
def test_what_bills_while_nobody_uses_it_is_priced_as_arbiter_cost_prices_it(
    kind: str, figure: str, units: float
) -> None:
    prices = Prices(cast("Deployment", StubbedDeployment()))
    expected = prices._amount(figure).times(units)
    assert expected.usd > 0.1
    assert prices.of(Resource(kind, "one")) == expected


@pytest.mark.parametrize(("notes", "heading"), [(("", ""), False), (("", "in no stack"), True)])
def test_small_amounts_are_written_out_and_no_empty_column_is_shown(notes: tuple[str, str], heading: bool) -> None:
    parts = [
        Part(kind="stack", name=f"part {index}", id="x", month=Amount(usd), note=note)
        for index, (usd, note) in enumerate(zip((7.3e-05, 1.95), notes, strict=True))
    ]
    parts.append(Part(kind="deployment", name="paid by the token", id="y", month=Amount(1e-9, "the price book")))
    nothing: dict[str, Any] = {"stacks": (), "held": (), "leftovers": (), "kept": (), "problems": ()}
    show_survey(Console(file=(text := io.StringIO()), width=80), "dev", Survey(to_delete=parts, **nothing))
    assert "$0.0000730" in text.getvalue()
    assert "e-0" not in text.getvalue()
    assert "$0.0000000" not in text.getvalue()
    assert ("Note" in text.getvalue()) is heading


@pytest.mark.parametrize(("expression", "looks"), [(LOOK_EVERY, True), ("cron(0 3 * * ? *)", False)])
def test_the_looks_for_hosting_by_the_hour_are_priced_as_arbiter_cost_prices_them(expression: str, looks: bool) -> None:
    deployment = StubbedDeployment()
    deployment.stub("scheduler").add_response("get_schedule", {"ScheduleExpression": expression}, {"Name": "one"})
    prices = Prices(cast("Deployment", deployment))
    resident = Resident(alarm_metrics=0, keys=0, checks_hosting=looks, document_bytes=0, vector_bytes=0)
    told = total(line.amount for line in idle(resident, prices._amount) if line.name.startswith("a look"))

    assert prices.of(Resource(SCHEDULE, "one")).usd == pytest.approx(told.usd)
    assert (told.usd > 0.02) is looks


def test_the_sum_names_what_it_leaves_out() -> None:
    going_on = Amount.of_unknown("the rest of an execution")
    parts = [Part(kind="stack", name="Storage", id="x", month=Amount(1.95)),
             Part(kind="execution", name="run", id="y", month=going_on)]  # fmt: skip
    nothing: dict[str, Any] = {"stacks": (), "held": (), "leftovers": (), "kept": (), "problems": ()}
    show_survey(Console(file=(text := io.StringIO()), width=80), "dev", Survey(to_delete=parts, **nothing))
    assert "A month of it: $1.95 or more; without a known price: the rest of an execution" in text.getvalue()


@pytest.mark.parametrize(
    ("code", "unknown"), [("NoSuchBucket", ()), ("NoSuchKey", ()), ("AccessDenied", ("documents: Not you.",))]
)
def test_what_is_gone_costs_nothing_and_what_cannot_be_read_says_why(code: str, unknown: tuple[str, ...]) -> None:
    """An interrupted deletion leaves a stack whose bucket is gone."""
    deployment = StubbedDeployment()
    deployment.stub("s3").add_client_error("list_object_versions", code, "Not you.")
    amount = Prices(cast("Deployment", deployment)).of(Resource(BUCKET, "documents"))
    assert tuple(amount.unknown) == unknown
