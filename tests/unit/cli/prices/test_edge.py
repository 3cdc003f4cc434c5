"""The bill of the edge: by the month for what idles, in every combination of its settings, and by the request."""

from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from arbiter.modes import Mode
from cli.prices import report as reporting
from cli.prices.report import pricing_of, report
from cli.prices.report_view import show_report
from stacks.parsing import parse

JWT = {"issuer": "https://login.example.com", "audience": ["arbiter"]}
CALLERS: list[dict[str, Any]] = [
    {"auth": "api_key"},
    {"auth": "iam"},
    {"auth": "jwt", "jwt": JWT},
    {"auth": "jwt", "jwt": {**JWT, "budget_usd": 5.0}},
]


def test_what_idles_is_told_in_every_combination(root: Path) -> None:
    pricing = pricing_of(root, "dev")

    def idle(**edge: Any) -> dict[str, float]:
        lines = replace(pricing, settings=parse("dev", {"edge": edge}, pricing.book)).idle()
        assert not any(line.amount.unknown for line in lines)
        return {line.name.lstrip("0123456789 "): line.amount.usd for line in lines}

    before = idle()
    assert idle(serve="none") == idle(agents=True) == before
    for callers, stream, waf, agents in product(CALLERS, *[(False, True)] * 3):
        after = idle(serve="api", **callers, stream=stream, waf=waf, agents=agents)
        added = {name: usd - before.get(name, 0) for name, usd in after.items() if usd != before.get(name)}
        # An alarm on a share watches two metrics; those on who is refused are not there where AWS checks signatures.
        alarms = {"metrics watched by alarms": 0.1 * (2 if callers["auth"] == "iam" else 4)}
        assert added == pytest.approx({**alarms, **({"a firewall before the API": 6.0} if waf else {})})


def test_a_request_is_told_the_way_that_it_comes(root: Path) -> None:
    pricing = pricing_of(root, "dev")

    def way(**edge: Any) -> dict[str, float]:
        lines = replace(pricing, settings=parse("dev", {"edge": edge}, pricing.book)).request(Mode.BASE)
        return {line.name: line.amount.usd for line in lines if line.name.startswith(("API", "gateway"))}

    assert way() == {}
    assert way(agents=True) == pytest.approx({"gateway: call": 5e-6})
    assert way(serve="api", auth="iam", waf=True) == pytest.approx({"API: call": 3.5e-6, "API: firewall": 0.6e-6})
    assert [list(way(serve="api", **callers)) for callers in CALLERS] == [
        ["API: call", "API: key and budget"], ["API: call"], ["API: call"], ["API: call", "API: key and budget"],
    ]  # fmt: skip


@pytest.mark.parametrize("edge", [{"serve": "api", "waf": True}, {"agents": True}])
def test_the_way_in_is_in_no_column_of_the_search(
    root: Path, monkeypatch: pytest.MonkeyPatch, edge: dict[str, Any]
) -> None:
    pricing = pricing_of(root, "dev")
    block = {"edge": edge, "guardrail": {"content": "high"}}
    priced = replace(pricing, settings=parse("dev", block, pricing.book))
    monkeypatch.setattr(reporting, "pricing_of", lambda *_: priced)
    told = report(root, "dev", look=False)
    console = Console(width=100, record=True, file=StringIO())
    show_report(console, told)
    rows = [[cell.strip() for cell in line.split("│")] for line in console.export_text().splitlines() if "│" in line]
    searched = {row[1]: row[4] for row in rows if row[1] in ("base", "rag")}

    assert any(line.name.startswith("guardrail") for line in told.requests[0].lines)
    assert searched["base"] == ""
    assert searched["rag"].startswith("$")
