"""The costs of a record as sentences and tables."""

from collections.abc import Iterator

from arbiter.evaluation.summary.arms import ArmSummary
from cli.advice.evidence.effects import PARTS
from cli.advice.money.bills import NAMES, Volumes
from cli.advice.money.break_even import BreakEven
from cli.advice.page.amounts import money, requests
from cli.advice.record.record import VOLUMES, Record
from cli.prices.view import in_words
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table

LEAST, SAME = "≥ ", 0.05
CORE = frozenset(PARTS)
"""The techniques that Arbiter answers in: those that can be measured against each other."""


def by_technique(record: Record) -> Table:
    """The bill of every technique, in its parts and at several volumes."""
    decision = record.decision
    volumes = sorted({*VOLUMES, int(decision.volumes.requests)})
    use = decision.volumes.use
    headings = (
        "Technique",
        "A month, whatever the requests",
        "1,000 requests",
        *(f"{one:,} a month" for one in volumes),
    )
    rows = tuple(
        (
            f"{NAMES[name]}{' (recommended)' if name == decision.technique else ''}",
            *(
                money(amount, least=LEAST)
                for amount in (
                    cost.fixed(use),
                    cost.request.times(1_000),
                    *(cost.fixed(use) + cost.request.times(one) for one in volumes),
                )
            ),
        )
        for name, cost in decision.shown.items()
    )
    note = f"{LEAST.strip()}: a price is known as a lower bound alone. {unknown(record)}".strip()
    return Table("Cost a month by technique and requests", headings, rows, note=note)


def parts(record: Record) -> Table:
    """The bill of the recommendation, part by part."""
    decision, cost, use = record.decision, record.decision.costs[record.decision.technique], record.decision.volumes.use
    lines = (
        ("Arbiter itself, and what it stores", "a month", cost.idle_month),
        ("Documents brought in anew", f"{use.syncs:.2g} times a month, at the most", cost.sync.times(use.syncs)),
        (
            "Training",
            f"{money(cost.training)}, used for {decision.volumes.life_months:g} months",
            cost.training.times(use.trainings),
        ),
        ("Tuned model kept", "a month", cost.storage_month),
        ("Hosting by the hour", f"{use.hosted_hours:g} hours", cost.hosting_hour.times(use.hosted_hours)),
        (
            "Requests",
            f"{use.requests:,.0f} at {money(cost.request.times(1_000))} for 1,000",
            cost.request.times(use.requests),
        ),
        ("Together", "", decision.month),
    )
    rows = tuple((name, how, money(amount, least=LEAST)) for name, how, amount in lines if amount.usd or amount.unknown)
    return Table(
        f"The month of the recommendation: {NAMES[decision.technique]}", ("Part", "How it is reckoned", "A month"), rows
    )


def unknown(record: Record) -> str:
    """The prices that are unknown, and how to look them up; empty where all are known."""
    if not record.untold:
        return ""
    named = "; ".join(map(in_words, record.untold))
    return (
        f"Not known, and never guessed: {named}. `arbiter cost --refresh` looks prices up. No break-even volume is "
        "told where one of them is part of a bill."
    )


def crossings(record: Record) -> list[str]:
    """The break-even volumes of what Arbiter answers in as sentences, each with the measured difference in quality."""
    arms = record.decision.evidence.arms if record.decision.evidence else {}
    sentences = []
    for one in record.break_evens:
        if not {one.above, one.below} <= CORE:
            continue
        quality = _quality(arms.get(one.above), arms.get(one.below))
        bound = " (about: a price is a lower bound)" if one.lower_bound else ""
        sentences.append(
            f"Above {requests(one.requests)} requests a month{bound}, {NAMES[one.above]} costs less than "
            f"{NAMES[one.below]}{quality}."
        )
    return sentences


def _quality(above: ArmSummary | None, below: ArmSummary | None) -> str:
    if not above or not below or not above["quality"] or not below["quality"]:
        return ""
    by = above["quality"]["mean"] - below["quality"]["mean"]
    if abs(by) < SAME:
        return ", and scored the same in the run"
    return f", and scored {abs(by):.1f} points {'better' if by > 0 else 'worse'} in the run"


def break_even_table(record: Record) -> Table:
    rows = tuple(
        (
            NAMES[one.above],
            NAMES[one.below],
            f"{'about ' if one.lower_bound else ''}{requests(one.requests)}",
            _where(one, record.decision.volumes),
        )
        for one in record.break_evens
    )
    headings = ("Cheaper above", "Cheaper below", "Requests a month", "At your volume")
    otherwise = "No two techniques change places at any volume, as far as prices are known: the cheaper one stays so."
    return Table("Break-even volumes", headings, rows, otherwise)


def _where(one: BreakEven, volumes: Volumes) -> str:
    return f"{NAMES[one.above if volumes.requests > one.requests else one.below]} is cheaper"


def sensitivity(record: Record) -> Table:
    rows = tuple((one.words, n.dollars(one.halved), n.dollars(one.doubled)) for one in record.swings)
    headings = ("Input", "Cost a month at half of it", "At double")
    return Table("The inputs that the cost hangs on most", headings, rows, "The cost hangs on none of them.")


def assumptions(record: Record) -> Iterator[str]:
    """Everything that was assumed where nobody said or measured it."""
    volumes, scenario = record.decision.volumes, record.decision.scenario
    if not volumes.measured:
        yield (
            f"A request has {volumes.input_tokens:,.0f} tokens and an answer {volumes.output_tokens:,.0f}, tuned or "
            f"not; retrieval adds {volumes.passage_tokens:,.0f} tokens of passages. A run would measure them."
        )
    else:
        yield f"Tokens of {', '.join(NAMES[name] for name in volumes.measured)} are those of the run."
    life, epochs = f"{volumes.life_months:g}", f"{volumes.epochs:g}"
    yield (
        f"A tuned model is used for {life} months, then trained anew on {volumes.examples:,.0f} examples"
        f"{'' if scenario.examples else ' (there are none yet)'} in {epochs} epochs; it is hosted on demand, unless "
        "the line says otherwise."
    )
    yield f"All documents are embedded anew {volumes.syncs:.2g} times a month, at the most."
    yield f"Orchestration makes {volumes.calls:g} calls to a model for one request."
    yield (
        "Counted in every line: Arbiter itself (alarms, dashboard, queue, and the metrics of one mode that is asked "
        "every hour), at list prices, without AWS's free allowances; the router's run time and log with each request."
    )
