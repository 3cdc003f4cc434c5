"""The options that arms differ in, and the arms that differ in several at once."""

import json
from collections.abc import Iterable, Mapping

from arbiter.evaluation.numbers.comparison import Comparison
from arbiter.evaluation.run.arms import DEFAULT, Arm
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.groups import listed

Options = Mapping[str, str | None]
"""By name, each as text; `None` where an arm has no use for it."""


def entangled(comparisons: Iterable[Comparison], plan: Plan) -> list[str]:
    """Every two arms that are told apart and differ in several options, with these; none that another arm lies between.

    With that arm the run shows what a part of the options does.
    """
    options, sentences = {arm.name: _options(arm, plan.prompting) for arm in plan.arms}, []
    for row in comparisons:
        a, b = options[row["a"]], options[row["b"]]
        differ = [name for name, value in a.items() if value is not None and b[name] not in (value, None)]
        told_apart = row["verdict"] in ("better", "worse")
        if told_apart and len(differ) > 1 and not any(_between(one, a, b) for one in options.values()):
            sentences.append(f"{row['a']} and {row['b']} ({listed(differ)})")
    return sentences


def _options(arm: Arm, usual: str) -> Options:
    retrieval = {name: value for name, value in (arm.retrieval or {}).items() if value is not None}
    return {
        "documents": str(arm.grounded),
        "the tuned model": str(arm.specialised),
        "prompting": arm.prompting or usual,
        "retrieval": json.dumps(retrieval, sort_keys=True) if arm.grounded else None,
        "the knowledge base": (arm.knowledge_base or DEFAULT) if arm.grounded else None,
        "limits and the like": json.dumps(arm.asked or {}, sort_keys=True),
    }


def _between(one: Options, a: Options, b: Options) -> bool:
    """Whether an arm differs from two others, and by nothing that they do not differ in."""
    return one not in (a, b) and all(one[name] in (a[name], b[name]) for name in one)
