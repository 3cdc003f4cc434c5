"""The refusal of a ceiling of money that cannot be kept."""

from collections.abc import Iterable

ACCEPT = "--accept-unknown-cost"
"""The option that accepts the risk, of every command that spends under a ceiling."""


def written(limit: float) -> str:
    """A limit in US dollars as it was given: 0.00005, never 5e-05."""
    from decimal import Decimal  # Only refusals need it.

    return f"{Decimal(f'{limit:g}'):f}"


def unpriced(names: Iterable[str], setting: str, ceiling_usd: float) -> str:
    """A sentence on what has no price under which ceiling, and the three ways to go on."""
    return (
        f"no price is known for {', '.join(names)}, so {setting}, {ceiling_usd:,.4g} US dollars, cannot be kept: look "
        f"the price up (`arbiter cost --refresh`, then deploy), set {setting} to null, or accept the risk of this run "
        f"({ACCEPT}; accept_unknown_cost in the pipeline's input)"
    )
