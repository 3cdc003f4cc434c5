"""What a training will cost, reckoned on this machine before anything is sent."""

import json
from collections.abc import Mapping
from pathlib import Path

from arbiter.tuned_models.training.cost import TrainingPrices, cost_of
from arbiter.tuned_models.training.record import Cost
from cli.core.deployment import Deployment
from cli.core.project import repository
from stacks.parsing import parse
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError


def estimate(deployment: Deployment, tokens: int, hyperparameters: Mapping[str, str], root: Path | None = None) -> Cost:
    """The cost of one run by the settings and prices of `cdk.json`; no amount where they do not say one."""
    try:
        context = json.loads(((root or repository()) / "cdk.json").read_text())["context"]
        tuning = parse(deployment.environment, context["environments"][deployment.environment]).fine_tuning
        known = PriceBook.parse(context["prices"]).of_training(tuning.base_model, region=deployment.region)
    except (OSError, ValueError, KeyError, TypeError, SettingsError):
        return cost_of(tokens, hyperparameters, TrainingPrices())
    prices = TrainingPrices(per_1k=known.per_1k, as_of=known.as_of)
    return cost_of(tokens, {**tuning.hyperparameters(), **hyperparameters}, prices)
