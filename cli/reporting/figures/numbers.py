"""Numbers as the report writes them; what is not known is a dash, never a zero."""

from collections.abc import Mapping, Sequence

from arbiter.costs import amount
from arbiter.evaluation.summary.arms import ArmSummary, received
from arbiter.evaluation.summary.doubts import counted

NO_REASONS: Mapping[str, str] = {}
UNKNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def plain(value: float | None, digits: int = 2) -> str:
    return UNKNOWN if value is None else f"{value:z,.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 2) -> str:
    return UNKNOWN if value is None else f"{value:+z,.{digits}f}".replace("-", MINUS)


def interval(value: Sequence[float] | None, digits: int = 2, *, sign: bool = False) -> str:
    """Both ends of an interval."""
    if not value:
        return UNKNOWN
    write = signed if sign else plain
    return f"{write(value[0], digits)} to {write(value[1], digits)}"


def integer(value: float | None) -> str:
    return plain(value, 0)


def percent(value: float | None, digits: int = 0) -> str:
    return UNKNOWN if value is None else f"{value:z.{digits}%}".replace("-", MINUS)


def change(value: float | None) -> str:
    """A relative change."""
    if value is None:
        return UNKNOWN
    return "0%" if abs(value) < 0.005 else f"{value:+.0%}".replace("-", MINUS)


def milliseconds(value: float | None) -> str:
    """A latency; short ones keep a digit."""
    if value is None:
        return UNKNOWN
    return f"{plain(value, 1 if abs(value) < 100 else 0)} ms"


def dollars(value: float | None) -> str:
    """An amount with enough digits to tell small ones apart."""
    return "unknown" if value is None else amount.dollars(value)


def probability(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return "< 0.001" if value < 0.001 else plain(value, 3)


def counts(values: Mapping[str, int], reasons: Mapping[str, str] = NO_REASONS) -> str:
    """How often each of several things was seen, and the reason where one is known."""
    return counted(values, reasons) or "none"


def in_batch(arms: Sequence[ArmSummary]) -> str:
    """One sentence on the answers that came from a batch job and have no latency, by technique; empty if none did."""
    counted = [f"{arm['name']} {count:,} of {received(arm):,}" for arm in arms if (count := arm["in_batch"])]
    return f"{UNKNOWN} answered in a batch job: no latency ({', '.join(counted)})." if counted else ""
