"""Choices that no honest comparison could be made with, each refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stacks.settings import model_catalogue
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings


def refused_evaluations(s: Settings) -> Iterator[Problem]:
    """Every choice of answering and judging models that is refused."""
    yield from _judge_family(s)
    for name, listed in (("judges", s.evaluation.judges), ("models", s.evaluation.models)):
        yield from _named_twice(name, listed)
    if s.models.base in s.evaluation.models:
        text = f'"{s.models.base}" is models.base, which is always compared; leave it out'
        yield _problem("evaluation.models", text, "models.base")
    if s.evaluation.batch_answers and s.evaluation.batch_minimum is None:
        text = (
            "true needs evaluation.batch_minimum, the answers of a model that make a job; set that too, or this false"
        )
        yield _problem("evaluation.batch_answers", text, "evaluation.batch_minimum")


def _judge_family(s: Settings) -> Iterator[Problem]:
    answerers = {model_catalogue.family(s.models.base): "models.base"}
    if s.fine_tuning.enabled:
        answerers.setdefault(model_catalogue.family(s.fine_tuning.base_model), "fine_tuning.base_model")
    for model in s.evaluation.models:
        answerers.setdefault(model_catalogue.family(model), "evaluation.models")
    for judge in dict.fromkeys(s.evaluation.judges):
        answerer = answerers.get(model_catalogue.family(judge))
        if answerer:
            reason = (
                f'"{judge}" is of the family "{model_catalogue.family(judge)}", as is the answering model ({answerer})'
            )
            advice = "judges favour their own family; choose one of another provider"
            yield _problem("evaluation.judges", f"{reason}; {advice}", answerer)


def _named_twice(name: str, listed: Sequence[str]) -> Iterator[Problem]:
    for model in dict.fromkeys(listed):
        if listed.count(model) > 1:
            yield _problem(f"evaluation.{name}", f'"{model}" is named {listed.count(model)} times; name it once')


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))
