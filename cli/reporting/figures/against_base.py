"""The charts of each technique against base: differences question by question, and questions won."""

from collections.abc import Sequence

from arbiter.evaluation.numbers.comparison import UNTOLD, Comparison, Outcome
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import listed
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, Chart, figure, inline
from cli.reporting.figures.quality import absent
from cli.reporting.figures.rows import Row, dots, height, row_axes, stacks, zero

OWN_BASE = "base on the same model"
TURNED: dict[Outcome, Outcome] = {"better": "worse", "worse": "better"}


def base_arm(summary: Summary) -> str | None:
    """The arm that others are compared with: base, or the first."""
    arms = summary["arms"]
    return next((arm["name"] for arm in arms if arm["mode"] == "base"), arms[0]["name"] if arms else None)


def against_base(summary: Summary) -> list[Comparison]:
    """The comparisons with the base arm on the same model, each as the other arm minus base."""
    base, arms = base_arm(summary), {arm["name"]: arm for arm in summary["arms"]}
    bases = {arm["base_model"]: arm["name"] for arm in reversed(summary["arms"]) if arm["mode"] == "base"}
    bases |= {arms[base]["base_model"]: base} if base else {}
    own = {name: bases.get(arm["base_model"], base) for name, arm in arms.items()}
    rows = (row for row in summary["comparisons"] if row["verdict"] != "confounded")
    return [
        oriented(row, base)
        for row in rows
        for base, name in ((row["a"], row["b"]), (row["b"], row["a"]))
        if own.get(name) == base and own.get(base) == base
    ]


def base_called(summary: Summary) -> str:
    """The arm that others are compared with, or what the arms of several models are compared with."""
    rows = against_base(summary)
    return OWN_BASE if len({row["b"] for row in rows}) > 1 else str(base_arm(summary))


def oriented(row: Comparison, base: str | None) -> Comparison:
    """A comparison as the other arm minus base."""
    if row["a"] != base:
        return row
    difference, interval = row["difference"], row["interval"]
    return {
        **row,
        "a": row["b"],
        "b": row["a"],
        "difference": None if difference is None else -difference,
        "interval": None if interval is None else (-interval[1], -interval[0]),
        "wins": row["losses"],
        "losses": row["wins"],
        "verdict": TURNED.get(row["verdict"], row["verdict"]),
    }


def differences(summary: Summary) -> Chart:
    title = f"Difference to {base_called(summary)}, question by question"
    return differences_of(against_base(summary), "differences", title)


def differences_of(compared: Sequence[Comparison], name: str, title: str) -> Chart:
    """A picture of comparisons with one and the same other side."""
    differing = [(row, difference) for row in compared if (difference := row["difference"]) is not None]
    if not differing:
        return absent(name, title, "There is nothing with a score on questions in common, so nothing to compare.")
    rows = [Row(row["a"], _difference(row), _colour(row)) for row, _ in differing]
    values = [(difference, row["interval"]) for row, difference in differing]
    ends = [abs(end) for value, interval in values for end in (value, *(interval or ()))]
    reach = max(1.0, *ends) * 1.08
    with figure(height(rows)) as drawn:
        made = row_axes(drawn, rows, (-reach, reach))
        zero(made, rows)
        dots(made, rows, values)
        svg = inline(drawn, name)
    others = {row["b"] for row, _ in differing}
    other = others.pop() if len(others) == 1 else OWN_BASE
    apart = [row["a"] for row, _ in differing if row["verdict"] not in UNTOLD]
    few = all(row["verdict"] == "too_few" for row, _ in differing)
    result = "Too few questions to tell anything apart." if few else f"Nothing can be told from {other}."
    result = f"{listed(apart)} can be told from {other}." if apart else result
    return Chart(
        name=name,
        title=title,
        takeaway=f"{result} Bars are 95 % intervals; the colour allows for there being several comparisons.",
        alt=f"Mean paired difference to {other} with 95 % interval: "
        + "; ".join(f"{row.label} {row.value}" for row in rows)
        + ".",
        svg=svg,
        legend=(("good", "better"), ("bad", "worse"), ("soft", "not distinguishable")),
    )


def _difference(row: Comparison) -> str:
    return f"{numbers.signed(row['difference'])}  ({numbers.interval(row['interval'], sign=True)})"


def _colour(row: Comparison) -> str:
    return COLOURS[{"better": "good", "worse": "bad"}.get(row["verdict"], "soft")]


def wins(summary: Summary) -> Chart:
    base = base_called(summary)
    title = f"Questions won against {base}"
    if not (rows_compared := [row for row in against_base(summary) if row["n"]]):
        return absent("wins", title, "There is no second technique with questions in common.")
    counts = [(row["wins"], row["ties"], row["losses"]) for row in rows_compared]
    rows = [
        Row(row["a"], f"{won} won, {tied} tied, {lost} lost", COLOURS["ink"])
        for row, (won, tied, lost) in zip(rows_compared, counts, strict=True)
    ]
    shares = [[count / (sum(line) or 1) for count in line] for line in counts]
    with figure(height(rows, foot=0)) as drawn:
        made = row_axes(drawn, rows, (0, 1), ticks=False)
        stacks(made, shares, [COLOURS["good"], COLOURS["soft"], COLOURS["bad"]], written=True)
        svg = inline(drawn, "wins")
    return Chart(
        name="wins",
        title=title,
        takeaway="A mean can hide that a technique loses often and wins high.",
        alt=f"Against {base}: " + "; ".join(f"{row.label} {row.value}" for row in rows) + ".",
        svg=svg,
        legend=(("good", "better score"), ("soft", "same score"), ("bad", "worse score")),
    )
