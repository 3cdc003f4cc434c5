"""The arms of an evaluation: the ways of answering that are compared on the same cases."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from arbiter.errors import Problem
from arbiter.fields import choice, flag, list_of, object_of, optional, text, whole
from arbiter.modes import Mode

MOST_ARMS = 24
"""Arms are paired with each other: 24 make 276 comparisons."""
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
NAME_RULE = "1 to 64 of a-z, 0-9, _ . and -, the first a letter or digit"
POINTERS = ("in_service", "candidate")
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
    tuned: Literal["in_service", "candidate"] = "in_service"
    """The pointer whose model answers, in an arm with the tuned model."""

    @property
    def grounded(self) -> bool:
        """Whether passages are retrieved."""
        return self.mode.grounded

    @property
    def specialised(self) -> bool:
        """Whether a tuned model answers."""
        return self.mode.specialised

    @property
    def technique(self) -> str:
        """The arm apart from the models that answer in it."""
        retrieval = {name: value for name, value in (self.retrieval or {}).items() if value is not None}
        return json.dumps([self.mode.value, self.prompting or "zero_shot", retrieval], sort_keys=True)

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
        return {"question": question, "mode": self.mode.value, **given}


class Arms(NamedTuple):
    """The arms of a run, or what is wrong with them."""

    arms: tuple[Arm, ...]
    problems: tuple[Problem, ...]


def default_arms(modes: Sequence[str] = MODES, models: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Each mode with each model; the modes of the tuned model come once, for it answers whatever else is named."""
    arms: list[dict[str, Any]] = []
    names = short_names(models)
    for mode in modes:
        if models and mode in MODES and not Mode(mode).specialised:
            arms += [{"name": f"{mode}.{names[model]}", "mode": mode, "model": model} for model in models]
        else:
            arms.append({"name": mode, "mode": mode})
    return arms


def short_names(models: Sequence[str]) -> dict[str, str]:
    """Names of models for people: without region, provider, date and version as long as they stay apart."""
    short = {model: _VERSION.sub("", model).rsplit(".", 1)[-1].lower() for model in models}
    taken = list(short.values())
    return {
        model: name if taken.count(name) == 1 else re.sub(r"[^a-z0-9_.-]", "-", model.lower())
        for model, name in short.items()
    }


def read_arms(given: object, *, models: Sequence[str], rerank: bool) -> Arms:
    """Check the arms that a run asks for; `models` are those that may answer."""
    problems: list[Problem] = []
    listed = _read_list(given, "arms", problems)
    arms = [Arm(**fields) for fields in listed or () if fields]
    for place, arm in enumerate(arms):
        problems += _problems_of(arm, f"arms[{place}]", [each.name for each in arms[:place]], models, rerank=rerank)
    return Arms(tuple(arms), tuple(problems))


def _problems_of(arm: Arm, path: str, names: Sequence[str], models: Sequence[str], *, rerank: bool) -> list[Problem]:
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
    if arm.retrieval and arm.retrieval.get("rerank") and not rerank:
        found.append(Problem(f"{path}.retrieval.rerank", "is true without a reranking model", "models.rerank set"))
    return found


def _models_that_may(models: Sequence[str]) -> str:
    return f"{', '.join(models)}; add others to evaluation.models in cdk.json and deploy"


_read_retrieval = object_of({"results": whole(1, 100), "rerank": flag})
_read_list = list_of(
    object_of(
        {
            "name": text(longest=64),
            "mode": choice(Mode),
            "model": optional(text(longest=2048)),
            "prompting": optional(choice(("zero_shot", "few_shot", "chain_of_thought"))),
            "retrieval": optional(_read_retrieval),
            "tuned": choice(POINTERS),
        },
        required=("name", "mode"),
    ),
    fewest=1,
    most=MOST_ARMS,
)
