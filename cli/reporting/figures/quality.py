"""The charts on quality: per arm, against base, and in the bands of the scale."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, Chart, arm_colour, figure, inline
from cli.reporting.figures.rows import Row, dots, height, row_axes, stacks, zero

BANDS = {
    "0-3": "0-3 wrong or misleading",
    "4-6": "4-6 partly right",
    "7-8": "7-8 mostly right",
    "9-10": "9-10 complete",
}
SCALE = (0.0, 10.0)
NO_QUALITY = "No answer has a score of every judge, so nothing is said about quality."

Entry = Mapping[str, Any]


def judged(summary: Entry) -> list[tuple[int, Entry]]:
    """The arms that have a quality, with their places."""
    return [(place, arm) for place, arm in enumerate(summary.get("arms", ())) if arm.get("quality")]


def absent(name: str, title: str, reason: str) -> Chart:
    """A chart that cannot be drawn, and why."""
    return Chart(name=name, title=title, takeaway=reason, alt="", svg="")


def base_arm(summary: Entry) -> str | None:
    """The arm that others are compared with: base, or the first."""
    arms = summary.get("arms") or ()
    return next((arm["name"] for arm in arms if arm.get("mode") == "base"), arms[0]["name"] if arms else None)


def quality(summary: Entry) -> Chart:
    title = "Quality by arm"
    if not (arms := judged(summary)):
        return absent("quality", title, NO_QUALITY)
    rows, values, words = [], [], []
    for place, arm in arms:
        found = arm["quality"]
        said = f"{numbers.plain(found['mean'])}  ({numbers.interval(found.get('interval'))})"
        rows.append(Row(arm["name"], said, arm_colour(place)))
        values.append((found["mean"], found.get("interval")))
        words.append(f"{arm['name']} {said} from {found['n']} cases")
    best = max((arm for _, arm in arms), key=lambda arm: arm["quality"]["mean"])
    with figure(height(rows)) as drawn:
        dots(row_axes(drawn, rows, SCALE), rows, values)
        svg = inline(drawn, "quality")
    return Chart(
        name="quality",
        title=title,
        takeaway=f"{best['name']} has the highest mean, {numbers.plain(best['quality']['mean'])} of 10. "
        "Bars are 95 % intervals.",
        alt="Mean score of 10 with 95 % interval: " + "; ".join(words) + ".",
        svg=svg,
    )


def against_base(summary: Entry) -> list[Entry]:
    """The comparisons with the base arm, each as the other arm minus base."""
    base = base_arm(summary)
    return [oriented(row, base) for row in summary.get("comparisons") or () if base in (row["a"], row["b"])]


def oriented(row: Entry, base: str | None) -> Entry:
    """A comparison as the other arm minus base."""
    if row["a"] != base:
        return row
    turned = {"better": "worse", "worse": "better"}
    difference, interval = row.get("difference"), row.get("interval")
    return {
        **row,
        "a": row["b"],
        "b": row["a"],
        "difference": None if difference is None else -difference,
        "interval": None if interval is None else [-interval[1], -interval[0]],
        "wins": row.get("losses"),
        "losses": row.get("wins"),
        "verdict": turned.get(row.get("verdict", ""), row.get("verdict")),
    }


def differences(summary: Entry) -> Chart:
    base = base_arm(summary)
    return differences_of(against_base(summary), "differences", f"Difference to {base}, case by case")


def differences_of(compared: Sequence[Entry], name: str, title: str) -> Chart:
    """A picture of comparisons with one and the same other side."""
    found = [row for row in compared if row.get("difference") is not None]
    if not found:
        return absent(name, title, "There is nothing with a score on cases in common, so nothing to compare.")
    rows = [Row(row["a"], _difference(row), _colour(row)) for row in found]
    values = [(row["difference"], row.get("interval")) for row in found]
    ends = [abs(end) for value, interval in values for end in (value, *(interval or ()))]
    reach = max(1.0, *ends) * 1.08
    with figure(height(rows)) as drawn:
        made = row_axes(drawn, rows, (-reach, reach))
        zero(made, rows)
        dots(made, rows, values)
        svg = inline(drawn, name)
    other = found[0]["b"]
    apart = [row["a"] for row in found if row.get("verdict") in ("better", "worse")]
    said = f"{_listed(apart)} can be told from {other}." if apart else f"Nothing can be told from {other}."
    return Chart(
        name=name,
        title=title,
        takeaway=f"{said} Bars are 95 % intervals; the colour allows for there being several comparisons.",
        alt=f"Mean paired difference to {other} with 95 % interval: "
        + "; ".join(f"{row.label} {row.value}" for row in rows)
        + ".",
        svg=svg,
        legend=(("good", "better"), ("bad", "worse"), ("soft", "not distinguishable")),
    )


def _difference(row: Entry) -> str:
    return f"{numbers.signed(row['difference'])}  ({numbers.interval(row.get('interval'), sign=True)})"


def _colour(row: Entry) -> str:
    return COLOURS[{"better": "good", "worse": "bad"}.get(row.get("verdict", ""), "soft")]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def bands(summary: Entry) -> Chart:
    title = "How good the answers are"
    if not (arms := judged(summary)):
        return absent("bands", title, NO_QUALITY)
    shares = [[float((arm["quality"].get("bands") or {}).get(band) or 0) for band in BANDS] for _, arm in arms]
    rows = [
        Row(arm["name"], f"{share[2] + share[3]:.0%} at least mostly right", COLOURS["ink"])
        for (_, arm), share in zip(arms, shares, strict=True)
    ]
    with figure(height(rows, foot=0)) as drawn:
        made = row_axes(drawn, rows, (0, 1), ticks=False)
        stacks(made, shares, [COLOURS[f"band-{place}"] for place in range(len(BANDS))], written=True)
        svg = inline(drawn, "bands")
    words = [
        f"{row.label}: "
        + ", ".join(f"{part:.0%} {meaning}" for part, meaning in zip(share, BANDS.values(), strict=True))
        for row, share in zip(rows, shares, strict=True)
    ]
    return Chart(
        name="bands",
        title=title,
        takeaway="Share of the cases in each band of the scale.",
        alt="; ".join(words) + ".",
        svg=svg,
        legend=tuple((f"band-{place}", meaning) for place, meaning in enumerate(BANDS.values())),
    )


def wins(summary: Entry) -> Chart:
    base = base_arm(summary)
    title = f"Cases won against {base}"
    if not (found := against_base(summary)):
        return absent("wins", title, "There is no second arm with cases in common.")
    counts = [[float(row.get(name) or 0) for name in ("wins", "ties", "losses")] for row in found]
    rows = [
        Row(row["a"], f"{won:.0f} won, {tied:.0f} tied, {lost:.0f} lost", COLOURS["ink"])
        for row, (won, tied, lost) in zip(found, counts, strict=True)
    ]
    shares = [[count / (sum(line) or 1) for count in line] for line in counts]
    with figure(height(rows, foot=0)) as drawn:
        made = row_axes(drawn, rows, (0, 1), ticks=False)
        stacks(made, shares, [COLOURS["good"], COLOURS["soft"], COLOURS["bad"]], written=True)
        svg = inline(drawn, "wins")
    return Chart(
        name="wins",
        title=title,
        takeaway="A mean can hide that an arm loses often and wins high.",
        alt=f"Against {base}: " + "; ".join(f"{row.label} {row.value}" for row in rows) + ".",
        svg=svg,
        legend=(("good", "better score"), ("soft", "same score"), ("bad", "worse score")),
    )
