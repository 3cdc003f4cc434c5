"""`arbiter keys`: create, list, revoke, and what was spent with them."""

import json
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from arbiter.edge.budgets import Budget
from arbiter.edge.keys import Key, digest_of, new_secret
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import Output, reporting
from cli.keys.asked import key_asked_for
from cli.keys.table import Spender, Spending, Table
from cli.keys.view import dumped, show_created, show_keys, show_spending, spending

app = typer.Typer(no_args_is_help=True, help="Keys of the API: create, list, revoke, usage.")
Name = Annotated[str, typer.Argument(help="The name of the key.", show_default=False)]


@app.command()
def create(
    name: Name,
    budget_usd: Annotated[float | None, typer.Option(help="US dollars that it may spend a day.")] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(help="Tokens, read and written, that it may spend a day.")
    ] = None,
    per: Annotated[str, typer.Option(help="The period of the budget: day, from midnight UTC.")] = "day",
    modes: Annotated[
        str,
        typer.Option(
            help="The modes that it may ask for: auto, base, rag, fine-tuned, combined.", show_default="all of them"
        ),
    ] = "auto,base,rag,fine-tuned,combined",
    conditions: Annotated[
        str | None,
        typer.Option("--filter", help="Metadata, as JSON, that every document has to be found with this key."),
    ] = None,
    expires: Annotated[str, typer.Option(help="Days or hours until it ends, as in 90d or 12h, or never.")] = "90d",
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key, and show it this once: only its hash is kept.

    The most that a request may take is reserved from the budget before it is asked, and corrected afterwards.

    Examples:

    arbiter keys create shop --budget-usd 5

    arbiter keys create desk --budget-usd 5 --modes base,rag --filter '{"team": "support"}' --expires 90d
    """
    with reporting(as_json=as_json) as output:
        secret, budget = new_secret(), Budget(budget_usd, budget_tokens)
        now = datetime.now(UTC)
        key = key_asked_for(
            name,
            digest_of(secret),
            modes=modes,
            conditions=conditions,
            budget=budget,
            per=per,
            expires=expires,
            now=now,
        )
        deployment = Deployment.find(env)
        if deployment.optional("TokenBudget"):
            raise CliError(
                f"{deployment.environment} lets tokens of its issuer in, and no keys (edge.auth jwt).", code="no_keys"
            )
        Table(deployment).add(key)
        url = deployment.api()
        document = {**dumped(key), "key": secret, "url": url}
        output.result(document, lambda console: show_created(console, key, secret, url))


@app.command("list")
def list_(env: EnvOption = None, as_json: JsonOption = False) -> None:
    """List the keys that were made: modes, filter, budget, end. Nobody can see a key again.

    Examples:

    arbiter keys list
    """
    with reporting(as_json=as_json) as output:
        table, now = Table(Deployment.find(env)), datetime.now(UTC)
        keys = table.all()
        document = {"keys": [dumped(key) for key in keys], "damaged": table.damaged}
        output.result(document, lambda console: show_keys(console, keys, now))
        _warn(output, table)


@app.command()
def revoke(name: Name, env: EnvOption = None, as_json: JsonOption = False) -> None:
    """Let nobody in with a key any more, from the next call on. It cannot be taken back: make another key.

    Examples:

    arbiter keys revoke shop
    """
    with reporting(as_json=as_json) as output:
        table = Table(Deployment.find(env))
        revoked = table.named(name)
        for key in revoked:
            table.revoke(key)
        output.result({"revoked": [key.name for key in revoked]}, lambda console: console.print(f"Revoked: {name}."))


@app.command()
def usage(
    name: Annotated[
        str | None, typer.Argument(help="A key, or a subject of tokens; by default every one.", show_default=False)
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days back.")] = 7,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was spent with each key by day, beside its budget; what is reserved for calls under way is in it.

    Where tokens are let in and have a budget: what each of their subjects (sub) spent. Subjects are kept as hashes;
    one that is named is found by its own.

    Examples:

    arbiter keys usage

    arbiter keys usage shop --days 30 --json

    arbiter keys usage ada@example.com
    """
    with reporting(as_json=as_json) as output:
        deployment, today = Deployment.find(env), datetime.now(UTC).date()
        table, tokens = Table(deployment), deployment.optional("TokenBudget")
        with output.progress() as progress:
            progress("Reading what was spent")
            rows = (
                _subjects(table, tokens, name, today, days) if tokens else table.spent(_keys(table, name), today, days)
            )
        whose = "subject" if tokens else "key"
        document = {"usage": spending(rows), "damaged": table.damaged}
        output.result(document, lambda console: show_spending(console, rows, whose))
        _warn(output, table)


def _warn(output: Output, table: Table) -> None:
    for sentence in table.damaged:
        output.warn(sentence)


def _keys(table: Table, name: str | None) -> list[Key]:
    made = table.all()
    keys = [key for key in made if name in (None, key.name)]
    if name and not keys:
        known = ", ".join(sorted({key.name for key in made})) or "none"
        raise CliError(" ".join([f"There is no key '{name}'. There are: {known}.", *table.damaged]), code="no_key")
    return keys


def _subjects(table: Table, tokens: str, name: str | None, until: date, days: int) -> list[Spending]:
    """The spending of a subject, or of all of them, by what the deployment says of its tokens."""
    counted = json.loads(tokens)
    budget = Budget(counted["budget_usd"], counted["budget_tokens"])
    if name is None:
        return table.spent_by_subjects(budget, until, days)
    from arbiter.edge.tokens.callers import account_of  # Few deployments let tokens in.

    return table.spent([Spender(name, account_of(counted["issuer"], name), budget)], until, days)
