"""The plan that is made of what starts a run, or every reason why it cannot be run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from arbiter.costs.ceiling import unpriced
from arbiter.costs.prices import Prices, search_price
from arbiter.errors import Problem
from arbiter.evaluation.planning.estimate import Asked, Estimate, Spending, estimate
from arbiter.evaluation.planning.facts import Facts
from arbiter.evaluation.run.arms import DEFAULT, Arm
from arbiter.evaluation.run.cases import Cases, named
from arbiter.evaluation.run.given_arms import read_arms, unsearchable
from arbiter.evaluation.run.grid import default_arms
from arbiter.evaluation.run.keys import cases_key
from arbiter.evaluation.run.order import FEWEST_JUDGES, EvaluationRejected, Order, refuse
from arbiter.evaluation.run.plan import Plan, digest
from arbiter.modes import Mode
from arbiter.tuned_models.service.pointer import ELSEWHERE

NO_NATIVE_JOBS = Problem("native_jobs", "is true", "false; true where evaluation.native_jobs is set in cdk.json")
UNTUNED = tuple(mode.value for mode in Mode if not mode.specialised)
NO_BATCH_ANSWERS = Problem("batch_answers", "is true", "false; true where evaluation.batch_answers is set in cdk.json")


def arms_of(order: Order, facts: Facts) -> tuple[Arm, ...]:
    """The arms of a run: those asked for, else those it began with, else each mode that the deployment has.

    Raises:
        EvaluationRejected: naming every problem.
    """
    known = facts.knowledge_bases
    if order.arms is None and facts.earlier:
        began_with = facts.earlier.arms
        refuse([problem for arm in began_with for problem in unsearchable(arm, f"the arm {arm.name}", known)])
        return began_with
    modes = [mode.value for mode in Mode if facts.tuned_base_model or not mode.specialised]
    given = default_arms(modes) if order.arms is None else order.arms
    if order.auto and isinstance(given, list):
        # Whatever `auto` chooses is answered by an arm: by one of these two where nothing is tuned.
        named = [arm.get("name") for arm in given if isinstance(arm, dict)]
        given = [*given, *(arm for arm in default_arms(UNTUNED) if arm["name"] not in named)]
    models = [facts.base_model, *facts.models]
    read = read_arms(given, models=models, features=facts.features, knowledge_bases=known)
    refuse(read.problems)
    return read.arms


def plan(order: Order, cases: Cases, arms: Sequence[Arm], facts: Facts, tuned: Mapping[str, Any]) -> Plan:
    """The plan of a run; `tuned` names the model behind each pointer that an arm uses.

    Raises:
        EvaluationRejected: naming every problem.
    """
    if cases.problems:
        raise EvaluationRejected("the questions cannot be used: " + "; ".join(cases.problems[:50]))
    judges, asked = _judging(order, facts)
    expected = _estimate(cases, arms, judges, asked, order=order, facts=facts, tuned=tuned)
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
        doubts=(*cases.doubts, *_unequally_judged(cases, arms), *_elsewhere(arms, facts)),
        local=facts.local,
        native_jobs=asked.native,
        batch_answers=_choice("batch_answers", order, facts),
        base_model=facts.base_model,
        start=facts.start,
        auto=bool(order.auto if order.auto is not None else facts.earlier and facts.earlier.auto),
        prompting=facts.features.prompting,
        prefer=order.prefer or (facts.earlier.prefer if facts.earlier else "quality"),
        trained_on=cases.trained_on,
        knowledge_bases=_stores(arms, facts),
    )
    if expected.too_much:
        raise EvaluationRejected(_too_much(expected, asked))
    if expected.ceiling_usd is not None and expected.unknown_prices and not order.accept_unknown_cost:
        setting = "max_cost_usd" if order.max_cost_usd else "evaluation.max_cost_usd"
        raise EvaluationRejected(unpriced(expected.unknown_prices, setting, expected.ceiling_usd))
    return _continued(made, facts.earlier) if facts.earlier else made


def _searched(arms: Sequence[Arm]) -> Sequence[str]:
    """The further knowledge bases that arms name, each once."""
    return list(dict.fromkeys(arm.knowledge_base for arm in arms if arm.knowledge_base))


def _stores(arms: Sequence[Arm], facts: Facts) -> dict[str, str]:
    """The id of each knowledge base that answers stand on: one that is replaced is another, whatever its name."""
    own = {DEFAULT: facts.knowledge_base} if any(arm.grounded and not arm.knowledge_base for arm in arms) else {}
    return own | {name: facts.knowledge_bases[name]["id"] for name in _searched(arms)}


def _elsewhere(arms: Sequence[Arm], facts: Facts) -> Iterator[str]:
    for name in _searched(arms):
        base = facts.knowledge_bases[name]["id"]
        yield f"{name} is the knowledge base {base}, and nobody checked that it holds the same documents"


def _unequally_judged(cases: Cases, arms: Sequence[Arm]) -> Iterator[str]:
    """The questions that answers from passages are judged on by more than the others: judges are shown the passages."""
    bare = [case["id"] for case in cases.cases if not case.get("reference")]
    if bare and len({arm.grounded for arm in arms}) > 1:
        yield (
            f"{named(bare)}: no reference, so judges measure answers from documents by the passages that were found, "
            "and the others by what they know themselves"
        )


def _judging(order: Order, facts: Facts) -> tuple[Sequence[str], Asked]:
    """The judges, and what they are asked: as the run says, else as it began."""
    earlier = facts.earlier
    judges = order.judges or (earlier.judges if earlier else facts.judges)
    native, batch = (_choice(name, order, facts) for name in ("native_jobs", "batch_answers"))
    problems = _problems_of_judges(judges, facts.judges)
    problems += [NO_NATIVE_JOBS] if native and not facts.native_jobs else []
    refuse(problems + ([NO_BATCH_ANSWERS] if batch and not facts.batch_answers else []))
    pairwise = order.pairwise if order.pairwise is not None else bool(earlier and earlier.pairwise)
    repeat = order.repeat or (earlier.repeat if earlier else 1)
    return judges, Asked(repeat=repeat, pairwise=pairwise, native=native)


def _estimate(
    cases: Cases,
    arms: Sequence[Arm],
    judges: Sequence[str],
    asked: Asked,
    *,
    order: Order,
    facts: Facts,
    tuned: Mapping[str, Any],
) -> Estimate:
    ceiling = order.max_cost_usd or facts.max_cost_usd
    known = {name: model["base_model"] for name, model in tuned.items() if model and model["base_model"] != ELSEWHERE}
    by_name = {name: f"custom:{base}" for name, base in known.items()}
    usual, prices = f"custom:{facts.tuned_base_model}", Prices(facts.prices)
    searching = {name: search_price(base["prices"]) for name, base in facts.knowledge_bases.items()}
    spending = Spending(facts.base_model, usual, by_name, judges, prices, ceiling, searching)
    return estimate(cases.cases, arms, sizes=facts.sizes, spending=spending, asked=asked)


def _too_much(expected: Estimate, asked: Asked) -> str:
    fewer = "fewer questions, techniques, judges or repeats" + (", or no native jobs" if asked.native else "")
    return (
        f"the run may cost {expected.known_usd:,.2f} US dollars, and at most {expected.ceiling_usd:,.4g} are allowed: "
        f"take {fewer}, or raise max_cost_usd, of this run or of evaluation in cdk.json"
    )


def _continued(made: Plan, earlier: Plan) -> Plan:
    if reasons := made.contradicts(earlier):
        raise EvaluationRejected(
            f"the run {made.run} began otherwise: {'; '.join(reasons)}. Give this one another name"
        )
    names = {arm.name for arm in made.arms}
    return replace(
        made,
        started_at=earlier.started_at,
        started_by=earlier.started_by,
        tuned={**earlier.tuned, **made.tuned},
        knowledge_bases={**earlier.knowledge_bases, **made.knowledge_bases},
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
        Problem("judges", f"names {judge!r}", f"{names}; others are set in evaluation.judges of cdk.json")
        for judge in judges
        if judge not in allowed
    ]
    if len(set(judges)) < max(FEWEST_JUDGES, len(judges)):
        problems.append(Problem("judges", "names fewer than two, or one twice", f"two or more of {names}"))
    return problems
