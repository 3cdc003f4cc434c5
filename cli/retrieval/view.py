"""Ways to retrieve beside each other, as people see them."""

from collections.abc import Sequence
from math import floor

from rich.console import Console
from rich.table import Column
from rich.text import Text

from cli.core.terminal import Folded, counted
from cli.retrieval.outcome import ArmOutcome, fewest_to_tell
from cli.retrieval.tuning import Tuning

WIDTH = 16
SHOWN = 20
"""Arms of the table: the best, and the current one."""


def show_tuning(console: Console, tuning: Tuning) -> None:
    """Show the arms with their intervals, and the setting to change."""
    shown = _shown(tuning)
    least = floor(10 * min(one.interval[0] for one in shown)) / 10
    table = Folded(
        "Chunking", "Search", Column("k", justify="right"), Column("Found", justify="right"),
        Column(f"95 %, from {least:.0%}", no_wrap=True), Column("Tokens", justify="right"),
        Column("p", justify="right"), box=None, pad_edge=False,
    )  # fmt: skip
    for one in shown:
        style = "bold" if one.arm == tuning.current else ""
        search = one.arm.search + (" +rerank" if one.arm.rerank else "")
        cells = (
            one.arm.chunking,
            search,
            str(one.arm.results),
            f"{one.share:.0%}",
            bar(one, least),
            f"{one.tokens:,.0f}",
            "now" if one.arm == tuning.current else _p(one),
        )
        table.add_row(*cells, style=style)
    console.print(table)
    hidden = len(tuning.outcomes) - len(shown)
    if hidden:
        console.print(f"… and {counted(hidden, 'arm')} more: --json has them all.", style="dim")
    console.print(Text(_legend(tuning), style="dim"))
    for line in _advice(tuning):
        console.print(line)
    for problem in tuning.unread:
        console.print(Text(f"Not read: {problem}", style="yellow"))


def bar(one: ArmOutcome, least: float) -> str:
    """The interval of a share on a line from the least that is shown to 1, with the share in it."""
    low, at, high = (
        round((share - least) / (1 - least) * (WIDTH - 1)) for share in (one.interval[0], one.share, one.interval[1])
    )
    return "".join("●" if column == at else "─" if low <= column <= high else "·" for column in range(WIDTH))


def _shown(tuning: Tuning) -> Sequence[ArmOutcome]:
    best = sorted(tuning.outcomes, key=lambda one: (-one.found, one.tokens))[:SHOWN]
    current = [one for one in tuning.outcomes if one.arm == tuning.current and one not in best]
    return [*best, *current]


def _legend(tuning: Tuning) -> str:
    asked = tuning.outcomes[0].asked
    stand_in = " Reranking is a stand-in that orders by words." if any(o.arm.rerank for o in tuning.outcomes) else ""
    return (
        f"{counted(asked, 'question')}, {counted(tuning.documents, 'document')}; embedded by {tuning.model}, not by a "
        f"model of Bedrock.{stand_in} Found: the right document is among the first k passages. p: of the difference to "
        "the current settings (now), adjusted for all arms."
    )


def _advice(tuning: Tuning) -> list[Text]:
    better, cheaper = tuning.advice.better, tuning.advice.cheaper
    lines = []
    if better:
        lines.append(Text(f"Change to {better.arm.name}: {_settings(better)}", style="green"))
    else:
        lines.append(Text(_unchanged(tuning), style="green"))
    if cheaper and cheaper is not better:
        many = (
            "as many of these questions as" if cheaper.found == _own(tuning).found else "more of these questions than"
        )
        with_tokens = f"with {cheaper.tokens:,.0f} tokens a question: {_settings(cheaper)}"
        lines.append(Text(f"{cheaper.arm.name} finds {many} the current settings {with_tokens}"))
    return lines


def _unchanged(tuning: Tuning) -> str:
    """Why nothing is to be changed: nothing is better as far as it shows, or too little could show at all."""
    asked, arms = _own(tuning).asked, len(tuning.outcomes) - 1
    if _own(tuning).found == asked:
        return "The current settings find the document of every question, so none can find more: keep them."
    if arms and asked < fewest_to_tell(arms):
        sentence = f"{counted(asked, 'question')} cannot tell {counted(arms, 'arm')} from the current settings"
        return f"{sentence}, however they do: ask {fewest_to_tell(arms)} or more."
    return "No arm is shown to find more than the current settings: keep them."


def _own(tuning: Tuning) -> ArmOutcome:
    return next(one for one in tuning.outcomes if one.arm == tuning.current)


def _settings(one: ArmOutcome) -> str:
    parts = [
        f"{block}.{name}: {value}" for block, values in one.arm.settings().items() for name, value in values.items()
    ]
    rerank = ["models.rerank: a reranking model"] if one.arm.rerank else []
    return ", ".join([*parts, *rerank])


def _p(one: ArmOutcome) -> str:
    return "" if one.p is None else "< 0.001" if one.p < 0.001 else f"{one.p:.3f}"
