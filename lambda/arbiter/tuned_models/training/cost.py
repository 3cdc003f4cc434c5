"""The cost of a training: estimated before the job exists, and refused where the ceilings cannot be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arbiter.costs.ceiling import unpriced
from arbiter.settings.tuning import PrepareTrainingSettings, TrainingPrices
from arbiter.tuned_models.training.record import Cost

DEFAULT_EPOCHS = 2
"""Bedrock's own, where no `epochCount` is sent."""


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """The most that one run may train on, and may cost."""

    tokens: int
    usd: float | None = None
    accepts_unknown: bool = False
    """Whether somebody has accepted that the cost is not known."""


def cost_of(sample_tokens: int, hyperparameters: Mapping[str, str], prices: TrainingPrices) -> Cost:
    """Bill every token of every epoch. Tokens are an estimate: Nova's tokenizer is not public."""
    tokens = sample_tokens * int(float(hyperparameters.get("epochCount", DEFAULT_EPOCHS)))
    usd = None if prices.per_1k is None else round(tokens / 1000 * prices.per_1k, 4)
    return Cost(
        tokens=tokens, usd=usd, per_1k=prices.per_1k, as_of=prices.as_of, lower_bound=prices.lower_bound or None
    )


def cost_by(settings: PrepareTrainingSettings, sample_tokens: int, given: Mapping[str, str]) -> Cost:
    """The cost of training on samples of so many tokens, by the deployed settings and prices."""
    prices = TrainingPrices(
        per_1k=settings.training_per_1k,
        as_of=settings.prices_as_of,
        # A teacher's answers are billed at its own price, and nobody knows their tokens beforehand.
        lower_bound=bool(settings.training_lower_bound or settings.teacher_model),
    )
    return cost_of(sample_tokens, hyperparameters_by(settings, given), prices)


def hyperparameters_by(settings: PrepareTrainingSettings, given: Mapping[str, str]) -> dict[str, str]:
    """Those of a run: the settings', but for what was given with it."""
    return {**(settings.hyperparameters if settings.customization_type == "FINE_TUNING" else {}), **given}


def problems_of_cost(cost: Cost, ceilings: Ceilings) -> list[str]:
    """Why a run is too expensive, with the figures and the setting to change; empty when it is not."""
    problems = []
    if cost.tokens > ceilings.tokens:
        problems.append(
            f"the run trains on about {cost.tokens:,} tokens (samples times epochs); fine_tuning.max_training_tokens "
            f"allows {ceilings.tokens:,}. Use fewer samples or epochs, or raise that setting"
        )
    if ceilings.usd is not None and cost.usd is None and not ceilings.accepts_unknown:
        problems.append(unpriced(["training"], "fine_tuning.max_training_cost_usd", ceilings.usd))
    if ceilings.usd is not None and cost.usd is not None and cost.usd > ceilings.usd:
        problems.append(
            f"the run costs about {cost.usd:,.2f} USD ({cost.tokens:,} tokens at {cost.per_1k} USD per 1,000); "
            f"fine_tuning.max_training_cost_usd allows {ceilings.usd:,.2f}. Use fewer samples or epochs, or raise "
            "that setting"
        )
    return problems


def problem_of_gate(models: Mapping[str, Any]) -> str | None:
    """Why the evaluation of a gate would be refused once the training is paid: models without a price, and a ceiling.

    Args:
        models: `gate_models` of the settings.
    """
    if not models.get("unpriced"):
        return None
    problem = unpriced(models["unpriced"], "evaluation.max_cost_usd", models["max_cost_usd"])
    return f"the gate's evaluation would be refused once the training is paid: {problem}"
