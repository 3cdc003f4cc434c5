"""Whatever is accepted can be synthesised, without a finding of cdk-nag and without a stale acknowledgement."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.locks import locked
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from tests.stacks import blocks, covering
from tests.stacks.validation import findings, stale, validate, violations

QUICK = 2 * len(blocks.FACTORS["fine_tuning"])
"""Every kind of fine-tuning under every encryption; the other choices take turns beside them."""


PARTS = 8
"""Of the sweep: no process is left alone with it."""


@pytest.fixture(scope="module")
def accepted(context: dict[str, Any], common: Path) -> list[blocks.Block]:
    """The blocks, chosen by the process that comes first."""
    kept = common / "accepted.json"
    with locked(common / "accepted.lock"):
        if not kept.exists():
            kept.write_text(json.dumps(covering.accepted(PriceBook.parse(context["prices"]))))
    chosen: list[blocks.Block] = json.loads(kept.read_text())
    return chosen


def unclean(block: blocks.Block, context: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong with a deployment by these settings."""
    report, target = validate({**context, "environments": {"swept": block}}, "swept", folder)
    unmet = sorted(findings(violations(report)))
    return [*(f"finding {finding}" for finding in unmet), *(f"stale {old}" for old in stale(report, target))]


def test_every_setting_is_swept() -> None:
    swept = {path for choices in blocks.FACTORS.values() for block in choices for path in blocks.paths(block)}
    swept |= {path for block in blocks.amounts() for path in blocks.paths(block)}
    assert {".".join(path) for path, _ in blocks.leaves(Settings)} - {".".join(path) for path in swept} == blocks.UNTOLD


def test_every_choice_is_swept(accepted: list[blocks.Block]) -> None:
    """None of them is refused with everything it stands beside."""
    named = {(path, str(value)) for block in accepted for path, value in blocks.values(block)}
    for choices in [*blocks.FACTORS.values(), blocks.amounts()]:
        for choice in choices:
            assert {(path, str(value)) for path, value in blocks.values(choice)} <= named


def test_every_combination_of_the_edges_settings_is_swept(accepted: list[blocks.Block]) -> None:
    """A gateway without an API; and with one, everybody who may call it, with streams, firewall and gateway or not."""
    edges = [block.get("edge") or {} for block in accepted]
    named = ("serve", "auth", "stream", "waf", "agents")
    swept = {(*map(edge.get, named), "budget_usd" in edge.get("jwt", {})) for edge in edges}
    assert len({one for one in swept if one[0]}) == 4 * 2**3
    assert {one for one in swept if not one[0]} == {(None,) * 5 + (False,), (None,) * 4 + (True, False)}


def test_what_is_accepted_synthesises_cleanly(
    accepted: list[blocks.Block], context: dict[str, Any], tmp_path: Path
) -> None:
    for number, block in enumerate(accepted[:QUICK]):
        assert unclean(block, context, tmp_path / str(number)) == [], block


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_accepted_synthesises_cleanly_whatever_stands_together(
    accepted: list[blocks.Block], context: dict[str, Any], tmp_path: Path, part: int
) -> None:
    for number, block in enumerate(accepted[QUICK + part :: PARTS]):
        assert unclean(block, context, tmp_path / str(number)) == [], block
