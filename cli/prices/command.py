"""`arbiter cost`."""

from datetime import UTC, datetime
from typing import Annotated

import boto3
import typer

from cli.core.options import JsonOption
from cli.core.output import reporting
from cli.core.project import repository
from cli.prices import price_book as costing
from cli.prices.price_list import ENDPOINT_REGION
from cli.prices.view import show_book


def cost(
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Look every price up in AWS's Price List and write it to cdk.json.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what everything costs: the price book of cdk.json with its sources.

    A price that is not known is said to be unknown wherever it would be needed. `--refresh` needs credentials of an
    AWS account that allow pricing:GetProducts; the local AWS has no Price List.

    Examples:

    arbiter cost

    arbiter cost --refresh
    """
    with reporting(as_json=as_json) as output:
        root = repository()
        if not refresh:
            result = costing.show_book(root)
        else:
            client = boto3.Session().client("pricing", region_name=ENDPOINT_REGION)
            with output.progress() as progress:
                result = costing.refresh(root, client, today=datetime.now(UTC).date(), progress=progress)
        output.result(result.dump(), lambda console: show_book(console, result))
