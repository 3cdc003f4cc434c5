"""Tuned models as people see them."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from cli.core.terminal import Folded, run_column
from cli.models.inventory import Host
from cli.models.listing import ListedModel, ModelList
from cli.models.retirement import RetireResult
from cli.models.service import MoveResult
from cli.models.still_billing import Billed

STYLES = {"in_service": "green", "orphan": "red"}
DEGRADING = "Until another one is promoted, specialised modes are refused, or answered by the base model and say so."


def show_models(console: Console, listed: ModelList) -> None:
    """Show every tuned model, what points to it, where it is hosted, and what it costs."""
    _show_elsewhere(console, listed.made_elsewhere)
    if not listed.models:
        way = "Train one: arbiter train FILE" if listed.deployed else "Its stacks are not all there: deploy it first."
        console.print(f"There is no tuned model in {listed.environment}. {way}")
        return
    ids = run_column(run for model in listed.models for run in model.runs)
    table = Folded("State", ids, "Tuned from", "Hosting", "A month")
    for model in listed.models:
        table.add_row(
            _state(model),
            Text("\n".join(model.runs) or "unknown"),
            model.base_model,
            Text("\n".join(map(_host, model.hosts)) or "none"),
            _usd(model.usd_per_month),
        )
    console.print(table)
    for model in listed.models:
        if model.missing:
            console.print(Text(f"Bedrock has no {model.custom_model} any more. {DEGRADING}", style="red"))
    if not listed.deployed:
        console.print(
            f"The stacks of {listed.environment} are not all there: what is not known of a model is not shown."
        )
        for model in listed.models:
            console.print(Text(f"arbiter model retire {model.custom_model}"), soft_wrap=True)
    elif any(model.states[0] in ("idle", "orphan") for model in listed.models):
        console.print("Idle and orphaned models cost their storage: arbiter model retire RUN", style="dim")


def show_move(console: Console, moved: MoveResult) -> None:
    """Show which model answers now, and which did before."""
    _show_elsewhere(console, moved.made_elsewhere)
    if not moved.changed:
        console.print("Nothing had to change.")
    console.print(Text(f"In service: {_named(moved.in_service)}", style="green" if moved.in_service else "yellow"))
    console.print(Text(f"Before: {_named(moved.previous)}", style="dim"))
    if moved.in_service is None:
        console.print(DEGRADING)
    if moved.changed:
        console.print(f"The router follows within {moved.seen_within_seconds:g} s; no request is lost.", style="dim")


def show_retired(console: Console, retired: RetireResult) -> None:
    """Show everything that was deleted."""
    for arn in retired.deleted:
        console.print(Text(f"Deleted, and seen to be gone: {arn}"), soft_wrap=True)
    if not retired.deleted:
        console.print(Text(f"Nothing had to be deleted: {retired.custom_model} is gone already."), soft_wrap=True)


def show_still_billing(console: Console, billed: Sequence[Billed]) -> None:
    """Show everything that still costs money."""
    if not billed:
        console.print(Text("Nothing of Arbiter in Bedrock bills while it is not used.", style="green"))
        return
    table = Folded("Still billed", "Name", "An hour", "A month")
    for one in billed:
        hourly = "" if one.what != "provisioned throughput" else _usd(one.usd_per_hour)
        monthly = "" if not one.what.endswith("storage") else _usd(one.usd_per_month)
        table.add_row(one.what, Text(one.name, overflow="fold"), hourly, monthly)
    console.print(table)


def _show_elsewhere(console: Console, arn: str | None) -> None:
    if arn:
        warning = f"The settings name a tuned model made elsewhere, and the router calls only that one: {arn}"
        console.print(Text(warning, style="yellow"), soft_wrap=True)


def _state(model: ListedModel) -> Text:
    states = ", ".join(state.replace("_", " ") for state in model.states)
    return Text(f"{states} (missing)" if model.missing else states, style=STYLES.get(model.states[0], ""))


def _host(host: Host) -> str:
    if host.kind == "on_demand":
        return f"{host.name}: {host.status}, paid by the token"
    price = "price unknown" if host.usd_per_hour is None else f"${host.usd_per_hour:,.2f} an hour"
    end = f"expires {host.expires_at}" if host.expires_at else "never expires"
    term = f", committed until {host.committed_until}" if host.committed_until else ""
    return f"{host.name}: {host.status}, {price}, {end}{term}"


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.2f}"


def _named(model: Mapping[str, str] | None) -> str:
    return f"{model['model']} (run {model['run']})" if model else "none"
