"""The options of a request add to its cost what a calculation by hand says."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from arbiter.answering.prompts import CHAIN_OF_THOUGHT, JUDGE, SPLIT
from arbiter.answering.writer import STEP_TOKENS
from arbiter.costs.tokens import estimated_tokens
from cli.prices.basis import added, assumed
from cli.prices.options import options
from cli.prices.report import pricing_of, report
from cli.prices.report_view import show_report
from tests.unit.cli.prices.test_report import changed

READ, WRITTEN = 0.035e-6, 0.14e-6
"""Nova Micro, a token."""
SEARCH = 25 * 0.02e-6 + 2.50e-6 + 60 * (4 * 1024 + 500) * 0.004e-12


def test_searches_replies_and_prompts_are_lines_of_their_own(root: Path) -> None:
    pricing = changed(pricing_of(root, "dev"), models={"rerank": "cohere.rerank-v3-5:0"})
    lines = {line.name.partition(" ")[0]: line.amount.usd for line in options(pricing)}
    plan = estimated_tokens("x" * 90) + max(estimated_tokens(SPLIT), estimated_tokens(JUDGE))
    shown = 2 * 5 * 300

    assert lines == pytest.approx(
        {
            "multi_step": plan * READ + STEP_TOKENS * WRITTEN + 3 * SEARCH,
            "adaptive": (2 * plan + shown) * READ + 2 * STEP_TOKENS * WRITTEN + 2 * SEARCH,
            "hybrid": 2.50e-6,
            "rerank": 2.00e-3,
            "chain_of_thought": estimated_tokens(CHAIN_OF_THOUGHT) * READ + 1_024 * WRITTEN,
        }
    )


def test_a_technique_of_every_request_is_part_of_it_and_no_addition(root: Path) -> None:
    plain = pricing_of(root, "dev")
    prompting = {"house": "examples/prompts/house.json", "technique": "house"}
    usual = changed(plain, prompting=prompting)
    more = added(usual.settings, "house")
    (before, after) = (next(iter(assumed(one.settings, root).usage.values())) for one in (changed(plain), usual))

    assert more.input_tokens > 100
    assert after.input_tokens - before.input_tokens == more.input_tokens
    assert "house" not in {line.name for line in options(usual)}


@pytest.mark.parametrize("requests", [1, 30_000])
def test_the_parts_of_a_request_add_up_to_its_cost_as_they_are_shown(root: Path, requests: int) -> None:
    console = Console(width=200, file=io.StringIO())
    with console.capture() as captured:
        show_report(console, report(root, "dev", requests=requests, look=False))
    rows = captured.get().partition("Added to")[0].splitlines()
    costs = [
        [float(usd) for usd in re.findall(r"\$([\d.]+)", row)] for row in rows if row.startswith(("│ base", "│ rag"))
    ]

    assert len(costs) >= 2
    for whole, *parts in costs:
        assert sum(parts) == pytest.approx(whole, rel=2e-3, abs=2e-7)
