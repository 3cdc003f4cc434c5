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
    for path, model in (("generation.generator", generator), ("generation.verifier", verifier)):
        prefix = model_catalogue.profile_prefix(model)
        if prefix and not s.region.startswith(model_catalogue.PROFILE_PREFIXES[prefix]):
            text = f'"{model}" is a profile for regions {model_catalogue.PROFILE_PREFIXES[prefix]}*, not for {s.region}'
            yield _problem(path, text, "region")
        if model in model_catalogue.PROFILE_ONLY:
            reason = f'"{model}" has no on-demand throughput of its own; name an inference profile'
            yield _problem(path, f'{reason}: "us.{model}" or "global.{model}"')


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))
