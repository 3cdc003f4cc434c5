"""Environment blocks of `cdk.json` read as settings, or refused with every problem at once."""

import json
from collections.abc import Mapping
from pathlib import Path
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


def with_nulls(environments: Any, file: Path) -> Any:
    """The environments as `cdk.json` has them, where that is what the CDK's context was read from.

    The CDK for Python leaves out members that are null: a ceiling that was switched off would be its default again.
    """
    try:
        written = json.loads(file.read_text(encoding="utf-8-sig"))["context"]["environments"]
    except (OSError, ValueError, KeyError, TypeError):
        return environments
    return written if _without_nulls(written) == environments else environments


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _validate(block: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """Parse what can be parsed: unreadable settings become problems and fall back, so that the rest is checked too."""
    problems: list[Problem] = []
    for _ in range(MAXIMUM_PROBLEMS):
        try:
            return Settings.model_validate(block), problems
        except ValidationError as error:
            explained = [explain(Settings, e) for e in error.errors()]
            # A block that lost unreadable settings may then lack what it has to have: no problem of its own.
            known = {p.path for p in problems}
            problems += [p for p in explained if p.path not in known and not any(q.within(p) for q in problems)]
            lacking = [e["loc"][:-1] for e in error.errors() if e["type"] == "missing"]
            block = without(block, [*lacking, *(p.location for p in explained)])
    return Settings(), problems


def _message(name: str, problems: list[Problem]) -> str:
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"  {p.path}: {p.text}" for p in sorted(problems, key=lambda p: p.path)]
    return "\n".join([f'cdk.json: environment "{name}" has {count}:', *lines])
