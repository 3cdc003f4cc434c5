"""Choices that cannot work together, each refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from arbiter.base_models import BASE_MODELS
from stacks.refusals.documents import refused_documents
from stacks.refusals.evaluation import refused_evaluations
from stacks.refusals.fine_tuning import refused_tuning
from stacks.refusals.generation import refused_generations
from stacks.refusals.knowledge import refused_knowledge
from stacks.refusals.models import refused_models
from stacks.refusals.prompting import refused_prompts
from stacks.settings import model_catalogue
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings


def refused_combinations(settings: Settings) -> list[Problem]:
    """Every combination of settings that AWS, or honest measurement, does not allow."""
    rules = (
        _region,
        refused_knowledge,
        _fine_tuning_region,
        _fine_tuning_model,
        refused_models,
        refused_documents,
        refused_evaluations,
        refused_tuning,
        refused_generations,
        refused_prompts,
        _embedding_size,
        _reranker_region,
        _silent_budget,
        _shadow,
        _model_made_elsewhere,
        _unscreened_batch,
        _no_api,
        _tokens,
        _streams,
    )
    return [problem for rule in rules for problem in rule(settings)]


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))


def _region(s: Settings) -> Iterator[Problem]:
    if s.region not in model_catalogue.REGIONS:
        reason = "knowledge bases, S3 Vectors and function URLs do not exist together there, or it is no region"
        allowed = ", ".join(model_catalogue.REGIONS)
        yield _problem("region", f'"{s.region}" is not possible: {reason}; allowed: {allowed}')


def _fine_tuning_region(s: Settings) -> Iterator[Problem]:
    if s.fine_tuning.enabled and s.region not in model_catalogue.FINE_TUNING_REGIONS:
        allowed = ", ".join(model_catalogue.FINE_TUNING_REGIONS)
        reason = f"Nova models are customized in {allowed} only, not in {s.region}"
        yield _problem("fine_tuning.enabled", f"{reason}; set it to false or the region to {allowed}", "region")


def _fine_tuning_model(s: Settings) -> Iterator[Problem]:
    for known in BASE_MODELS:
        if s.fine_tuning.base_model == known.invocation_id:
            reason = f'"{known.invocation_id}" is the id to call the model by; to customize it write'
            yield _problem("fine_tuning.base_model", f'{reason} "{known.customization_id}"')
    if model_catalogue.profile_prefix(s.fine_tuning.base_model):
        reason = "an inference profile cannot be customized; allowed:"
        known_ids = ", ".join(t.customization_id for t in BASE_MODELS)
        yield _problem("fine_tuning.base_model", f"{reason} {known_ids}")


def _embedding_size(s: Settings) -> Iterator[Problem]:
    offered = model_catalogue.EMBEDDING_DIMENSIONS.get(s.models.embedding)
    if offered and s.models.embedding_dimensions not in offered:
        sizes = ", ".join(map(str, offered))
        text = f'{s.models.embedding_dimensions} is not offered by "{s.models.embedding}"; allowed: {sizes}'
        yield _problem("models.embedding_dimensions", text, "models.embedding")


def _reranker_region(s: Settings) -> Iterator[Problem]:
    if s.models.rerank in model_catalogue.ABSENT_RERANKERS.get(s.region, ()):
        text = f'"{s.models.rerank}" is not offered in {s.region}; there use "cohere.rerank-v3-5:0"'
        yield _problem("models.rerank", text, "region")


def _silent_budget(s: Settings) -> Iterator[Problem]:
    if s.monthly_budget_usd is not None and s.alarm_email is None:
        text = "a budget that tells nobody does nothing; set alarm_email too"
        yield _problem("monthly_budget_usd", text, "alarm_email")


def _shadow(s: Settings) -> Iterator[Problem]:
    shadow = s.router.shadow
    if not shadow.share:
        return
    if not s.router.log_text:
        reason = (
            "a pair of answers whose texts may not be kept compares nothing; set router.log_text too, or the share to 0"
        )
        yield _problem("router.shadow.share", reason, "router.log_text")
    if shadow.mode in ("fine_tuned", "combined") and not (s.fine_tuning.enabled or s.fine_tuning.tuned_model):
        text = f'"{shadow.mode}" is not possible without a tuned model; allowed: base, rag'
        yield _problem("router.shadow.mode", text, "router.shadow.share", "fine_tuning.enabled")


def _unscreened_batch(s: Settings) -> Iterator[Problem]:
    if s.guardrail and s.evaluation.batch_answers:
        text = (
            "batch inference applies no guardrail, so the answers would not be those that callers get; set it to false"
        )
        yield _problem("evaluation.batch_answers", text, "guardrail")


def _model_made_elsewhere(s: Settings) -> Iterator[Problem]:
    path, arn = "fine_tuning.tuned_model", s.fine_tuning.tuned_model
    if not arn:
        return
    region, account = arn.split(":")[3:5]
    if region != s.region:
        yield _problem(
            path, f"the model is in {region}, but the router calls models in {s.region}; name one there", "region"
        )
    if s.account and account != s.account:
        text = f"the model is in the account {account}, but the router in {s.account}; name one there"
        yield _problem(path, text, "account")
    if s.fine_tuning.hosting == "provisioned":
        reason = "the router would never call the throughput paid for by the hour"
        yield _problem(path, f'is not possible with hosting "provisioned": {reason}', "fine_tuning.hosting")


def _no_api(s: Settings) -> Iterator[Problem]:
    if "serve" in s.edge.model_fields_set:
        return  # Switched off by name, and the rest kept for another day.
    for name in sorted(s.edge.model_fields_set & {"auth", "jwt", "stream", "waf", "logging_role"}):
        yield _problem(
            f"edge.{name}", 'does nothing without an API; set edge.serve to "api" or "none" too', "edge.serve"
        )


def _tokens(s: Settings) -> Iterator[Problem]:
    if s.edge.auth == "jwt" and s.edge.jwt is None:
        text = '"jwt" lets nobody in without edge.jwt: {"issuer": "https://...", "audience": ["..."]}'
        yield _problem("edge.auth", text, "edge.jwt")
    if s.edge.jwt and s.edge.auth != "jwt":
        yield _problem("edge.jwt", f'does nothing with edge.auth "{s.edge.auth}"; set that to "jwt"', "edge.auth")


def _streams(s: Settings) -> Iterator[Problem]:
    if s.edge.deployed and s.edge.stream and s.region.startswith("us-gov-"):
        yield _problem("edge.stream", f"is not possible in {s.region}: AWS lists no Lambda Web Adapter there", "region")
