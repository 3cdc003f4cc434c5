"""The estimate and the result of a generation as people see them."""

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from arbiter.generation.collection import REASONS
from cli.generation.outcome import Estimate
from cli.generation.view import show_estimate, show_generated
from tests.unit.cli.fakes import StubbedDeployment
from tests.unit.cli.generation.test_generate import PLANNED, files, follow, found, plan, run


def drawn(show: Any, value: Any) -> str:
    text = io.StringIO()
    show(Console(file=text, width=200), value)
    return text.getvalue()


def test_the_estimate_shows_tokens_cost_ceiling_and_what_is_left_out() -> None:
    estimate = Estimate.of("run-1", PLANNED)
    text = drawn(partial(show_estimate, purpose="training"), estimate)

    assert "10 pairs from 4 documents (13 are asked for" in text
    assert "About 5,000 tokens, $0.2500; at most 9,000 tokens and any cost." in text
    assert "Kept for evaluation: 1 document." in text
    assert "Kept for training: 1 document." in drawn(partial(show_estimate, purpose="evaluation"), estimate)
    assert "Left out: a.pdf: .pdf is not read here" in text
    unpriced = replace(estimate, usd=None, unknown_prices=("some.model",), asked=7)
    text = drawn(partial(show_estimate, purpose="training"), unpriced)
    assert "cost unknown" in text
    assert "No price is known for some.model" in text
    assert "about 7 pairs can be made" in text


def test_the_result_shows_kinds_reasons_and_cost(tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    plan(deployment)
    found(deployment, "run-1", "SUCCEEDED")
    follow(deployment, "run-1")
    files(deployment)
    result = run(deployment, tmp_path / "pairs.jsonl")
    text = drawn(show_generated, result)

    assert REASONS["unsupported"] in text
    assert "9 of 10 pairs: the documents did not give more" in text
    assert "4,000 tokens · $0.2000" in text
    in_jobs = drawn(show_generated, replace(result, batch_tokens=1_000))
    assert "4,000 tokens (1,000 in batch inference) · $0.2000" in in_jobs
