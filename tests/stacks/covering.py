"""A few blocks of settings that are accepted, in which every two choices stand together, and all of the edge's."""

import copy
import random
from collections.abc import Iterator, Mapping
from itertools import combinations, product

from stacks.parsing import parse
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError
from tests.stacks.blocks import FACTORS, Block, amounts, paths

Row = tuple[int, ...]
"""Which of its choices each factor takes."""
Choices = tuple[tuple[int, int], ...]
"""Factors, each with one of its choices, that a row is to have."""
CANDIDATES = 60
TOGETHER = ("admission", "stream", "firewall", "agents")
"""Factors of which every combination is wanted, not only of every two."""


def accepted(prices: PriceBook) -> list[Block]:
    """Blocks that are accepted; the first of them have every kind of fine-tuning under every encryption."""
    factors = {**FACTORS, "amounts": amounts()}
    return [_block(row, factors) for row in _covering(factors, prices)]


def _covering(factors: Mapping[str, list[Block]], prices: PriceBook) -> Iterator[Row]:
    """Rows with all that is wanted and accepted at all; a greedy choice among random rows, always the same."""
    chance = random.Random(1)
    sizes = [len(choices) for choices in factors.values()]
    together = tuple(sorted(map(list(factors).index, TOGETHER)))
    wholes = (*combinations(range(len(sizes)), 2), together)
    missing: set[Choices] = {
        tuple(zip(whole, choices, strict=True))
        for whole in wholes
        for choices in product(*(range(sizes[factor]) for factor in whole))
    }
    while missing:
        wanted = min(missing)
        rows = (_with(wanted, tuple(chance.randrange(size) for size in sizes)) for _ in range(CANDIDATES))
        possible = [
            mended for row in rows if (mended := _mended(row, {factor for factor, _ in wanted}, factors, prices))
        ]
        if possible:
            best = max(possible, key=lambda row: len(missing & _had(row, together)))
            missing -= _had(best, together)
            yield best
        # Choices that stand together in none of so many rows exclude each other.
        missing.discard(wanted)


def _with(wanted: Choices, row: Row) -> Row:
    choices = dict(wanted)
    return tuple(choices.get(factor, choice) for factor, choice in enumerate(row))


def _had(row: Row, together: tuple[int, ...]) -> set[Choices]:
    return {*combinations(enumerate(row), 2), tuple((factor, row[factor]) for factor in together)}


def _block(row: Row, factors: Mapping[str, list[Block]]) -> Block:
    merged: Block = {}
    for choices, choice in zip(factors.values(), row, strict=True):
        _merge(merged, choices[choice])
    return merged


def _merge(into: Block, block: Block) -> None:
    for name, value in block.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = copy.deepcopy(value)


def _mended(row: Row, kept: set[int], factors: Mapping[str, list[Block]], prices: PriceBook) -> Row | None:
    """The row, with the first of its choices for every factor whose choice is refused; `None` where one is `kept`."""
    while (refused := _refused(_block(row, factors), prices)) is not None:
        guilty = {
            factor
            for factor, choices in enumerate(factors.values())
            if factor not in kept and row[factor] and refused & {".".join(path) for path in paths(choices[row[factor]])}
        }
        if not guilty:
            return None
        row = tuple(0 if factor in guilty else choice for factor, choice in enumerate(row))
    return row


def _refused(block: Block, prices: PriceBook) -> set[str] | None:
    """The settings that a refusal of the block is about; `None` where it is accepted."""
    try:
        parse("swept", block, prices)
    except SettingsError as error:
        return {setting for problem in error.problems for setting in problem.reads}
    return None
