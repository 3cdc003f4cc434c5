"""The charts on the judges: how far they agree, and how severe each is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.judges import FEWEST_ANSWERS, JudgePair, called
from arbiter.evaluation.verdicts.document import AnswerVerdicts
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, SMALL, TEXT, Chart, arm_colour, axes, figure, inline
from cli.reporting.figures.quality import SCALE, absent
from cli.reporting.figures.rows import Row, dots, height, row_axes, shortened

MAX_PAIRS = 3
LEVELS = 11

Scores = Mapping[str, Mapping[tuple[str, str], float]]
"""Each judge's scores, by case and arm."""


def scores_by_judge(verdicts: Sequence[AnswerVerdicts]) -> dict[str, dict[tuple[str, str], float]]:
    """Each judge's score of each answer: its mean over repeats."""
    by_answer: dict[str, dict[tuple[str, str], list[float]]] = {}
    for record in verdicts:
        for verdict in record["verdicts"]:
            if "score" in verdict and "failure" not in verdict:
                of_judge = by_answer.setdefault(verdict["judge"], {})
                of_judge.setdefault((record["case_id"], record["arm"]), []).append(float(verdict["score"]))
    return {judge: {answer: fmean(scores) for answer, scores in given.items()} for judge, given in by_answer.items()}


def agreement(summary: Summary, scores: Scores) -> list[Chart]:
    """One picture for each of the first pairs of judges: which scores they gave the same answers."""
    pairs = summary["judges_agreement"]["pairs"]
    if not pairs:
        reason = "A second judge is needed to say whether judges agree."
        return [absent("agreement", "Do the judges agree?", reason)]
    names = called(summary["judges"], local=summary["local"])
    return [_pair(f"agreement-{index}", row, scores, names) for index, row in enumerate(pairs[:MAX_PAIRS])]


def _pair(name: str, row: JudgePair, scores: Scores, names: Mapping[str, str]) -> Chart:
    a, b = names[row["a"]], names[row["b"]]
    title = f"Do {a} and {b} agree?"
    first, second = scores.get(row["a"], {}), scores.get(row["b"], {})
    seen = Counter((int(first[key] + 0.5), int(second[key] + 0.5)) for key in first.keys() & second.keys())
    if not seen:
        return absent(name, title, "No answer has a score of both judges.")
    if row["n"] < FEWEST_ANSWERS:
        few = f"{row['n']} answers have a score of both: whether they agree can be said from {FEWEST_ANSWERS} on."
        return absent(name, title, few)
    near = sum(count for (a, b), count in seen.items() if abs(a - b) <= 1) / seen.total()
    sentence = f"{near:.0%} of the answers get scores at most one point apart"
    with figure(290) as drawn:
        _grid(drawn, seen, a, b)
        svg = inline(drawn, name)
    return Chart(
        name=name,
        title=title,
        takeaway=f"{sentence}. Rank correlation {numbers.plain(row['spearman'])} (Spearman), "
        f"{numbers.plain(row['kendall'])} (Kendall); weighted kappa {numbers.plain(row['weighted_kappa'])}.",
        alt=f"How often each pair of scores was given by {a} and {b}: {sentence}.",
        svg=svg,
    )


def _grid(drawn: Any, seen: Counter[tuple[int, int]], across: str, up: str) -> None:
    from matplotlib.patches import Rectangle

    made = axes(drawn, left=44, right=44, top=4, bottom=34)
    made.set_xlim(-0.5, LEVELS - 0.5)
    made.set_ylim(-0.5, LEVELS - 0.5)
    made.set_xticks(range(0, LEVELS, 2))
    made.set_yticks(range(0, LEVELS, 2))
    made.spines["bottom"].set_visible(False)
    made.set_xlabel(shortened(across), fontsize=TEXT, color=COLOURS["soft"])
    made.set_ylabel(shortened(up), fontsize=TEXT, color=COLOURS["soft"])
    made.plot([-0.5, LEVELS - 0.5], [-0.5, LEVELS - 0.5], color=COLOURS["soft"], linewidth=1, linestyle=":")
    most = max(seen.values())
    for (a, b), count in sorted(seen.items()):
        shade = 0.15 + 0.6 * count / most
        made.add_patch(Rectangle((a - 0.47, b - 0.47), 0.94, 0.94, facecolor=COLOURS["heat"], alpha=shade))
        made.text(a, b, str(count), ha="center", va="center_baseline", fontsize=SMALL)


def severity(summary: Summary) -> Chart:
    title = "How severe each judge is"
    severities = summary["judges_agreement"]["severity"]
    if not severities:
        return absent("severity", title, "No answer has a score of every judge.")
    names = called(summary["judges"], local=summary["local"])
    rows = [
        Row(
            names[row["judge"]],
            f"{numbers.plain(row['mean'])}  ({numbers.signed(row['offset'])})",
            arm_colour(4),
        )
        for row in severities
    ]
    with figure(height(rows)) as drawn:
        dots(row_axes(drawn, rows, SCALE), rows, [(row["mean"], None) for row in severities])
        svg = inline(drawn, "severity")
    return Chart(
        name="severity",
        title=title,
        takeaway="Mean score of each judge, and its distance from the mean of all. "
        "A severe judge is no problem as long as it ranks the answers as the others do.",
        alt="Mean score by judge: " + "; ".join(f"{row.label} {row.value}" for row in rows) + ".",
        svg=svg,
    )
