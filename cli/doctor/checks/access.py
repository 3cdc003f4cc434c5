"""The access to one model: everything that AWS tells of it, and the one cause that it comes to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from arbiter.aws.calls.failures import Failure, FailureKind
from stacks.settings import model_catalogue

FORM, SUBSCRIPTION, PAYMENT, PROFILE, LEGACY, DAY = (
    "first_use_form",
    "subscription",
    "payment_method",
    "profile_needed",
    "model_legacy",
    "daily_quota",
)
_TOLD = (
    (FORM, re.compile(r"use case details", re.IGNORECASE)),
    (PAYMENT, re.compile(r"payment[ _]instrument", re.IGNORECASE)),
    (SUBSCRIPTION, re.compile(r"aws-marketplace:|don't have access to the model", re.IGNORECASE)),
    (PROFILE, re.compile(r"on-demand throughput isn.t supported", re.IGNORECASE)),
    (LEGACY, re.compile(r"as Legacy", re.IGNORECASE)),
    ("model_ended", re.compile(r"end of its life", re.IGNORECASE)),
    (DAY, re.compile(r"per day|daily", re.IGNORECASE)),
    ("model_unknown", re.compile(r"model identifier is invalid", re.IGNORECASE)),
)
"""Refusals by AWS's own sentences, seen in public: docs/model-access.md."""
UNSETTLED = "subscription_unsettled"
PASSING = frozenset(
    {FailureKind.THROTTLED, FailureKind.PASSING, FailureKind.LOADING, FailureKind.SLOW, FailureKind.CONFLICT}
)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A model as it was seen; members are `None` where AWS was not asked or did not tell."""

    model: str
    roles: Sequence[str]
    environment: str
    region: str
    deploy: str
    answered: bool = False
    """Whether it answered a call of one token."""
    refusal: Failure | None = None
    availability: Mapping[str, Any] | None = None
    listed: Mapping[str, Any] | None = None
    """Its entry in the list of the region's foundation models."""
    profiles: Sequence[str] = field(default=())
    """Inference profiles of the region that serve it."""

    @property
    def own(self) -> str:
        """The foundation model's id."""
        return model_catalogue.foundation_model(self.model)


def cause_of(sight: Sight) -> str | None:
    """The code of what keeps a model from being called, or will; none where it answers and stays."""
    return _refused(sight) or (_unsettled(sight) if sight.answered else _withheld(sight)) or _ending(sight)


def is_denial(refusal: Failure | None) -> bool:
    """Whether a call failed for a right that the caller lacks, which tells nothing of the model."""
    return refusal is not None and refusal.kind is FailureKind.DENIED and _code(refusal) is None


def _code(refusal: Failure) -> str | None:
    return next((code for code, sentence in _TOLD if sentence.search(refusal.message)), None)


def _refused(sight: Sight) -> str | None:
    refusal = sight.refusal
    if refusal is None or is_denial(refusal):
        return None
    return _code(refusal) or (None if refusal.kind in PASSING else "model_refused")


def _withheld(sight: Sight) -> str | None:
    """The reason that GetFoundationModelAvailability and the list give, where no call told one."""
    available = sight.availability or {}
    if available.get("regionAvailability") == "NOT_AVAILABLE":
        return "model_not_in_region"
    if agreement_of(sight) in ("NOT_AVAILABLE", "ERROR"):
        return SUBSCRIPTION
    if _kinds(sight) and "ON_DEMAND" not in _kinds(sight) and sight.model == sight.own:
        return PROFILE
    if (
        available.get("authorizationStatus") == "NOT_AUTHORIZED"
        or available.get("entitlementAvailability") == "NOT_AVAILABLE"
    ):
        return "not_authorized"
    return None


def _unsettled(sight: Sight) -> str | None:
    """An agreement that is missing although the model answers: calls may succeed for 15 minutes, and then be denied."""
    third_party = model_catalogue.family(sight.model) != "amazon"
    return UNSETTLED if third_party and agreement_of(sight) in ("NOT_AVAILABLE", "PENDING") else None


def agreement_of(sight: Sight) -> str | None:
    """The state of the agreement with the model's provider, where AWS told it."""
    return ((sight.availability or {}).get("agreementAvailability") or {}).get("status")


def _kinds(sight: Sight) -> list[str]:
    return list((sight.listed or {}).get("inferenceTypesSupported", ()))


def _ending(sight: Sight) -> str | None:
    lifecycle = (sight.listed or {}).get("modelLifecycle") or {}
    return LEGACY if lifecycle.get("status") == "LEGACY" else None
