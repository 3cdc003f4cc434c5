"""A ceiling that `cdk.json` sets to null is none, although the CDK for Python hands its settings on without it."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.parsing import parse, with_nulls
from stacks.settings.environment import Settings

LIFTED: dict[str, Any] = {
    "fine_tuning": {"max_training_cost_usd": None, "epochs": 1},
    "evaluation": {"max_cost_usd": None, "gate": {"max_latency_ratio": None, "max_cost_ratio": None}},
    "generation": {"max_cost_usd": None},
}


def context_of(environments: Any) -> Any:
    """The blocks as the CDK's context returns them."""
    return cdk.App(context={"environments": environments}).node.try_get_context("environments")


def lifted(settings: Settings) -> set[object]:
    tuning, evaluation, gate = settings.fine_tuning, settings.evaluation, settings.evaluation.gate
    ratios = (gate.max_latency_ratio, gate.max_cost_ratio)
    return {tuning.max_training_cost_usd, evaluation.max_cost_usd, settings.generation.max_cost_usd, *ratios}


def test_a_null_reaches_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "cdk.json"
    text = json.dumps({"context": {"environments": {"dev": LIFTED}}})
    file.write_text(text, encoding="utf-8-sig")  # The CDK takes the mark that editors on Windows begin a file with.
    handed_on = context_of({"dev": LIFTED})

    assert lifted(parse("dev", handed_on["dev"])) == {50.0, 25.0, 10.0, 1.5}, "by itself the CDK loses them"
    assert lifted(parse("dev", with_nulls(handed_on, file)["dev"])) == {None}


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"context": {"environments": {"prod": {}}}}'])
def test_a_file_that_the_context_does_not_come_from_changes_nothing(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "cdk.json"
    if content is not None:
        file.write_text(content)

    assert with_nulls({"dev": {"protection": "retained"}}, file) == {"dev": {"protection": "retained"}}


BLOCKS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | st.integers(0, 3) | st.booleans(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("de"), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)


@given(BLOCKS)
def test_what_the_cdk_left_out_is_what_comes_back(tmp_path_factory: pytest.TempPathFactory, blocks: Any) -> None:
    file = tmp_path_factory.getbasetemp() / "nulls.json"
    file.write_text(json.dumps({"context": {"environments": blocks}}))

    assert with_nulls(context_of(blocks), file) == blocks
