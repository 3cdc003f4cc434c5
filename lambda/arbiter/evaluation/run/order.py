"""The order that starts an evaluation run, or every reason why it cannot."""

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from arbiter.answering.request import Preference
from arbiter.errors import Problem
from arbiter.fields import amount, choice, flag, integer, list_of, object_of, optional, text
from arbiter.runs import LONGEST_NAME, NAME_RULE, is_name

FEWEST_JUDGES, MOST_JUDGES = 2, 5
MOST_REPEATS = 10
PREFIX = "evaluations/"


class EvaluationRejected(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A run that cannot be evaluated as it is asked for; the message names every problem."""


class Order(NamedTuple):
    """The input of a run; `None` where it leaves the choice to the settings, or to an earlier start of the run."""

    run: str
    cases_key: str
    arms: list[Any] | None = None
    judges: list[str] | None = None
    pairwise: bool | None = None
    repeat: int | None = None
    max_cost_usd: float | None = None
    started_by: str | None = None
    estimate_only: bool | None = None
    native_jobs: bool | None = None
    batch_answers: bool | None = None
    auto: bool | None = None
    prefer: str | None = None
    """The preference that `auto` goes by."""
    accept_unknown_cost: bool | None = None
    """Whether the run may go on where a price, and so the ceiling, is not known."""


def read_order(event: object) -> Order:
    """Read what starts a run.

    Raises:
        EvaluationRejected: naming every problem.
    """
    problems: list[Problem] = []
    fields = _read_order(event, "", problems)
    if fields and not is_name(fields["run"]):
        problems.append(Problem("run", f"is {fields['run']!r}", NAME_RULE))
    if fields and (not fields["cases_key"].startswith(PREFIX) or ".." in fields["cases_key"]):
        problems.append(Problem("cases_key", f"is {fields['cases_key']!r}", f"a key below {PREFIX}"))
    refuse(problems)
    return Order(**fields)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise what names every problem, where there is one."""
    if problems:
        raise EvaluationRejected("; ".join(f"{p.path}: {p.problem} (allowed: {p.allowed})" for p in problems))


def _anything(value: Any, path: str, problems: list[Problem]) -> Any:
    return value


_read_order = object_of(
    {
        "run": text(longest=LONGEST_NAME),
        "cases_key": text(longest=900),
        "arms": _anything,
        "judges": optional(list_of(text(longest=2048), fewest=FEWEST_JUDGES, most=MOST_JUDGES)),
        "pairwise": optional(flag),
        "repeat": optional(integer(1, MOST_REPEATS)),
        "max_cost_usd": optional(amount(1_000_000)),
        "started_by": optional(text(longest=2048)),
        "estimate_only": optional(flag),
        "native_jobs": optional(flag),
        "batch_answers": optional(flag),
        "auto": optional(flag),
        "prefer": optional(choice(get_args(Preference))),
        "accept_unknown_cost": optional(flag),
    },
    required=("run", "cases_key"),
)
