"""Answers written as YAML, each with its question above it."""

import textwrap
from collections.abc import Iterator
from typing import Any

import yaml

from cli.advice.scenario.fields import FIELDS, Field
from cli.advice.scenario.scenario import DEFAULTS, Scenario

HEAD = "# Answers for `arbiter advise --file`. A line that begins with # was not answered, and counts as it stands.\n"
WIDTH = 116


def as_yaml(scenario: Scenario) -> str:
    """The answers as YAML; those that were not given stand as comments, with their default."""
    return HEAD + "".join(line for field in FIELDS for line in _lines(scenario, field))


def as_questions() -> list[dict[str, Any]]:
    """Every question for programs: its name, what may be answered, the default, and why it is asked."""
    return [{**field._asdict(), "default": DEFAULTS.answers()[field.name]} for field in FIELDS]


def _lines(scenario: Scenario, field: Field) -> Iterator[str]:
    yield "\n"
    for line in textwrap.wrap(f"{field.question} {field.why}", WIDTH):
        yield f"# {line}\n"
    if field.allowed:
        for line in textwrap.wrap(f"Allowed: {', '.join(field.allowed)}", WIDTH, subsequent_indent="  "):
            yield f"# {line}\n"
    given = field.name in scenario.given
    value = (scenario if given else DEFAULTS).answers()[field.name]
    written = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    # A scalar alone is followed by the mark of a document's end.
    text = f"{field.name}: {written.splitlines()[0]}\n"
    yield text if given else f"# {text}"
