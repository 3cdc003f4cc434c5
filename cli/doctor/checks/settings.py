"""The settings and the price book of `cdk.json`, read as synthesis reads them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cli.core.errors import CliError
from cli.core.project import cdk_context
from cli.doctor.findings.finding import Finding, Looked, Severity
from stacks.parsing import parse
from stacks.settings.environment import Settings
from stacks.settings.price_entries import Price
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError
from stacks.warnings import warnings

OLDEST_PRICES_DAYS = 90
REFUSED = "synthesis refuses the environment: nothing can be deployed"


def read(root: Path) -> dict[str, Any]:
    """The context of `cdk.json`.

    Raises:
        CliError: there is no such file, or it holds no environments.
    """
    try:
        return cdk_context(root)
    except (OSError, ValueError, KeyError) as error:
        raise CliError(
            f"{root / 'cdk.json'} cannot be read: {type(error).__name__}: {error}.", code="bad_settings"
        ) from error


def settings_of(context: dict[str, Any], environment: str) -> tuple[Settings | None, Looked]:
    """The settings of an environment, none where they are refused, with everything that is wrong with them."""
    try:
        prices = PriceBook.parse(context.get("prices"))
    except SettingsError:
        prices = None
    try:
        settings = parse(environment, context["environments"].get(environment), prices)
    except SettingsError as error:
        refused = [(p.path, p.text) for p in error.problems] or [("environments", str(error))]
        return None, Looked("refused", tuple(_refused(environment, path, text) for path, text in refused))
    findings = tuple(_warned(environment, path, sentence) for path, sentence in warnings(environment, settings, prices))
    return settings, Looked(f"the environment {environment} can be synthesised", findings)


def _refused(environment: str, path: str, text: str) -> Finding:
    return Finding(
        code="settings_refused",
        subject=path,
        severity=Severity.BLOCKS,
        problem=f"{path}: {text}",
        consequence=REFUSED,
        remedy=f"edit cdk.json, context.environments.{environment}.{path}",
    )


def _warned(environment: str, path: str, sentence: str) -> Finding:
    return Finding(
        code="settings_warned",
        subject=path,
        severity=Severity.WARNS,
        problem=sentence,
        consequence="synthesis accepts it and warns: it may not be what was meant",
        remedy=f"edit cdk.json, context.environments.{environment}.{path}",
    )


def prices_of(context: dict[str, Any], today: date, region: str, *, deploy: str) -> tuple[PriceBook | None, Looked]:
    """The price book, none where it cannot be read, with its age judged."""
    try:
        book = PriceBook.parse(context.get("prices"))
    except SettingsError as error:
        unreadable = _prices("prices_unreadable", Severity.BLOCKS, str(error), REFUSED, "edit cdk.json, context.prices")
        return None, Looked("unreadable", (unreadable,))
    entries = (book.services, *book.models.values())
    figures = [price for entry in entries for _, price in entry if isinstance(price, Price) and price.usd is not None]
    oldest = min((price.as_of or book.as_of for price in figures), default=book.as_of)
    seen = f"prices of {book.as_of}, {book.region}; the oldest figure is of {oldest}"
    return book, Looked(seen, tuple(_aged(book, today, region, deploy)))


def _aged(book: PriceBook, today: date, region: str, deploy: str) -> Iterator[Finding]:
    days = (today - book.as_of).days
    refresh = f"arbiter cost --refresh && {deploy}"
    if days > OLDEST_PRICES_DAYS:
        problem = f"the prices in cdk.json are of {book.as_of}, {days} days ago (more than {OLDEST_PRICES_DAYS})"
        consequence = "every estimate, ceiling and cost of an answer is reckoned with them, and may be wrong"
        yield _prices("prices_old", Severity.WARNS, problem, consequence, refresh)
    if book.region != region:
        problem = f"the prices in cdk.json are those of {book.region}, and the environment is in {region}"
        consequence = "no cost is known: ceilings cannot be kept, and estimates say unknown"
        remedy = f'edit cdk.json, context.prices.region: "{region}"; then {refresh}'
        yield _prices("prices_elsewhere", Severity.WARNS, problem, consequence, remedy)


def _prices(code: str, severity: Severity, problem: str, consequence: str, remedy: str) -> Finding:
    return Finding(
        code=code, subject="prices", severity=severity, problem=problem, consequence=consequence, remedy=remedy
    )
