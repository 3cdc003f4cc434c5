"""Environment blocks of `cdk.json` read as settings, or refused with every problem at once."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from stacks.refusals.combinations import refused_combinations
from stacks.refusals.fine_tuning import refused_commitment
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from stacks.settings.problems import Problem, SettingsError, explain, without

MAXIMUM_PROBLEMS = 100
"""A block with more unreadable settings than this is not worth a longer list."""


def parse(name: str, block: object, prices: PriceBook | None = None) -> Settings:
    """The settings of environment `name`; with prices, what they cost is judged as well.

    Raises:
        SettingsError: naming every problem of the block at once.
    """
    if not isinstance(block, Mapping):
        raise SettingsError(f'cdk.json: environment "{name}" is not a block of settings')
    settings, problems = _validate(dict(block))
    unreadable = {p.path for p in problems}
    refused = refused_combinations(settings) + (list(refused_commitment(settings, prices)) if prices else [])
    problems += [p for p in refused if not unreadable & set(p.reads)]
    if problems:
        raise SettingsError(_message(name, problems), problems)
    return settings


def _validate(block: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """Parse what can be parsed: unreadable settings become problems and fall back, so that the rest is checked too."""
    problems: list[Problem] = []
    for _ in range(MAXIMUM_PROBLEMS):
        try:
            return Settings.model_validate(block), problems
        except ValidationError as error:
            found = [explain(Settings, e) for e in error.errors()]
            problems += found
            block = without(block, [p.location for p in found])
    return Settings(), problems


def _message(name: str, problems: list[Problem]) -> str:
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"  {p.path}: {p.text}" for p in sorted(problems, key=lambda p: p.path)]
    return "\n".join([f'cdk.json: environment "{name}" has {count}:', *lines])
