"""Another run beside this one: the changes of each technique, and of each question that both asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from arbiter.evaluation.numbers.comparison import Comparison, Outcome, compare_parts
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.conversation import as_asked
from arbiter.evaluation.run.plan import Plan
from cli.reporting.comparisons.against import Against
from cli.reporting.comparisons.measures import MEASURES, measured, relative_change, texts
from cli.reporting.figures import numbers
from cli.reporting.figures.against_base import differences_of
from cli.reporting.figures.rows import shortened
from cli.reporting.run.records import StoredRun
from cli.reporting.tables.sections import comparisons
from cli.reporting.tables.table import Table

LISTED = 30
SAYS: dict[Outcome, str] = {
    "better": "better than in",
    "worse": "worse than in",
    "not_distinguishable": "not distinguishable from",
    "too_few": "too few questions to compare with",
    "confounded": "another model than in",
}
QUESTION_LENGTH = 120

Entry = Mapping[str, Any]
Measured = Mapping[str, Mapping[str, Mapping[str, float]]]


def against_run(ours: StoredRun, other: StoredRun) -> Against:
    """The part of the page on another run; differences are this run minus that one."""
    names = _name(ours), _name(other)
    title = f"Against the run {names[1]}"
    now, then = measured(ours.plan, ours.records), measured(other.plan, other.records)
    arms = [arm.name for arm in ours.plan.arms if arm.name in {arm.name for arm in other.plan.arms}]
    shared = texts(ours.records.cases) & texts(other.records.cases)
    if not arms or not shared:
        sentence = f"The two runs share {len(shared)} questions and {len(arms)} techniques: nothing can be compared."
        return Against(title=title, sentences=[sentence])
    compared = _compared(arms, now["quality"], then["quality"], _documents(ours), "/".join(names))
    rows: list[Comparison] = [{**row, "a": arm, "b": names[1]} for arm, row in compared.items()]
    return Against(
        title=title,
        sentences=[
            f"{len(shared)} questions and {len(arms)} techniques are in both runs.",
            *_sentences(compared, names[1]),
        ],
        charts=[differences_of(rows, "against", f"Difference to the run {names[1]}, question by question")],
        tables=[
            comparisons(rows, f"Quality: {names[0]} minus {names[1]}"),
            _changes(arms, now, then, names),
            _moved(arms, now["quality"], then["quality"]),
        ],
        notes=list(_unlike(ours, other)),
    )


def _name(stored: StoredRun) -> str:
    return stored.plan.run


def _compared(arms: list[str], now: Entry, then: Entry, about: Mapping[str, str], seed: str) -> dict[str, Comparison]:
    """Each arm with itself in the other run, corrected for there being several arms."""
    questions = sorted({text for side in (now, then) for arm in arms for text in side.get(arm, {})})
    documents = {index: about[text] for index, text in enumerate(questions) if text in about}
    parts = {
        f"{seed}/{arm}": {
            side: {index: series[text] for index, text in enumerate(questions) if text in series}
            for side, series in (("now", now.get(arm, {})), ("then", then.get(arm, {})))
        }
        for arm in arms
    }
    return {arm: row for arm, (row,) in zip(arms, compare_parts(parts, documents=documents), strict=True)}


def _documents(stored: StoredRun) -> dict[str, str]:
    """The document of each question that is about one, by the question as it was asked."""
    return {as_asked(case): case["document"] for case in stored.records.cases if case.get("document")}


def _sentences(compared: Mapping[str, Comparison], other: str) -> Iterator[str]:
    for arm, row in compared.items():
        if row["difference"] is None:
            yield f"{arm}: no question has a score in both runs."
            continue
        by = f"{numbers.signed(row['difference'])} points, 95 % interval {numbers.interval(row['interval'], sign=True)}"
        yield f"{arm}: {SAYS[row['verdict']]} {other} ({by}, {row['n']} questions)."


def _changes(arms: list[str], now: Measured, then: Measured, names: tuple[str, str]) -> Table:
    rows = []
    for arm in arms:
        for measure in MEASURES[1:]:
            seed = f"{'/'.join(names)}/{arm}/{measure}"
            change = relative_change(now[measure].get(arm, {}), then[measure].get(arm, {}), seed=seed)
            if change:
                ends = " to ".join(map(numbers.change, change.interval)) if change.interval else numbers.UNKNOWN
                rows.append((f"{arm}: {measure}", numbers.change(change.value), ends, str(change.n)))
    return Table("Relative changes", ("Technique and measure", "Change", "95 % interval", "Questions"), tuple(rows))


def _moved(arms: list[str], now: Entry, then: Entry) -> Table:
    changes = [
        (series[text] - before[text], text, arm, before[text], series[text])
        for arm in arms
        if (series := now.get(arm, {})) is not None and (before := then.get(arm, {})) is not None
        for text in sorted(series.keys() & before.keys())
        if series[text] != before[text]
    ]
    changes.sort(key=lambda row: (-abs(row[0]), row[1], row[2]))
    rows = tuple(
        (shortened(text, QUESTION_LENGTH), arm, numbers.plain(old, 1), numbers.plain(new, 1), numbers.signed(moved, 1))
        for moved, text, arm, old, new in changes[:LISTED]
    )
    caption = f"Questions that moved most ({min(LISTED, len(changes))} of {len(changes):,} scores that changed)"
    return Table(caption, ("Question", "Technique", "Then", "Now", "Difference"), rows, "No score changed.")


def _set_up(plan: Plan, arm: Arm) -> dict[str, Any]:
    """An arm with what its plan had for it, as far as it is known: its name may stand for another model or store."""
    own = {"model": plan.base_of(arm), "prompting": arm.prompting or plan.prompting}
    own |= {"tuned model": (plan.tuned_of(arm) or {}).get("run"), "knowledge base": plan.store_of(arm)}
    set_up = {name: value for name, value in arm.dump().items() if name not in ("model", "prompting", "knowledge_base")}
    return {**set_up, **{name: value for name, value in own.items() if value is not None}}


def _unlike(ours: StoredRun, other: StoredRun) -> Iterator[str]:
    """Everything else that changed between the runs, so that a difference may come from it."""
    if ours.plan.judges != other.plan.judges:
        yield "The two runs had other judges: compare their scores with care, or not at all."
    if ours.plan.local != other.plan.local:
        yield "Stand-ins answered and judged one of the two runs: nothing of it holds of the models of the other."
    theirs = {arm.name: arm for arm in other.plan.arms}
    for arm in ours.plan.arms:
        if before := theirs.get(arm.name):
            then, now = _set_up(other.plan, before), _set_up(ours.plan, arm)
            if changed := sorted(name for name in now.keys() & then.keys() if now[name] != then[name]):
                yield f"{arm.name} was set up otherwise: {', '.join(changed)}."
    only = texts(ours.records.cases) ^ texts(other.records.cases)
    if only:
        yield f"{len(only):,} questions are in one of the two runs only, and not counted here."
