"""The access to one model: everything that AWS tells of it, judged as one finding at most."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from arbiter.aws.calls.failures import Failure, FailureKind
from cli.doctor.checks import remedies
from cli.doctor.findings.finding import Finding, Severity
from stacks.settings import model_catalogue

FORM, SUBSCRIPTION, PROFILE, LEGACY, DAY = (
    "first_use_form",
    "subscription",
    "profile_needed",
    "model_legacy",
    "daily_quota",
)
_TOLD = (
    (FORM, re.compile(r"use case details", re.IGNORECASE)),
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
ADMINISTRATOR = (
    "by an administrator with aws-marketplace:Subscribe and ViewSubscriptions; never a right for a function's role"
)
HINTS = {
    FORM: "once an account, by an administrator; the form: docs/model-access.md",
    SUBSCRIPTION: ADMINISTRATOR,
    "not_authorized": ADMINISTRATOR,
    DAY: "then wait for 00:00 UTC, or ask AWS Support for more",
}
CONSEQUENCES = {
    "models.base": "no mode answers",
    "models.embedding": "no document is indexed or retrieved: rag and combined fail",
    "models.rerank": "requests that rerank fail",
    "evaluation.judges": "`arbiter evaluate` does not start",
    "evaluation.models": "`arbiter evaluate` does not start",
    "generation.generator": "`arbiter train generate` and `evaluate generate` do not start",
    "generation.verifier": "`arbiter train generate` and `evaluate generate` do not start",
    "fine_tuning.teacher_model": "a distillation fails",
}


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


def diagnose(sight: Sight) -> Finding | None:
    """The one thing that keeps a model from being called, or will; none where it answers and stays."""
    code = _refused(sight) or (_unsettled(sight) if sight.answered else _withheld(sight)) or _ending(sight)
    return _FINDINGS[code](sight) if code else None


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
    told = sight.availability or {}
    if told.get("regionAvailability") == "NOT_AVAILABLE":
        return "model_not_in_region"
    if _agreement(sight) in ("NOT_AVAILABLE", "ERROR"):
        return SUBSCRIPTION
    if _kinds(sight) and "ON_DEMAND" not in _kinds(sight) and sight.model == sight.own:
        return PROFILE
    if told.get("authorizationStatus") == "NOT_AUTHORIZED" or told.get("entitlementAvailability") == "NOT_AVAILABLE":
        return "not_authorized"
    return None


def _unsettled(sight: Sight) -> str | None:
    """An agreement that is missing although the model answers: calls may succeed for 15 minutes, and then be denied."""
    third_party = model_catalogue.family(sight.model) != "amazon"
    return UNSETTLED if third_party and _agreement(sight) in ("NOT_AVAILABLE", "PENDING") else None


def _agreement(sight: Sight) -> str | None:
    return ((sight.availability or {}).get("agreementAvailability") or {}).get("status")


def _kinds(sight: Sight) -> list[str]:
    return list((sight.listed or {}).get("inferenceTypesSupported", ()))


def _ending(sight: Sight) -> str | None:
    lifecycle = (sight.listed or {}).get("modelLifecycle") or {}
    return LEGACY if lifecycle.get("status") == "LEGACY" else None


def _form(sight: Sight) -> Finding:
    return missing_form(sight.region, sight.model, sight.roles)


def missing_form(region: str, model: str, roles: Sequence[str]) -> Finding:
    """The form that Anthropic asks of each account was never sent."""
    return Finding(
        code=FORM,
        subject="anthropic",
        severity=Severity.BLOCKS,
        problem=f"Anthropic's first-use form was not submitted for this account; {model} needs it",
        consequence=consequence_of(roles),
        remedy=remedies.form(region),
        hint=HINTS[FORM],
    )


def _subscription(sight: Sight) -> Finding:
    problem = f"{sight.model} has no agreement: nobody has subscribed this account to it"
    return _blocked(sight, SUBSCRIPTION, problem, remedies.subscription(sight.model, sight.region))


def _settling(sight: Sight) -> Finding:
    return Finding(
        code=UNSETTLED,
        subject=sight.model,
        severity=Severity.WARNS,
        problem=f"{sight.model} answers, and its agreement is {_agreement(sight)}: no subscription is settled yet",
        consequence=f"AWS lets calls succeed for 15 minutes; if it denies them then, {consequence_of(sight.roles)}",
        remedy=f"arbiter doctor --env {sight.environment}",
        hint=f"in 15 minutes; if it is denied then: {remedies.subscription(sight.model, sight.region)}",
    )


def _profile(sight: Sight) -> Finding:
    problem = f"{sight.model} cannot be called by its own id: it has no on-demand throughput, only inference profiles"
    named = sight.profiles or model_catalogue.profiles_of(sight.model, sight.region)
    meant = f'"{named[0]}"' if named else "an inference profile (`aws bedrock list-inference-profiles`)"
    return _blocked(sight, PROFILE, problem, _edit(sight, meant))


def _legacy(sight: Sight) -> Finding:
    day = ((sight.listed or {}).get("modelLifecycle") or {}).get("endOfLifeTime") or model_catalogue.legacy_until(
        sight.own
    )
    end = f" and ends on {day:%Y-%m-%d}" if day else ""
    if sight.answered:
        severity, consequence = Severity.WARNS, f"it answers for now; from its end on, {consequence_of(sight.roles)}"
    else:
        severity, consequence = Severity.BLOCKS, f"AWS refuses it to this account: {consequence_of(sight.roles)}"
    return Finding(
        code=LEGACY,
        subject=sight.model,
        severity=severity,
        problem=f"{sight.model} is Legacy{end}",
        consequence=consequence,
        remedy=_edit(sight, _instead(sight)),
    )


def _ended(sight: Sight) -> Finding:
    return _blocked(
        sight, "model_ended", f"{sight.model} has ended: every call of it fails", _edit(sight, _instead(sight))
    )


def _instead(sight: Sight) -> str:
    end = model_catalogue.ended(sight.model)
    successor = end.successor if end else model_catalogue.successor(sight.model)
    provider = (sight.listed or {}).get("providerName") or model_catalogue.family(sight.model)
    return (
        f'"{successor}"'
        if successor
        else f"an active model (`aws bedrock list-foundation-models --by-provider {provider}`)"
    )


def _day(sight: Sight) -> Finding:
    problem = f"the account's tokens of the day for {sight.model} are used up"
    consequence = f"until 00:00 UTC {consequence_of(sight.roles)}; runs that it stops go on with --run"
    finding = _blocked(sight, DAY, problem, remedies.daily_quota(sight.region))
    return Finding(**{**vars(finding), "consequence": consequence})


def _unknown(sight: Sight) -> Finding:
    problem = f"there is no model {sight.model} in {sight.region}"
    meant = model_catalogue.meant(sight.model)
    return _blocked(sight, "model_unknown", problem, _edit(sight, f'"{meant}"' if meant else _instead(sight)))


def _elsewhere(sight: Sight) -> Finding:
    problem = f"{sight.model} is not offered in {sight.region}"
    return _blocked(sight, "model_not_in_region", problem, _edit(sight, _instead(sight)))


def _unauthorized(sight: Sight) -> Finding:
    problem = f"this account is not authorised to use {sight.model}"
    return _blocked(sight, "not_authorized", problem, remedies.subscription(sight.model, sight.region))


def _other(sight: Sight) -> Finding:
    reason = sight.refusal.sentence.rstrip(".") if sight.refusal else ""
    problem = f"{sight.model} refuses a call of one token: {reason}"
    return _blocked(sight, "model_refused", problem, remedies.availability(sight.own, sight.region))


_FINDINGS: Mapping[str, Callable[[Sight], Finding]] = {
    FORM: _form,
    SUBSCRIPTION: _subscription,
    UNSETTLED: _settling,
    PROFILE: _profile,
    LEGACY: _legacy,
    DAY: _day,
    "model_ended": _ended,
    "model_unknown": _unknown,
    "model_not_in_region": _elsewhere,
    "not_authorized": _unauthorized,
    "model_refused": _other,
}


def _blocked(sight: Sight, code: str, problem: str, remedy: str) -> Finding:
    return Finding(
        code=code,
        subject=sight.model,
        severity=Severity.BLOCKS,
        problem=problem,
        consequence=consequence_of(sight.roles),
        remedy=remedy,
        hint=HINTS.get(code, ""),
    )


def consequence_of(roles: Sequence[str]) -> str:
    """Everything that does not work without a model of these settings."""
    return "; ".join(dict.fromkeys(CONSEQUENCES[role] for role in roles))


def _edit(sight: Sight, value: str) -> str:
    settings = ", ".join(f"context.environments.{sight.environment}.{role}" for role in sight.roles)
    return f"edit cdk.json, {settings}: {value}; then {sight.deploy}"
