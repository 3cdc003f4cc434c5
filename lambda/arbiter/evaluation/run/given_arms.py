"""The arms that a run asks for, checked: every problem at once."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from arbiter.answering.asked.format import read_format
from arbiter.answering.request import LONGEST_QUESTION, Features, check_features, read_limits, read_retrieval
from arbiter.base_models import foundation
from arbiter.errors import Problem
from arbiter.evaluation.run.arms import POINTERS, PROMPTINGS, Arm, features_in
from arbiter.fields import choice, flag, list_of, object_of, optional, text
from arbiter.modes import Mode
from arbiter.runs import is_name

MOST_ARMS = 24
"""Arms are paired with each other: 24 make 276 comparisons."""
LONGEST_NAME = 100
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
NAME_RULE = "1 to 100 of a-z, 0-9, _ . and -, the first a letter or digit"


class Arms(NamedTuple):
    """The arms of a run, or what is wrong with them."""

    arms: tuple[Arm, ...]
    problems: tuple[Problem, ...]


def read_arms(
    given: object,
    *,
    models: Sequence[str],
    features: Features,
    knowledge_bases: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Arms:
    """Check the arms that a run asks for; `models` may answer, and `knowledge_bases` be searched."""
    problems: list[Problem] = []
    listed = _read_list(given, "arms", problems)
    arms = [_callable(Arm(**fields), models) for fields in listed or () if fields]
    for index, arm in enumerate(arms):
        problems += _problems_of(arm, f"arms[{index}]", [each.name for each in arms[:index]], models)
        problems += _without_prompts(arm, f"arms[{index}].prompting", features)
        problems += unsearchable(arm, f"arms[{index}].knowledge_base", knowledge_bases)
        own = features_in(arm, features, knowledge_bases)
        check_features(arm.retrieval, f"arms[{index}].retrieval", own, problems)
    return Arms(tuple(arms), tuple(problems))


def _callable(arm: Arm, models: Sequence[str]) -> Arm:
    """The arm with the id by which the deployment calls its model: that of a profile, where one is configured."""
    if arm.model is None or arm.model in models:
        return arm
    same = [model for model in models if foundation(model) == foundation(arm.model)]
    return arm._replace(model=same[0]) if same else arm


def _problems_of(arm: Arm, path: str, names: Sequence[str], models: Sequence[str]) -> list[Problem]:
    problems = []
    if not NAME.fullmatch(arm.name):
        problems.append(Problem(f"{path}.name", f"is {arm.name!r}", NAME_RULE))
    if "--" in arm.name:
        problems.append(
            Problem(f"{path}.name", f"is {arm.name}", "single hyphens: two stand between the names of a pair")
        )
    if arm.name in names:
        problems.append(
            Problem(f"{path}.name", f"is {arm.name}, as an arm before it", "a name of its own for each arm")
        )
    if arm.model is not None and arm.specialised:
        problems.append(Problem(f"{path}.model", f"is given, and in {arm.mode} the tuned model answers", "no model"))
    elif arm.model is not None and arm.model not in models:
        problems.append(Problem(f"{path}.model", f"is {arm.model!r}", _models_that_may(models)))
    if arm.retrieval and not arm.grounded:
        problems.append(Problem(f"{path}.retrieval", f"is given, and {arm.mode} retrieves nothing", "no retrieval"))
    if arm.prompting == "chain_of_thought" and (arm.asked or {}).get("format", {}).get("type") == "json":
        problems.append(Problem(f"{path}.prompting", "is chain_of_thought, with answers in JSON", "another prompting"))
    if arm.tuned not in POINTERS and not is_name(arm.tuned):
        problems.append(Problem(f"{path}.tuned", f"is {arm.tuned!r}", f"{', '.join(POINTERS)} or a training run"))
    return problems


def _without_prompts(arm: Arm, path: str, features: Features) -> list[Problem]:
    lacking = {"few_shot": None if features.examples else "examples", "house": None if features.house else "house"}
    if not (name := lacking.get(arm.prompting or "")):
        return []
    sentence = f"is {arm.prompting}, and this deployment has no such prompts"
    return [Problem(path, sentence, f"another prompting, or prompting.{name} set in cdk.json and deployed")]


def unsearchable(arm: Arm, path: str, known: Mapping[str, object]) -> list[Problem]:
    """The problem of an arm that names a knowledge base which it cannot search, if there is one."""
    if arm.knowledge_base is None:
        return []
    if not arm.grounded:
        return [Problem(path, f"is given, and {arm.mode} retrieves nothing", "no knowledge base")]
    if arm.knowledge_base in known:
        return []
    allowed = ", ".join([*known, "others that evaluation.knowledge_bases in cdk.json names and that are deployed"])
    return [Problem(path, f"is {arm.knowledge_base!r}", allowed)]


def _models_that_may(models: Sequence[str]) -> str:
    return f"{', '.join(models)}; add others to evaluation.models in cdk.json and deploy"


_read_asked = object_of(
    {
        "system": optional(text(longest=LONGEST_QUESTION)),
        "format": read_format,
        "limits": read_limits,
        "degrade": flag,
    }
)


def read_asked(value: Any, path: str, problems: list[Problem]) -> Any:
    """Further fields of an arm's requests, left as they are for the parser of requests."""
    _read_asked(value, path, problems)
    return value


_read_list = list_of(
    object_of(
        {
            "name": text(longest=LONGEST_NAME),
            "mode": choice(Mode),
            "model": optional(text(longest=2048)),
            "prompting": optional(choice(PROMPTINGS)),
            "retrieval": optional(read_retrieval),
            "tuned": text(longest=LONGEST_NAME),
            "asked": optional(read_asked),
            "knowledge_base": optional(text(longest=LONGEST_NAME)),
        },
        required=("name", "mode"),
    ),
    fewest=1,
    most=MOST_ARMS,
)
