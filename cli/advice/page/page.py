"""The page of a decision record: for who decides, on paper or a phone, without a network."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cli.advice.money.bills import NAMES as TECHNIQUES
from cli.advice.page import costs, tables
from cli.advice.page.amounts import money
from cli.advice.page.chart import chart
from cli.advice.page.comparison import advice_rows, answer_rows
from cli.advice.record.record import TAXONOMY, Record
from cli.advice.record.roadmap import tools
from cli.advice.record.sentences import meanings, reasons
from cli.advice.rules import later_facts, uses
from cli.advice.rules.engine import Verdict
from cli.advice.rules.options import APPROACHES, Approach, Status
from cli.advice.rules.rule import Rule
from cli.reporting.figures import numbers
from cli.reporting.page import TEMPLATES as REPORT
from cli.reporting.tables.table import Table

OWN = Path(__file__).parent / "templates"


def render(record: Record) -> str:
    """The page of a record. The same record gives the same page."""
    decision = record.decision
    template = _environment().get_template("advice.html.j2")
    page = template.render(
        record=record,
        decision=decision,
        month=money(decision.month),
        reasons=reasons(decision),
        meanings=meanings(decision),
        technique=TECHNIQUES[decision.technique],
        doubts=decision.evidence.doubts if decision.evidence else (),
        approaches=[_card(record, approach) for approach in APPROACHES],
        tools=",\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools(decision)),
        measured=tables.measured(record),
        qualities=tables.qualities(record),
        tags=tables.by_tag(record),
        answers=tables.answers(record),
        drawn=chart(record),
        parts=costs.parts(record),
        by_technique=costs.by_technique(record),
        break_evens=costs.break_even_table(record),
        crossings=costs.crossings(record),
        sensitivity=costs.sensitivity(record),
        assumptions=list(costs.assumptions(record)),
        considered=later_facts.CONSIDERED,
        facts=later_facts.FACTS,
        published=[rule for rule in uses.RULES if rule.id.startswith("uses.figures.")],
        sources=_sources(record),
        source=TAXONOMY,
        style=_style(),
    )
    return _with_commands(page)


def render_comparison(records: Sequence[Record]) -> str:
    """The page of two records side by side."""
    names = tuple(one.name for one in records)
    page = (
        _environment()
        .get_template("comparison.html.j2")
        .render(
            title=" and ".join(names),
            advice=Table("What to do in each", ("", *names), tuple(advice_rows(records))),
            answers=Table("What differs in the answers", ("Question", *names), tuple(answer_rows(records)), "Nothing."),
            source=TAXONOMY,
            style=_style(),
        )
    )
    return _with_commands(page)


def _style() -> Markup:
    styles = (REPORT / "report.css", OWN / "advice.css")
    return Markup("".join(style.read_text(encoding="utf-8") for style in styles))  # noqa: S704


def _with_commands(page: str) -> str:
    # Sentences name commands as a terminal shows them.
    return re.sub(r"`([^`<>]{1,80})`", r"<code>\1</code>", page)


def _card(record: Record, approach: Approach) -> dict[str, Any]:
    advice = record.decision.advice
    verdict = advice.approaches[approach.id]
    methods = [advice.methods[method.id] for method in approach.methods]
    return {
        **{name: getattr(approach, name) for name in ("name", "what", "time", "expertise", "compute", "data")},
        "status": verdict.status.words,
        "why": verdict.fired,
        "lost": _by_winner([pair for one in (verdict, *methods) for pair in one.lost]),
        "methods": [
            {"name": method.name, "status": one.status.words, "why": _reason(one)}
            for method, one in zip(approach.methods, methods, strict=True)
        ],
    }


def _by_winner(lost: list[tuple[Rule, Rule]]) -> list[tuple[Rule, list[Rule]]]:
    """The rules that lost, each once, under the one that they lost against."""
    winners = {winner.id: winner for _, winner in lost}
    return [
        (winner, list({loser.id: loser for loser, against in lost if against.id == name}.values()))
        for name, winner in winners.items()
    ]


def _reason(verdict: Verdict) -> Rule | None:
    """The rule that tells best why a method is chosen: the one on the method itself, where it fired."""
    if verdict.status < Status.LATER:
        return None
    return next((rule for rule in verdict.fired if rule.id == f"methods.{verdict.option}"), verdict.fired[0])


def _sources(record: Record) -> list[str]:
    months = (cost.month(record.decision.volumes.use) for cost in record.decision.shown.values())
    return list(dict.fromkeys(source for month in months for source in month.sources))


def _command(line: str) -> Markup:
    """A command whose options are never broken at their hyphens, which a narrow page would do."""
    option = Markup('<span class="option">{}</span>')
    return Markup(" ").join(option.format(word) if word.startswith("--") else word for word in line.split(" "))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(OWN), FileSystemLoader(REPORT)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["n"] = numbers
    environment.filters["svg"] = Markup
    environment.filters["command"] = _command
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment
