"""The report as one page that needs nothing else: no network, no other file, and no JavaScript but for searching."""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cli.reporting.comparisons.against import Against
from cli.reporting.figures import agreement, effort, heat, numbers, quality
from cli.reporting.figures.drawing import Chart
from cli.reporting.run.questions import Question, questions
from cli.reporting.run.records import Records
from cli.reporting.run.telling import by_judge
from cli.reporting.tables.sections import tables
from cli.reporting.warnings import warnings

TEMPLATES = Path(__file__).parent / "templates"
MAX_STATIC = 500
"""So many questions stand in the page as they are; more are packed, and unpacked as they are looked at."""
FIRST = 50
BLOCK = 50
NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("arms", "comparisons", "pairwise", "tags", "conclusion"), ()),
    "judges_agreement": {},
    "cost": {},
}
"""The parts of a summary that lacks them all."""

Entry = Mapping[str, Any]


def render(run: Entry, summary: Entry, records: Records, against: Against | None = None) -> str:
    """The page of a run. The same run gives the same page."""
    summary = {**NOTHING, **{name: part for name, part in summary.items() if part is not None}}
    found = questions(run, records)
    environment = _environment()
    script = (TEMPLATES / "report.js").read_text()
    return environment.get_template("report.html.j2").render(
        run=run,
        summary=summary,
        warnings=warnings(run, summary),
        charts=_charts(run, summary, records),
        shown=len(found),
        folder=f"evaluations/{run['run']}/",
        tables=tables(summary),
        against=against,
        style=Markup((TEMPLATES / "report.css").read_text()),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        tags=sorted({tag for question in found for tag in question.tags}),
        **_questions(environment, found),
    )


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
    return environment


def _scores(run: Entry, records: Records) -> Mapping[str, Mapping[tuple[str, str], float]]:
    """Those of all answers, also where the page shows some alone."""
    if records.numbers is not None:
        return by_judge(records.numbers, run)
    return agreement.scores_by_judge(records.verdicts)


def _charts(run: Entry, summary: Entry, records: Records) -> list[Chart]:
    return [
        quality.quality(summary),
        quality.differences(summary),
        quality.bands(summary),
        quality.wins(summary),
        heat.by_tag(summary),
        heat.by_criterion(summary),
        effort.latency(summary),
        effort.per_token(summary),
        effort.tokens(summary),
        effort.cost(summary),
        *agreement.agreement(summary, _scores(run, records)),
        agreement.severity(summary),
    ]


def _questions(environment: Environment, found: Sequence[Question]) -> dict[str, Any]:
    """The questions as the page holds them: each in HTML, or all but the first packed."""
    card = environment.get_template("question.html.j2")
    cards = [card.render(question=question, number=place) for place, question in enumerate(found, 1)]
    index = [
        [question.tags, question.winner, round(question.apart, 3), int(question.failed), question.id]
        for question in found
    ]
    packed = len(found) > MAX_STATIC
    blocks = [_packed(cards[start : start + BLOCK]) for start in range(0, len(cards), BLOCK)] if packed else []
    shown = cards[:FIRST] if packed else cards
    return {"cards": [Markup(text) for text in shown], "index": index, "blocks": blocks, "block": BLOCK}  # noqa: S704


def _packed(cards: Sequence[str]) -> str:
    # Without a time in it, the same text packs to the same bytes.
    return base64.b64encode(gzip.compress(json.dumps(list(cards)).encode(), mtime=0)).decode()
