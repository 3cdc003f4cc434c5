"""`arbiter cost`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.core.options import EnvOption, JsonOption
from cli.core.output import Output, reporting
from cli.core.project import repository


def cost(
    requests: Annotated[int, typer.Option("--requests", "-n", min=1, help="How many requests to price.")] = 1_000,
    idle: Annotated[bool, typer.Option("--idle", help="Only the sentence on what is paid when left alone.")] = False,
    prices: Annotated[bool, typer.Option("--prices", help="Show the price book of cdk.json instead.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Look every price up in AWS's Price List and write it to cdk.json.")
    ] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a configuration costs: left alone, used, synchronised, trained, evaluated, hosted.

    Every number has its source and date; an unknown price makes the sum a lower bound and is named. Tokens are those
    that runs have measured, else assumed: it works without AWS. `--refresh` needs credentials of an AWS account that
    allow pricing:GetProducts; the local AWS has no Price List.

    Examples:

    arbiter cost --env prod --requests 50000

    arbiter cost --prices

    arbiter cost --refresh
    """
    with reporting(as_json=as_json) as output:
        if refresh or prices:
            _book(output, refresh=refresh)
        else:
            _report(output, env, requests, idle_only=idle)


def _report(output: Output, env: str | None, requests: int, *, idle_only: bool) -> None:
    from cli.prices.report import report
    from cli.prices.report_view import show_report
    from local import launcher

    root = repository()
    environment = env or ("local" if launcher.status(root) else "dev")
    with output.progress() as progress:
        made = report(root, environment, requests=requests, look=not idle_only, progress=progress)
    output.result(
        made.dump(),
        lambda console: (
            console.print(made.idle_line(), highlight=False, soft_wrap=True)
            if idle_only
            else show_report(console, made)
        ),
    )


def _book(output: Output, *, refresh: bool) -> None:
    from cli.prices import price_book
    from cli.prices.view import show_book

    root = repository()
    if not refresh:
        result = price_book.show_book(root)
    else:
        import boto3

        from cli.prices.price_list import ENDPOINT_REGION

        client = boto3.Session().client("pricing", region_name=ENDPOINT_REGION)
        with output.progress() as progress:
            result = price_book.refresh(root, client, today=datetime.now(UTC).date(), progress=progress)
    output.result(result.dump(), lambda console: show_book(console, result))
