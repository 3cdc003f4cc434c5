"""The arms of an evaluation: the ways of answering that are compared on the same cases."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.asked.format import read_format
from arbiter.answering.request import LONGEST_QUESTION, Features, check_features, read_limits, read_retrieval
from arbiter.base_models import foundation
from arbiter.errors import Problem
from arbiter.fields import choice, flag, list_of, object_of, optional, text
from arbiter.modes import Mode
from arbiter.runs import is_name

MOST_ARMS = 24
"""Arms are paired with each other: 24 make 276 comparisons."""
LONGEST_NAME = 100
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
NAME_RULE = "1 to 100 of a-z, 0-9, _ . and -, the first a letter or digit"
POINTERS = ("in_service", "candidate")
PROMPTINGS = ("zero_shot", "few_shot", "chain_of_thought", "house")
MODES = tuple(mode.value for mode in Mode)

_VERSION = re.compile(r"(-\d{8})?(-v\d+)?(:\w+)*$")


class Arm(NamedTuple):
    """One way of answering, under a name of its own."""

    name: str
    mode: Mode
    model: str | None = None
    """Of an arm without the tuned model; `None`: the configured base model."""
    prompting: str | None = None
    retrieval: Mapping[str, Any] | None = None
    tuned: str = "in_service"
    """The pointer or the training run whose model answers, in an arm with a tuned model."""
    asked: Mapping[str, Any] | None = None
    """Further fields of its requests: `system`, `format`, `limits`, `degrade`."""

    @property
    def grounded(self) -> bool:
        """Whether passages are retrieved."""
        return self.mode.grounded

    @property
    def specialised(self) -> bool:
        """Whether a tuned model answers."""
        return self.mode.specialised

    @property
    def planned(self) -> bool:
        """Whether a model plans the searches, so that its replies come before the answer."""
        return str((self.retrieval or {}).get("strategy", "basic")) != "basic"

    @property
    def timed(self) -> bool:
        """Whether its answers have a time limit of their own."""
        return bool((self.asked or {}).get("limits", {}).get("max_latency_ms"))

    def technique(self, usual: str) -> str:
        """The arm apart from the models that answer in it; `usual` is the prompting where it names none."""
        retrieval = {name: value for name, value in (self.retrieval or {}).items() if value is not None}
        told = [self.mode.value, self.prompting or usual, retrieval, *([self.asked] if self.asked else [])]
        return json.dumps(told, sort_keys=True)

    def dump(self) -> dict[str, Any]:
        return {**self._asdict(), "mode": self.mode.value}

    @classmethod
    def parse(cls, arm: Mapping[str, Any]) -> "Arm":
        """An arm as `dump` writes it."""
        return cls(**{**arm, "mode": Mode(arm["mode"])})

    def request(self, question: str) -> dict[str, Any]:
        """The request that the router would be sent for a question in this arm."""
        options = {"prompting": self.prompting, "retrieval": dict(self.retrieval) if self.retrieval else None}
        given = {name: value for name, value in options.items() if value is not None}
        return {"question": question, "mode": self.mode.value, **given, **(self.asked or {})}


class Arms(NamedTuple):
    """The arms of a run, or what is wrong with them."""

    arms: tuple[Arm, ...]
    problems: tuple[Problem, ...]


def short_names(models: Sequence[str]) -> dict[str, str]:
    """Names of models for people: without region, provider, date and version as long as they stay apart."""
    short = {model: _VERSION.sub("", model).rsplit(".", 1)[-1].lower() for model in models}
    taken = list(short.values())
    return {
        model: name if taken.count(name) == 1 else re.sub(r"[^a-z0-9_.-]", "-", model.lower())
        for model, name in short.items()
    }


def read_arms(given: object, *, models: Sequence[str], features: Features) -> Arms:
    """Check the arms that a run asks for; `models` are those that may answer."""
    problems: list[Problem] = []
    listed = _read_list(given, "arms", problems)
    arms = [_callable(Arm(**fields), models) for fields in listed or () if fields]
    for place, arm in enumerate(arms):
        problems += _problems_of(arm, f"arms[{place}]", [each.name for each in arms[:place]], models)
        problems += _without_prompts(arm, f"arms[{place}].prompting", features)
        check_features(arm.retrieval, f"arms[{place}].retrieval", features, problems)
    return Arms(tuple(arms), tuple(problems))


def _callable(arm: Arm, models: Sequence[str]) -> Arm:
    """The arm with the id by which the deployment calls its model: that of a profile, where one is configured."""
    if arm.model is None or arm.model in models:
        return arm
    same = [model for model in models if foundation(model) == foundation(arm.model)]
    return arm._replace(model=same[0]) if same else arm


def _problems_of(arm: Arm, path: str, names: Sequence[str], models: Sequence[str]) -> list[Problem]:
    found = []
    if not NAME.fullmatch(arm.name):
        found.append(Problem(f"{path}.name", f"is {arm.name!a}", NAME_RULE))
    if "--" in arm.name:
        found.append(Problem(f"{path}.name", f"is {arm.name}", "single hyphens: two stand between the names of a pair"))
    if arm.name in names:
        found.append(Problem(f"{path}.name", f"is {arm.name}, as an arm before it", "a name of its own for each arm"))
    if arm.model is not None and arm.specialised:
        found.append(Problem(f"{path}.model", f"is given, and in {arm.mode} the tuned model answers", "no model"))
    elif arm.model is not None and arm.model not in models:
        found.append(Problem(f"{path}.model", f"is {arm.model!a}", _models_that_may(models)))
    if arm.retrieval and not arm.grounded:
        found.append(Problem(f"{path}.retrieval", f"is given, and {arm.mode} retrieves nothing", "no retrieval"))
    if arm.prompting == "chain_of_thought" and (arm.asked or {}).get("format", {}).get("type") == "json":
        found.append(Problem(f"{path}.prompting", "is chain_of_thought, with answers in JSON", "another prompting"))
    if arm.tuned not in POINTERS and not is_name(arm.tuned):
        found.append(Problem(f"{path}.tuned", f"is {arm.tuned!a}", f"{', '.join(POINTERS)} or a training run"))
    return found


def _without_prompts(arm: Arm, path: str, features: Features) -> list[Problem]:
    lacking = {"few_shot": None if features.examples else "examples", "house": None if features.house else "house"}
    if not (name := lacking.get(arm.prompting or "")):
        return []
    sentence = f"is {arm.prompting}, and this deployment has no such prompts"
    return [Problem(path, sentence, f"another prompting, or prompting.{name} set in cdk.json and deployed")]


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
        },
        required=("name", "mode"),
    ),
    fewest=1,
    most=MOST_ARMS,
)
