"""Limits of the schema: what may be empty is listed, and every amount has ends at which it is refused."""

import typing
from collections.abc import Iterator
from types import UnionType
from typing import Any

import pytest
from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stacks.settings.environment import Settings

MAY_BE_EMPTY = {
    *("evaluation.models", "evaluation.knowledge_bases", "edge.jwt.filters", "tags"),
    *(f"guardrail.{name}" for name in ("denied_topics", "words", "sensitive_information", "denied_topics.examples")),
}
"""Collections of which none is a choice of its own; of all others nothing would be let in, judged or announced."""
ENDLESS = {
    *("fine_tuning.max_training_tokens", "fine_tuning.max_training_cost_usd", "monthly_budget_usd"),
    *("generation.max_tokens", "generation.max_cost_usd", "evaluation.max_cost_usd"),
    *("fine_tuning.provisioned.accepted_total_usd", "evaluation.gate.minimum_cases"),
    *("evaluation.gate.max_latency_ratio", "evaluation.gate.max_cost_ratio"),
}
"""Amounts that have a lower end alone: what an owner is ready to pay, to wait for or to ask."""


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, FieldInfo, list[Any]]]:
    """Every setting, in blocks of every depth, with the types that it may have."""
    for name, field in model.model_fields.items():
        kinds = list(parts(field.annotation))
        yield ".".join((*path, name)), field, kinds
        for kind in kinds:
            inner = [kind, *typing.get_args(kind)]
            for block in {one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)}:
                yield from fields(block, (*path, name))


def parts(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) in (typing.Union, UnionType):
        yield from typing.get_args(annotation)
    else:
        yield annotation


ALL = {path: (field, kinds) for path, field, kinds in fields(Settings)}
COLLECTIONS = sorted(
    path for path, (_, kinds) in ALL.items() if any(typing.get_origin(kind) in (list, dict) for kind in kinds)
)
NUMBERS = sorted(
    path for path, (_, kinds) in ALL.items() if {int, float} & {kind for kind in kinds if kind is not bool}
)


@pytest.mark.parametrize("path", COLLECTIONS)
def test_a_collection_has_a_most_and_says_whether_it_may_be_empty(path: str) -> None:
    limits = {type(one): one for one in ALL[path][0].metadata}
    assert (MinLen in limits and limits[MinLen].min_length > 0) is (path not in MAY_BE_EMPTY)
    assert MaxLen in limits or "Literal" in str(ALL[path][1]), path


@pytest.mark.parametrize("path", NUMBERS)
def test_a_number_has_ends(path: str) -> None:
    limits = {type(one) for one in ALL[path][0].metadata}
    assert limits & {Ge, Gt}
    assert (Le not in limits) is (path in ENDLESS)
