"""The models behind the arms of a run, by its plan alone."""

import itertools
import re
from typing import Any

Json = dict[str, Any]
TUNED = ("fine_tuned", "combined")


def tuned(plan: Json, arm: Json) -> Json | None:
    """The tuned model that answered."""
    found: Json | None = plan.get("tuned", {}).get(arm.get("tuned", "in_service")) if arm["mode"] in TUNED else None
    return found


def base_model(plan: Json, arm: Json) -> str | None:
    """The foundation model behind an arm, without geography and size of context."""
    name = (
        (tuned(plan, arm) or {}).get("base_model")
        if arm["mode"] in TUNED
        else arm.get("model") or plan.get("base_model")
    )
    return re.sub(r"^(us|eu|apac|global)\.|:\d+k$", "", name) if name else None


def confounded(plan: Json) -> set[tuple[str, str]]:
    """Pairs that differ in more than one respect."""
    pairs = itertools.combinations(plan["arms"], 2)
    known = [(a, b) for a, b in pairs if base_model(plan, a) and base_model(plan, b)]
    how = ("mode", "prompting", "retrieval", "knowledge_base")
    return {
        (a["name"], b["name"])
        for a, b in known
        if base_model(plan, a) != base_model(plan, b) and [a.get(name) for name in how] != [b.get(name) for name in how]
    }


def priced_as(plan: Json, arm: Json) -> str | None:
    """The name of an arm's price."""
    if arm["mode"] in TUNED:
        model = tuned(plan, arm)
        return "custom:" + model["base_model"] if model else None
    return arm.get("model") or plan.get("base_model")
