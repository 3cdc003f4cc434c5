"""The published case study's effects beside those of a run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import listed
from cli.reporting.comparisons.against import Against
from cli.reporting.comparisons.measures import Change, measured, relative_change
from cli.reporting.figures import numbers
from cli.reporting.figures.against_base import base_arm
from cli.reporting.figures.drawing import COLOURS, Chart, figure, inline
from cli.reporting.figures.rows import MARK, Row, dots, height, row_axes, zero
from cli.reporting.run.records import Records
from cli.reporting.tables.table import Table

CASE_STUDY = "nova-case-study"
FILE = Path(__file__).with_name("nova_case_study.json")
AGREES, OTHER_SIZE = "agrees", "agrees in direction, not in size"
CONTRADICTS, CANNOT_TELL = "contradicts", "cannot tell"
NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Effect:
    """One published effect beside that of this run's arm of the same mode."""

    arm: str
    measure: str
    published: float
    at_least: bool
    ours: Change | None
    says: str

    @property
    def expected(self) -> str:
        return (
            f"more than {numbers.change(self.published)}"
            if self.at_least
            else f"about {numbers.change(self.published)}"
        )

    @property
    def measured(self) -> str:
        if self.ours is None:
            return "not measured"
        if self.ours.interval is None:
            return f"{numbers.change(self.ours.value)}, too few questions for an interval"
        return f"{numbers.change(self.ours.value)} ({' to '.join(map(numbers.change, self.ours.interval))})"


@cache
def case_study() -> dict[str, Any]:
    study: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return study


def says(published: float, ours: Change | None, *, at_least: bool = False, rounding: float = 0.0) -> str:
    """Whether an interval bears out a published effect, which is itself rounded."""
    if ours is None or ours.interval is None:
        return CANNOT_TELL
    low, high = ours.interval
    holds = high >= published - rounding and (at_least or low <= published + rounding)
    same_direction = low > 0 if published > 0 else high < 0
    if same_direction:
        return AGREES if holds else OTHER_SIZE
    return CANNOT_TELL if holds else CONTRADICTS


def against_case_study(plan: Plan, summary: Summary, records: Records) -> Against:
    """The part of the page on the published effects."""
    study, base = case_study(), base_arm(summary)
    title, unlike = "Against the published case study", unlike_conditions(summary)
    effects = [
        effect if not unlike else replace(effect, says=NOT_COMPARABLE) for effect in _effects(plan, base, records)
    ]
    if not effects:
        sentence = "This run lacks base, or all others of the case study: there is nothing to set beside it."
        return Against(title=title, sentences=[sentence], notes=study["differs"], source=study["url"])
    return Against(
        title=title,
        sentences=[
            *unlike,
            *(
                f"{effect.arm}, {effect.measure}: published {effect.expected}, here {effect.measured}: {effect.says}."
                for effect in effects
            ),
        ],
        charts=[_chart(measure, effects) for measure in dict.fromkeys(effect.measure for effect in effects)],
        tables=[_table(effects, str(study["title"]))],
        notes=study["differs"],
        source=study["url"],
    )


def unlike_conditions(summary: Summary) -> list[str]:
    """Why this run can neither bear out nor contradict the case study; empty where it can."""
    reasons = []
    if summary["local"]:
        reasons.append("Stand-ins answered and judged this run on the local AWS: it can say nothing on the case study.")
    known = {arm["base_model"] for arm in summary["arms"] if arm["base_model"]}
    if others := sorted(known - set(case_study()["models"])):
        reasons.append(
            f"The case study compared techniques on {' and '.join(case_study()['models'])}, and here {listed(others)} "
            "answered: another model may gain more or less by the same technique."
        )
    if not all(arm["base_model"] for arm in summary["arms"]):
        reasons.append("Which models answered in every technique is not known of this run.")
    if any(row["verdict"] == "confounded" for row in summary["comparisons"]):
        reasons.append("Here the techniques do not all stand on one base model, as those of the case study did.")
    if reasons:
        reasons.append(
            f"So nothing below agrees with it or contradicts it; both are set side by side as {NOT_COMPARABLE}."
        )
    return reasons


def _effects(plan: Plan, base: str | None, records: Records) -> Iterator[Effect]:
    study, values = case_study(), measured(plan, records)
    modes = {arm.name: arm.mode.value for arm in plan.arms}
    if base is None or modes.get(base) != "base":
        return
    for effect in study["effects"]:
        for arm in (name for name, mode in modes.items() if mode == effect["mode"]):
            series = values[effect["measure"]]
            seed = f"{plan.run}/{arm}/{effect['measure']}"
            ours = relative_change(series.get(arm, {}), series.get(base, {}), seed=seed)
            at_least = bool(effect.get("at_least"))
            judgement = says(effect["change"], ours, at_least=at_least, rounding=study["rounding"])
            yield Effect(arm, effect["measure"], effect["change"], at_least, ours, judgement)


def _table(effects: list[Effect], source: str) -> Table:
    rows = tuple(
        (
            f"{effect.arm}: {effect.measure}",
            effect.expected,
            effect.measured,
            str(effect.ours.n if effect.ours else 0),
            effect.says,
        )
        for effect in effects
    )
    headings = ("Technique and measure", "Published", "Here, 95 % interval", "Questions", "This run")
    return Table(f"Changes relative to base. Published: {source}", headings, rows)


def _chart(measure: str, compared: list[Effect]) -> Chart:
    effects = [effect for effect in compared if effect.measure == measure and effect.ours]
    title = f"{measure.capitalize()}, relative to base"
    if not effects:
        return Chart(
            name=f"study-{measure}", title=title, takeaway="This run has no measurement of it.", alt="", svg=""
        )
    rows = [Row(effect.arm, effect.says, COLOURS["arm-1"]) for effect in effects]
    changes = [(effect.ours.value, effect.ours.interval) for effect in effects if effect.ours]
    ends = [0.0, *(effect.published for effect in effects)]
    ends += [end for value, interval in changes for end in (value, *(interval or ()))]
    margin = 0.06 * (max(ends) - min(ends))
    with figure(height(rows)) as drawn:
        made = row_axes(drawn, rows, (min(ends) - margin, max(ends) + margin))
        made.xaxis.set_major_formatter(lambda value, _: numbers.change(value))
        zero(made, rows)
        dots(made, rows, changes)
        for index, effect in enumerate(effects):
            made.plot([effect.published], [index + MARK], "D", color=COLOURS["bad"], markersize=7, clip_on=False)
        svg = inline(drawn, f"study-{measure}")
    words = [f"{effect.arm} published {effect.expected}, here {effect.measured}" for effect in effects]
    return Chart(
        name=f"study-{measure}",
        title=title,
        takeaway="The published effect beside this run's, with its 95 % interval.",
        alt="; ".join(words) + ".",
        svg=svg,
        legend=(("bad", "published"), ("arm-1", "this run")),
    )
