"""The report as one page that needs nothing else: no network, no other file, and no JavaScript but for searching."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.gate import CANDIDATE
from arbiter.evaluation.summary.groups import headline, models_of
from arbiter.evaluation.summary.judges import called
from cli.reporting.comparisons.against import Against
from cli.reporting.figures import against_base, agreement, cost, effort, heat, numbers, quality
from cli.reporting.figures.drawing import Chart
from cli.reporting.run.questions import Question, questions
from cli.reporting.run.records import Records
from cli.reporting.run.telling import by_judge
from cli.reporting.tables.sections import tables

TEMPLATES = Path(__file__).parent / "templates"
MAX_STATIC = 500
"""So many questions stand in the page as they are; more are packed, and unpacked as they are looked at."""
FIRST = 50
BLOCK = 50


def render(plan: Plan, summary: Summary, records: Records, against: Against | None = None) -> str:
    """The page of a run. The same run gives the same page."""
    listed = questions(plan, records)
    environment = _environment()
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        plan=plan,
        summary=summary,
        headline=headline(summary),
        models=models_of(summary).rstrip("."),
        gate=_answers_today(summary),
        charts=_charts(plan, summary, records),
        shown=len(listed),
        folder=f"evaluations/{plan.run}/",
        tables=tables(summary),
        against=against,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        tags=sorted({tag for question in listed for tag in question.tags}),
        **_questions(environment, listed, called(summary["judges"], local=summary["local"])),
    )


def _answers_today(summary: Summary) -> str | None:
    """The technique that a gate's run holds a newly tuned model against; `None` in any other run."""
    names = [arm["name"] for arm in summary["arms"]]
    return next((name for name in names if name != CANDIDATE), None) if CANDIDATE in names else None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["n"] = numbers
    environment.filters["svg"] = Markup
    environment.filters["prose"] = _prose
    return environment


def _prose(sentence: str) -> Markup:
    """A sentence whose commands stand between backticks, as the terminal shows it."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped before


def _scores(plan: Plan, records: Records) -> Mapping[str, Mapping[tuple[str, str], float]]:
    """The scores of all answers, also where the page shows only some."""
    if records.numbers is not None:
        return by_judge(records.numbers, plan)
    return agreement.scores_by_judge(records.verdicts)


def _charts(plan: Plan, summary: Summary, records: Records) -> list[Chart]:
    return [
        quality.quality(summary),
        against_base.differences(summary),
        quality.bands(summary),
        against_base.wins(summary),
        heat.by_tag(summary),
        heat.by_criterion(summary),
        effort.latency(summary),
        effort.per_token(summary),
        effort.tokens(summary),
        cost.cost(summary),
        *agreement.agreement(summary, _scores(plan, records)),
        agreement.severity(summary),
    ]


def _questions(environment: Environment, listed: Sequence[Question], judges: Mapping[str, str]) -> dict[str, Any]:
    """The questions as the page holds them: each in HTML, or all but the first packed."""
    card = environment.get_template("question.html.j2")
    cards = [card.render(question=question, number=number, judges=judges) for number, question in enumerate(listed, 1)]
    index = [
        [question.tags, question.winner, round(question.apart, 3), int(question.failed), question.id]
        for question in listed
    ]
    packed = len(listed) > MAX_STATIC
    blocks = [_packed(cards[start : start + BLOCK]) for start in range(0, len(cards), BLOCK)] if packed else []
    shown = cards[:FIRST] if packed else cards
    return {"cards": [Markup(text) for text in shown], "index": index, "blocks": blocks, "block": BLOCK}  # noqa: S704


def _packed(cards: Sequence[str]) -> str:
    # Without a time in it, the same text packs to the same bytes.
    return base64.b64encode(gzip.compress(json.dumps(list(cards)).encode(), mtime=0)).decode()
