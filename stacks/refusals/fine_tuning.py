"""Choices of fine-tuning that cannot work together, each refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from arbiter.base_models import problems_of_hyperparameters, problems_of_teacher
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings
    from stacks.settings.prices import PriceBook

COMMITMENT_HOURS = {"one_month": 31 * 24, "six_months": 184 * 24}
"""The longest that each lasts."""


def refused_tuning(s: Settings) -> Iterator[Problem]:
    """Everything about fine-tuning that Bedrock, or a careful owner, does not allow."""
    if s.fine_tuning.enabled:
        yield from _hyperparameters(s)
        yield from _teacher(s)
        yield from _hosting(s)
        yield from _ttl(s)


def _problem(setting: str, text: str, *others: str) -> Problem:
    return Problem(("fine_tuning", *setting.split(".")), text, (f"fine_tuning.{setting}", *others))


def _hyperparameters(s: Settings) -> Iterator[Problem]:
    tuning = s.fine_tuning
    if tuning.customization_type == "FINE_TUNING":
        for problem in problems_of_hyperparameters(tuning.base_model, tuning.hyperparameters()):
            yield _problem("base_model", problem)


def _teacher(s: Settings) -> Iterator[Problem]:
    tuning, needed = s.fine_tuning, "fine_tuning.customization_type"
    if tuning.customization_type == "DISTILLATION":
        for problem in problems_of_teacher(tuning.base_model, tuning.teacher_model):
            yield _problem("teacher_model", problem, needed, "fine_tuning.base_model")
    elif tuning.teacher_model is not None:
        text = "only a distillation has a teacher; leave it out, or set customization_type to DISTILLATION"
        yield _problem("teacher_model", text, needed)


def _hosting(s: Settings) -> Iterator[Problem]:
    tuning = s.fine_tuning
    if tuning.hosting == "provisioned" and tuning.provisioned is None:
        text = 'hosting "provisioned" needs it: say at least when the throughput ends, {"ttl_hours": …}'
        yield _problem("provisioned", text, "fine_tuning.hosting")
    if tuning.hosting == "on_demand" and tuning.provisioned is not None:
        text = 'hosting is "on_demand", which is paid by the token; leave it out, or set hosting to "provisioned"'
        yield _problem("provisioned", text, "fine_tuning.hosting")


def _ttl(s: Settings) -> Iterator[Problem]:
    provisioned = s.fine_tuning.provisioned
    if provisioned is None:
        return
    hours = COMMITMENT_HOURS.get(provisioned.commitment)
    if hours is not None and provisioned.ttl_hours > hours:
        text = f"{provisioned.ttl_hours} is beyond the commitment, which ends after {hours} hours at most"
        yield _problem("provisioned.ttl_hours", text)
    if hours is None and provisioned.accepted_total_usd is not None:
        yield _problem(
            "provisioned.accepted_total_usd", "there is no commitment whose cost could be accepted; leave it out"
        )


def refused_commitment(s: Settings, prices: PriceBook) -> Iterator[Problem]:
    """A commitment whose whole cost nobody has confirmed: it cannot be ended before its time."""
    tuning = s.fine_tuning
    provisioned = tuning.provisioned if tuning.enabled and tuning.hosting == "provisioned" else None
    hours = COMMITMENT_HOURS.get(provisioned.commitment) if provisioned else None
    if provisioned is None or hours is None:
        return
    hourly = prices.of_training(tuning.base_model, region=s.region).unit_usd_per_hour
    if hourly is None:
        text = f"the price book has no provisioned_per_hour of custom:{tuning.base_model}, so its cost is unknown"
        yield _problem("provisioned.commitment", f"{text}; fill it in (`arbiter cost --refresh`), or commit to none")
        return
    total = round(hourly * provisioned.model_units * hours, 2)
    if provisioned.accepted_total_usd is None or abs(provisioned.accepted_total_usd - total) > 0.005:
        units = f"{provisioned.model_units} model unit{'s' if provisioned.model_units > 1 else ''}"
        reckoned = f"{units} for {hours} hours at {hourly} USD, the price without commitment"
        text = f"the commitment cannot be ended and costs up to {total:.2f} USD ({reckoned})"
        yield _problem("provisioned.accepted_total_usd", f"{text}; to confirm that, write {total:.2f}")
