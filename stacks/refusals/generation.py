"""Choices of generating and checking models that cannot work, each refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings import model_catalogue
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings


def refused_generations(s: Settings) -> Iterator[Problem]:
    """Every choice of generator and verifier that is refused."""
    generator, verifier = s.generation.generator, s.generation.verifier
    if model_catalogue.family(generator) == model_catalogue.family(verifier):
        reason = f'"{verifier}" is of the family "{model_catalogue.family(verifier)}", as is the generator'
        advice = "a model overlooks what its own family makes up; choose one of another provider"
        yield _problem("generation.verifier", f"{reason}; {advice}", "generation.generator")


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))
