"""The tables of a record that are not about money: rule beside measurement, and the answers."""

from cli.advice.evidence.effects import Finding
from cli.advice.record.record import Record
from cli.advice.rules.options import NAMES
from cli.advice.scenario.fields import FIELDS, Field
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table


def measured(record: Record) -> Table:
    """The advice of the rules and the measurement of a run, side by side."""
    decision, evidence = record.decision, record.decision.evidence
    rows = tuple(
        (
            NAMES[one.option],
            _by_rule(record, one.option),
            f"{one.with_it} against {one.without_it}: {n.signed(one.difference)} points",
            n.interval(one.interval, sign=True),
            _says(one),
            f"{one.n:,}",
            _decided(record, one.option),
        )
        for one in (evidence.findings if evidence else ())
    )
    headings = ("Layer", "By rule", "Measured", "95 % interval", "It says", "Questions", "Decided")
    disagree = [
        NAMES[name].lower()
        for name, one in decision.advice.approaches.items()
        if one.status != decision.by_rule.approaches[name].status
    ]
    note = f"Rule and measurement disagree about {' and '.join(disagree)}: the measurement decides." if disagree else ""
    return Table("Rule and measurement", headings, rows, "No two techniques were measured on one model.", note)


def _by_rule(record: Record, option: str) -> str:
    by_rule = record.decision.by_rule
    return (by_rule.approaches.get(option) or by_rule.methods[option]).status.words


def _decided(record: Record, option: str) -> str:
    advice = record.decision.advice
    return (advice.approaches.get(option) or advice.methods[option]).status.words


def _says(finding: Finding) -> str:
    if finding.outcome == "cannot_tell":
        return f"cannot tell; about {finding.needed:,} questions would" if finding.needed else "cannot tell"
    return {"adds": "better", "harms": "worse", "too_little": "adds too little"}[finding.outcome]


def qualities(record: Record) -> Table:
    """The techniques of the run in numbers."""
    evidence = record.decision.evidence
    rows = []
    for technique, arm in (evidence.arms if evidence else {}).items():
        quality, total = arm["quality"], arm["latency_ms"]["total"]
        rows.append(
            (
                technique,
                n.plain(quality["mean"]) if quality else n.UNKNOWN,
                n.interval(quality["interval"]) if quality else n.UNKNOWN,
                n.milliseconds(total["median"] if total else None),
                n.plain(arm["tokens"]["mean_input"], 0),
                n.plain(arm["tokens"]["mean_output"], 0),
                n.dollars(arm["cost"]["per_1000_usd"]),
            )
        )
    headings = (
        "Technique",
        "Quality of 10",
        "95 % interval",
        "Median wait",
        "Tokens in",
        "Tokens out",
        "1,000 answers",
    )
    return Table("The techniques as measured", headings, tuple(rows), "No technique has a score.")


def by_tag(record: Record) -> Table:
    """The scores of each technique by kind of question, where the run has tags."""
    stored, evidence = record.stored, record.decision.evidence
    if stored is None or evidence is None:
        return Table("By kind of question", ("Kind",), ())
    names = {technique: arm["name"] for technique, arm in evidence.arms.items()}
    rows = tuple(
        (tag["tag"], f"{tag['cases']:,}", *(n.plain(tag["arms"].get(name, _NONE)["mean"]) for name in names.values()))
        for tag in stored.summary["tags"]
    )
    return Table("By kind of question (mean of 10)", ("Kind", "Questions", *names), rows, "No question has a tag.")


_NONE: dict[str, None] = {"mean": None}


def answers(record: Record) -> Table:
    """Every answer, and where it is from."""
    scenario = record.decision.scenario
    rows = tuple(
        (field.question, answer(field, scenario.answers()[field.name]), _origin(record, field)) for field in FIELDS
    )
    return Table("What it rests on", ("Question", "Answer", "From"), rows)


def answer(field: Field, value: object) -> str:
    """The answer to a question in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(field.allowed[one] for one in value) or "none"
    if field.kind == "number":
        return "no limit" if "limit" in field.name and not value else f"{value:,}"
    return field.allowed.get(str(value), str(value))


def _origin(record: Record, field: Field) -> str:
    scenario = record.decision.scenario
    if field.name in scenario.measured:
        return f"measured: {scenario.measured[field.name]}"
    return "you" if field.name in scenario.given else "assumed: not answered"
