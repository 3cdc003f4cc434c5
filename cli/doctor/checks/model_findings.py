"""Findings about the access to a model: each cause in words of our own, with what it breaks and what mends it."""

from collections.abc import Callable, Mapping, Sequence

from arbiter.aws.calls import opening
from cli.doctor.checks import remedies
from cli.doctor.checks.access import (
    DAY,
    FORM,
    LEGACY,
    PAYMENT,
    PROFILE,
    SUBSCRIPTION,
    UNSETTLED,
    Sight,
    agreement_of,
    cause_of,
)
from cli.doctor.findings.finding import Finding, Severity
from stacks.settings import misspelt_models, model_catalogue

ADMINISTRATOR = (
    "by an administrator with aws-marketplace:Subscribe and ViewSubscriptions; never a right for a function's role"
)
HINTS = {
    FORM: "once an account, by an administrator; the form: docs/model-access.md",
    SUBSCRIPTION: ADMINISTRATOR,
    PAYMENT: ADMINISTRATOR,
    "not_authorized": ADMINISTRATOR,
    DAY: "then wait for 00:00 UTC, or ask AWS Support for more; runs that it stops go on with --run",
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


def diagnose(sight: Sight) -> Finding | None:
    """The one thing that keeps a model from being called, or will; none where it answers and stays."""
    code = cause_of(sight)
    return _FINDINGS[code](sight) if code else None


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
        remedy=opening.form(region),
        hint=HINTS[FORM],
    )


def _subscription(sight: Sight) -> Finding:
    problem = f"{sight.model} has no agreement: nobody has subscribed this account to it"
    return _blocked(sight, SUBSCRIPTION, problem, opening.subscription(sight.model, sight.region))


def _payment(sight: Sight) -> Finding:
    problem = f"{sight.model} cannot be subscribed: the account has no valid payment method"
    remedy = f"add one (Billing, Payment preferences), then {opening.subscription(sight.model, sight.region)}"
    return _blocked(sight, PAYMENT, problem, remedy)


def _settling(sight: Sight) -> Finding:
    return Finding(
        code=UNSETTLED,
        subject=sight.model,
        severity=Severity.WARNS,
        problem=f"{sight.model} answers, and its agreement is {agreement_of(sight)}: no subscription is settled yet",
        consequence=f"AWS lets calls succeed for 15 minutes; if it denies them then, {consequence_of(sight.roles)}",
        remedy=f"arbiter doctor --env {sight.environment}",
        hint=f"in 15 minutes; if it is denied then: {opening.subscription(sight.model, sight.region)}",
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
    return _blocked(sight, DAY, used_up(sight.model), remedies.daily_quota(sight.region))


def used_up(models: str) -> str:
    """The problem of a day whose tokens are spent."""
    return f"the account's tokens of the day are used up for {models}"


def _unknown(sight: Sight) -> Finding:
    problem = f"there is no model {sight.model} in {sight.region}"
    meant = misspelt_models.meant(sight.model)
    return _blocked(sight, "model_unknown", problem, _edit(sight, f'"{meant}"' if meant else _instead(sight)))


def _elsewhere(sight: Sight) -> Finding:
    problem = f"{sight.model} is not offered in {sight.region}"
    return _blocked(sight, "model_not_in_region", problem, _edit(sight, _instead(sight)))


def _unauthorized(sight: Sight) -> Finding:
    problem = f"this account is not authorised to use {sight.model}"
    return _blocked(sight, "not_authorized", problem, opening.subscription(sight.model, sight.region))


def _other(sight: Sight) -> Finding:
    reason = sight.refusal.sentence.rstrip(".") if sight.refusal else ""
    problem = f"{sight.model} refuses a call of one token: {reason}"
    return _blocked(sight, "model_refused", problem, remedies.availability(sight.own, sight.region))


_FINDINGS: Mapping[str, Callable[[Sight], Finding]] = {
    FORM: _form,
    SUBSCRIPTION: _subscription,
    PAYMENT: _payment,
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
