"""The account's quotas against the demand of the settings."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from arbiter.aws.custom_models import CustomModels
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from arbiter.tuned_models.training.names import SLOTS, slots
from cli.doctor.checks.demand import Demand, demand_of, functions_at_once
from cli.doctor.checks.model_findings import consequence_of
from cli.doctor.findings.finding import Check, Finding, Looked, NotChecked, Severity
from cli.doctor.findings.situation import Situation
from stacks.settings import model_catalogue

SLOWER = "calls above it are throttled and repeated: evaluations and generations take longer"
STOPPED = "a run that reaches it ends as DailyQuotaReached, and goes on after 00:00 UTC"
NONE_AT_ALL = "no wait mends it: AWS Support has to raise it"
CONCURRENT_EXECUTIONS = "L-B99A9384"
SUPPORT = "https://support.console.aws.amazon.com/support/home#/case/create"
_DEPLOYMENTS = re.compile(
    r"^(?!.*(?:progress|per minute)).*(?:custom model.* deployments|deployments.* custom model)", re.IGNORECASE
)
"""Quotas of deployments that are there, not of those being made or of the calls of each."""
_UNITS = "Model units no-commitment Provisioned Throughputs across custom models"
_FIGURES = {
    "requests_a_minute": r"(?:{kind}) (?:model inference|InvokeModel) requests per minute for {name}",
    "tokens_a_minute": r"(?:{kind}) (?:model inference|InvokeModel) tokens per minute for {name}",
    "tokens_a_day": r"Model invocation max tokens per day for {name}",
    "batch_jobs": r"Sum of in-progress and submitted batch inference jobs using a base model for {name}",
}
"""Names of quotas, as the user guide and Service Quotas were seen to write them; docs/assumptions.md."""
_KINDS = {None: "On-demand", "global": "Global cross-region"}


def checks(situation: Situation) -> Iterator[Check]:
    """One check a model; the functions that run at once; what hosts tuned models."""
    for model in situation.models:
        yield Check(f"quotas of {model}", partial(_look, situation, model))
    yield Check("functions at once", lambda: _functions(situation))
    if situation.settings.fine_tuning.enabled:
        yield Check("quotas of hosting", lambda: _hosting(situation))


def _look(situation: Situation, model: str) -> Looked:
    listed = situation.offered().get(model_catalogue.foundation_model(model))
    if listed is None:
        raise NotChecked(f"the region lists no {model}, whose name for people the quotas bear")
    figures = figures_of(situation.quotas(), model, f"{listed['providerName']} {listed['modelName']}")
    if not figures:
        raise NotChecked(f"Service Quotas lists none of {model} for this account")
    roles = situation.models[model]
    wanted = demand_of(situation.settings, roles)
    findings = tuple(problems(figures, model, wanted, consequence_of(roles), region=situation.settings.region))
    if _in_batch(situation, roles):
        findings += tuple(_batch(figures, model, situation.settings.region))
    limits = ", ".join(
        f"{quota['Value']:,.0f} {_unit(name)}" for name, quota in figures.items() if name != "batch_jobs"
    )
    return Looked(limits, findings)


def figures_of(quotas: Mapping[str, Mapping[str, Any]], model: str, name: str) -> dict[str, Mapping[str, Any]]:
    """The quotas of one model, by what they limit; those that AWS does not list are left out."""
    prefix = model_catalogue.profile_prefix(model)
    kind = _KINDS.get(prefix, "Cross-region")
    figures = {}
    for figure, form in _FIGURES.items():
        # Some names end in a version or in a remark: "… V1", "… (doubled for cross-region calls)".
        pattern = re.compile(form.format(kind=kind, name=re.escape(name)) + r"( V\d)?( \(.*\))?", re.IGNORECASE)
        matching = [quota for known, quota in quotas.items() if pattern.fullmatch(known)]
        if matching:
            figures[figure] = matching[0]
    return figures


def problems(
    figures: Mapping[str, Mapping[str, Any]], model: str, wanted: Demand, unusable: str, *, region: str
) -> Iterator[Finding]:
    """Say which quota of a model is nothing, or less than what the settings may need."""
    limited = {name: figures[name] for name in Demand._fields if name in figures}
    nothing = [name for name, quota in limited.items() if quota["Value"] <= 0]
    if nothing:
        yield _nothing(limited[nothing[0]], model, unusable, region)
        return
    for name, quota in limited.items():
        needed = getattr(wanted, name)
        if quota["Value"] < needed:
            reckoned = f"generation.max_tokens or {wanted.because}" if name == "tokens_a_day" else wanted.because
            yield _finding(
                f"quota_{name}",
                model,
                f"{quota['QuotaName']} is {quota['Value']:,.0f}; the settings may need {needed:,} ({reckoned})",
                STOPPED if name == "tokens_a_day" else SLOWER,
                _raise(quota, needed, region),
            )


def _nothing(quota: Mapping[str, Any], model: str, unusable: str, region: str) -> Finding:
    problem = f"{quota['QuotaName']} is 0 in this account"
    return _finding("quota_zero", model, problem, f"{unusable}; {NONE_AT_ALL}", _raise(quota, 0, region), blocks=True)


def _batch(figures: Mapping[str, Mapping[str, Any]], model: str, region: str) -> Iterator[Finding]:
    quota = figures.get("batch_jobs")
    if quota and quota["Value"] < 1:
        problem = f"{quota['QuotaName']} is 0, and batch_minimum asks for batch inference"
        consequence = "what was to be asked in batch fails"
        yield _finding("quota_batch_jobs", model, problem, consequence, _raise(quota, 1, region), blocks=True)


def _in_batch(situation: Situation, roles: tuple[str, ...]) -> bool:
    settings = situation.settings
    batched = {"generation": settings.generation.batch_minimum, "evaluation": settings.evaluation.batch_minimum}
    answering = "models.base" in roles and bool(settings.answering_in_batch)
    return answering or any(batched.get(role.partition(".")[0]) for role in roles)


def _functions(situation: Situation) -> Looked:
    limits = situation.client("lambda").get_account_settings()["AccountLimit"]
    free, needed = limits["UnreservedConcurrentExecutions"], functions_at_once(situation.settings)
    return Looked(f"{free:,} functions may run at once", tuple(too_few(free, needed, situation.settings.region)))


def too_few(free: int, needed: int, region: str) -> Iterator[Finding]:
    """Say that fewer functions may run at once than an evaluation beside a generation needs."""
    if free < needed:
        command = f"aws service-quotas request-service-quota-increase --region {region} --service-code lambda"
        yield _finding(
            "concurrent_executions",
            "lambda",
            f"{free} functions may run at once in this account; the settings may need {needed} "
            "(evaluation.concurrency and generation.concurrency)",
            "runs wait for functions, and the router refuses requests meanwhile",
            f"{command} --quota-code {CONCURRENT_EXECUTIONS} --desired-value 1000",
        )


def _hosting(situation: Situation) -> Looked:
    tuning, quotas = situation.settings.fine_tuning, situation.quotas()
    by_the_hour = tuning.hosting == "provisioned"
    named = [quota for name, quota in quotas.items() if (name == _UNITS if by_the_hour else _DEPLOYMENTS.search(name))]
    if not named:
        raise NotChecked(f"Service Quotas lists no quota of hosting {tuning.hosting} for this account")
    needed = tuning.provisioned.model_units if tuning.provisioned else SLOTS
    taken = _units_of_others(situation) if by_the_hour else _deployments_of_others(situation)
    findings = tuple(_too_little_hosting(named[0], needed, taken, situation.settings.region))
    return Looked(f"{named[0]['QuotaName']}: {named[0]['Value']:,.0f}, {taken} of them used by others", findings)


def _deployments_of_others(situation: Situation) -> int:
    """Deployments on demand of the account and region, those that this environment keeps left out."""
    own = slots(situation.environment)
    pages = situation.client("bedrock").get_paginator("list_custom_model_deployments").paginate()
    listed = [one["customModelDeploymentName"] for page in pages for one in page.get("modelDeploymentSummaries", ())]
    return sum(name not in own for name in listed)


def _units_of_others(situation: Situation) -> int:
    """Model units without commitment under custom models, those with this environment's tag left out."""
    listed = CustomModels(situation.client("bedrock")).all_throughput()
    counted = [one for one in listed if one.committed_until is None and ":custom-model/" in one.custom_model]
    return sum(one.model_units for one in counted if one.tags.get(ENVIRONMENT_TAG) != situation.environment)


def _too_little_hosting(quota: Mapping[str, Any], needed: int, taken: int, region: str) -> Iterator[Finding]:
    left = quota["Value"] - taken
    if left < needed:
        used = f", of which others use {taken}" if taken else ""
        problem = f"{quota['QuotaName']} is {quota['Value']:,.0f}{used}; this environment needs {needed}"
        consequence = "a model is trained, and paid for, that cannot be hosted"
        yield _finding(
            "quota_hosting", "hosting", problem, consequence, _raise(quota, needed + taken, region), blocks=left <= 0
        )


def _raise(quota: Mapping[str, Any], needed: int, region: str) -> str:
    if not quota.get("Adjustable") or not needed:
        return SUPPORT
    return (
        f"aws service-quotas request-service-quota-increase --region {region} --service-code bedrock "
        f"--quota-code {quota['QuotaCode']} --desired-value {needed}"
    )


def _finding(code: str, subject: str, problem: str, consequence: str, remedy: str, *, blocks: bool = False) -> Finding:
    return Finding(
        code=code,
        subject=subject,
        severity=Severity.BLOCKS if blocks else Severity.WARNS,
        problem=problem,
        consequence=consequence,
        remedy=remedy,
        hint=f"service limit increase, Amazon Bedrock, {subject}" if remedy == SUPPORT else "",
    )


def _unit(name: str) -> str:
    return name.replace("_", " ")
