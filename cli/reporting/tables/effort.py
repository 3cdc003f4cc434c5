"""The tables on the answers: how many there are, and the time, tokens and money that they took."""

from collections.abc import Iterator, Sequence

from arbiter.evaluation.numbers.records import known_sum
from arbiter.evaluation.summary.arms import ArmSummary, Citations, Spread
from arbiter.evaluation.summary.document import RunCost
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table


def answers(arms: Sequence[ArmSummary]) -> Table:
    headings = (
        "Technique",
        "Mode",
        "Model",
        "Prompting",
        "Questions",
        "Answered",
        "Do not know",
        "Failed",
        "Missing",
        "Without a score",
    )
    counted = ("Degraded", "Throttles", "Right source cited", "Leaked", "In a job")
    rows = (
        (
            arm["name"],
            arm["mode"],
            answered_with(arm),
            arm["prompting"] or "as configured",
            n.integer(arm["cases"]),
            n.integer(arm["answered"]),
            n.integer(arm["abstained"]),
            n.counts(arm["failed"], arm["reasons"]),
            n.integer(arm["missing"]),
            n.integer(arm["unjudged"]),
            n.integer(arm["degraded"]),
            n.integer(arm["throttles"]),
            _cited(arm["citations"]),
            n.integer(arm["leaked"]),
            n.integer(arm["in_batch"]),
        )
        for arm in arms
    )
    return Table("Answers", (*headings, *counted), tuple(rows), "The run has no technique.")


def answered_with(arm: ArmSummary) -> str:
    """The model behind the answers of a technique."""
    own = arm["base_model"] or arm["model"]
    if arm["tuned_run"]:
        return f"run {arm['tuned_run']}, tuned from {own or 'a model that is not known'}"
    return own or "not recorded"


def _cited(citations: Citations) -> str:
    if not citations["citable"]:
        return n.UNKNOWN
    return f"{citations['cited']:,} of {citations['citable']:,} ({n.percent(citations['share'])})"


def latency(arms: Sequence[ArmSummary]) -> Table:
    rows = []
    for arm in arms:
        spent = arm["latency_ms"]
        steps = {
            "retrieve": spent["retrieve"],
            "generate": spent["generate"],
            "total": spent["total"],
            "per output token": spent["per_output_token"],
        }
        # A batch job's answers have no total: the row says so.
        shown = {step: spread for step, spread in steps.items() if spread or (step == "total" and arm["in_batch"])}
        rows += [(f"{arm['name']}: {step}", *_cells(spread)) for step, spread in shown.items()]
    headings = ("Technique and step", "Mean", "Median", "95th percentile")
    return Table("Time", headings, tuple(rows), "No technique has an answer.", note=n.in_batch(arms))


def _cells(spread: Spread | None) -> tuple[str, ...]:
    values = (spread["mean"], spread["median"], spread["p95"]) if spread else (None,) * 3
    return tuple(map(n.milliseconds, values))


def effort(arms: Sequence[ArmSummary]) -> Table:
    headings = ("Technique", "Input tokens", "Output tokens", "Input an answer", "Output an answer")
    rows = tuple(
        (
            arm["name"],
            n.integer(arm["tokens"]["input"]),
            n.integer(arm["tokens"]["output"]),
            n.plain(arm["tokens"]["mean_input"], 1),
            n.plain(arm["tokens"]["mean_output"], 1),
            n.dollars(arm["cost"]["total_usd"]),
            n.dollars(arm["cost"]["per_answer_usd"]),
            n.dollars(arm["cost"]["per_1000_usd"]),
            n.UNKNOWN if arm["unsettled"] is None else n.dollars(arm["failed_usd"]),
            n.integer(arm["unsettled"]),
        )
        for arm in arms
    )
    costs = ("Cost", "An answer", "1,000 answers", "Of the cost, for what failed", "Calls with untold tokens")
    return Table("Tokens and cost", (*headings, *costs), rows)


def money(cost: RunCost, arms: Sequence[ArmSummary]) -> Table:
    """The cost of a run, with what of it led to no answer."""
    rows = (
        ("Answers", n.dollars(cost["answers_usd"])),
        ("Judging", n.dollars(cost["judging_usd"])),
        ("Total", n.dollars(cost["total_usd"])),
        ("Estimated before", n.dollars(cost["estimate_usd"])),
    )
    return Table("Cost of this run", ("Of", "US dollars"), rows, note=" ".join(_in_vain(arms)))


def _in_vain(arms: Sequence[ArmSummary]) -> Iterator[str]:
    """The cost of attempts that failed, as far as it is known."""
    paid = known_sum(arm["failed_usd"] for arm in arms)
    if paid != 0:
        part = "An unknown part" if paid is None else n.dollars(paid)
        yield f"{part} of it went into attempts that failed, and is in no answer's cost."
    if calls := sum(arm["unsettled"] or 0 for arm in arms):
        yield f"Without {calls:,} calls of models that failed and told no tokens: AWS may have billed them."
    unrecorded = (sum(arm["failed"].values()) for arm in arms if arm["unsettled"] is None)
    if failed := sum(unrecorded):
        yield f"Without the {failed:,} answers that failed, for which AWS may have billed tokens."
