"""What starts an evaluation run, and the plan that is made of it, or every reason why it cannot be run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from arbiter.errors import Problem
from arbiter.evaluation.arms import Arm, default_arms, read_arms
from arbiter.evaluation.cases import Cases
from arbiter.evaluation.estimate import Asked, Estimate, Sizes, Spending, estimate
from arbiter.evaluation.plan import Plan, cases_key, digest
from arbiter.fields import amount, flag, list_of, object_of, optional, text, whole
from arbiter.modes import Mode
from arbiter.pricing import Prices
from arbiter.training.run import NAME_RULE, is_name

FEWEST_JUDGES, MOST_JUDGES = 2, 5
MOST_REPEATS = 10
PREFIX = "evaluations/"
NO_NATIVE_JOBS = Problem("native_jobs", "is true", "false; true where evaluation.native_jobs is set in cdk.json")
NO_BATCH_ANSWERS = Problem("batch_answers", "is true", "false; true where evaluation.batch_answers is set in cdk.json")


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


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a plan is made from: the deployment's settings, and what was found."""

    base_model: str
    models: Sequence[str]
    """Further models that may answer."""
    judges: Sequence[str]
    tuned_base_model: str | None
    """`None` where nothing is tuned."""
    rerank: bool
    prices: Mapping[str, Any]
    prices_as_of: str
    max_cost_usd: float | None
    sizes: Sizes
    started_at: str
    start: str
    """What tells this start of the run from every other."""
    earlier: Plan | None
    local: bool = False
    """Whether stand-ins answer and judge."""
    native_jobs: bool = False
    """Whether the deployment has Bedrock's own evaluation jobs."""
    batch_answers: bool = False
    """Whether the deployment has batch inference for answers."""


def read_order(event: object) -> Order:
    """Read what starts a run.

    Raises:
        EvaluationRejected: naming every problem.
    """
    problems: list[Problem] = []
    fields = _read_order(event, "", problems)
    if fields and not is_name(fields["run"]):
        problems.append(Problem("run", f"is {fields['run']!a}", NAME_RULE))
    if fields and (not fields["cases_key"].startswith(PREFIX) or ".." in fields["cases_key"]):
        problems.append(Problem("cases_key", f"is {fields['cases_key']!a}", f"a key below {PREFIX}"))
    _refuse(problems)
    return Order(**fields)


def arms_of(order: Order, facts: Facts) -> tuple[Arm, ...]:
    """The arms of a run: those asked for, else those it began with, else each mode that the deployment has.

    Raises:
        EvaluationRejected: naming every problem.
    """
    if order.arms is None and facts.earlier:
        return facts.earlier.arms
    modes = [mode.value for mode in Mode if facts.tuned_base_model or not mode.specialised]
    given = default_arms(modes) if order.arms is None else order.arms
    read = read_arms(given, models=[facts.base_model, *facts.models], rerank=facts.rerank)
    _refuse(read.problems)
    return read.arms


def plan(order: Order, cases: Cases, arms: Sequence[Arm], facts: Facts, tuned: Mapping[str, Any]) -> Plan:
    """The plan of a run; `tuned` names the model behind each pointer that an arm uses.

    Raises:
        EvaluationRejected: naming every problem.
    """
    if cases.problems:
        raise EvaluationRejected("the cases cannot be used: " + "; ".join(cases.problems[:50]))
    judges, asked = _judging(order, facts)
    expected = _estimate(cases, arms, judges, asked, order=order, facts=facts)
    made = Plan(
        run=order.run,
        arms=tuple(arms),
        judges=tuple(judges),
        pairwise=asked.pairwise,
        repeat=asked.repeat,
        cases=len(cases.cases),
        cases_key=cases_key(order.run),
        cases_digest=digest(cases.dump()),
        started_at=facts.started_at,
        started_by=order.started_by,
        estimate=expected.dump(),
        prices=facts.prices,
        prices_as_of=facts.prices_as_of,
        tuned=tuned,
        doubts=cases.doubts,
        local=facts.local,
        native_jobs=asked.native,
        batch_answers=_choice("batch_answers", order, facts),
        base_model=facts.base_model,
        start=facts.start,
        trained_on=cases.trained_on,
    )
    if expected.too_much:
        raise EvaluationRejected(_too_much(expected, asked))
    return _continued(made, facts.earlier) if facts.earlier else made


def _judging(order: Order, facts: Facts) -> tuple[Sequence[str], Asked]:
    """Who judges, and what they are asked: as the run says, else as it began."""
    earlier = facts.earlier
    judges = order.judges or (earlier.judges if earlier else facts.judges)
    native, batch = (_choice(name, order, facts) for name in ("native_jobs", "batch_answers"))
    problems = _problems_of_judges(judges, facts.judges)
    problems += [NO_NATIVE_JOBS] if native and not facts.native_jobs else []
    _refuse(problems + ([NO_BATCH_ANSWERS] if batch and not facts.batch_answers else []))
    pairwise = order.pairwise if order.pairwise is not None else bool(earlier and earlier.pairwise)
    repeat = order.repeat or (earlier.repeat if earlier else 1)
    return judges, Asked(repeat=repeat, pairwise=pairwise, native=native)


def _estimate(
    cases: Cases, arms: Sequence[Arm], judges: Sequence[str], asked: Asked, *, order: Order, facts: Facts
) -> Estimate:
    ceiling = order.max_cost_usd or facts.max_cost_usd
    tuned = f"custom:{facts.tuned_base_model}"
    spending = Spending(facts.base_model, tuned, judges, Prices(facts.prices), ceiling)
    return estimate(cases.cases, arms, sizes=facts.sizes, spending=spending, asked=asked)


def _too_much(expected: Estimate, asked: Asked) -> str:
    fewer = "fewer cases, arms, judges or repeats" + (", or no native jobs" if asked.native else "")
    return (
        f"the run may cost {expected.known_usd:,.2f} US dollars, and at most {expected.ceiling_usd:,.4g} are allowed: "
        f"take {fewer}, or raise max_cost_usd, of this run or of evaluation in cdk.json"
    )


def _continued(made: Plan, earlier: Plan) -> Plan:
    if found := made.contradicts(earlier):
        raise EvaluationRejected(f"the run {made.run} began otherwise: {'; '.join(found)}. Give this one another name")
    names = {arm.name for arm in made.arms}
    return replace(
        made,
        started_at=earlier.started_at,
        started_by=earlier.started_by,
        tuned={**earlier.tuned, **made.tuned},
        former=tuple(arm for arm in (*earlier.former, *earlier.arms) if arm.name not in names),
    )


def _choice(name: str, order: Order, facts: Facts) -> bool:
    """Whether Bedrock's jobs have a part in it: as the run asks, or began, or as the deployment is set."""
    asked, deployed = getattr(order, name), getattr(facts, name)
    began = getattr(facts.earlier, name) if facts.earlier else deployed
    return bool(began and deployed if asked is None else asked)


def _problems_of_judges(judges: Sequence[str], allowed: Sequence[str]) -> list[Problem]:
    names = ", ".join(allowed)
    problems = [
        Problem("judges", f"names {judge!a}", f"{names}; others are set in evaluation.judges of cdk.json")
        for judge in judges
        if judge not in allowed
    ]
    if len(set(judges)) < max(FEWEST_JUDGES, len(judges)):
        problems.append(Problem("judges", "names fewer than two, or one twice", f"two or more of {names}"))
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise EvaluationRejected("; ".join(f"{p.path}: {p.problem} (allowed: {p.allowed})" for p in problems))


def _anything(value: Any, path: str, problems: list[Problem]) -> Any:
    return value


_read_order = object_of(
    {
        "run": text(longest=40),
        "cases_key": text(longest=900),
        "arms": _anything,
        "judges": optional(list_of(text(longest=2048), fewest=FEWEST_JUDGES, most=MOST_JUDGES)),
        "pairwise": optional(flag),
        "repeat": optional(whole(1, MOST_REPEATS)),
        "max_cost_usd": optional(amount(1_000_000)),
        "started_by": optional(text(longest=2048)),
        "estimate_only": optional(flag),
        "native_jobs": optional(flag),
        "batch_answers": optional(flag),
    },
    required=("run", "cases_key"),
)
