"""The arms of an evaluation: the ways of answering that are compared on the same cases."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.request import Features
from arbiter.modes import Mode

POINTERS = ("in_service", "candidate")
PROMPTINGS = ("zero_shot", "few_shot", "chain_of_thought", "house")
DEFAULT = "default"
"""Stands for what the deployment is set to."""
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
    knowledge_base: str | None = None
    """Of the settings' further ones, by its name; `None`: the deployment's own."""

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
        """Whether a model plans the searches or rewrites what is searched for, so that it replies before the answer."""
        options = self.retrieval or {}
        return str(options.get("strategy", "basic")) != "basic" or bool(options.get("rewrite"))

    @property
    def timed(self) -> bool:
        """Whether its answers have a time limit of their own."""
        return bool((self.asked or {}).get("limits", {}).get("max_latency_ms"))

    def technique(self, usual: str) -> str:
        """The arm apart from the models that answer in it; `usual` is the prompting where it names none."""
        retrieval = {name: value for name, value in (self.retrieval or {}).items() if value is not None}
        further = [each for each in (self.asked, self.knowledge_base) if each]
        parts = [self.mode.value, self.prompting or usual, retrieval, *further]
        return json.dumps(parts, sort_keys=True)

    def dump(self) -> dict[str, Any]:
        return {**self._asdict(), "mode": self.mode.value}

    @classmethod
    def parse(cls, arm: Mapping[str, Any]) -> "Arm":
        """An arm as `dump` writes it."""
        return cls(**{**arm, "mode": Mode(arm["mode"])})

    def request(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The request that the router would be sent for a question in this arm, after the turns of a conversation."""
        retrieval, turns = dict(self.retrieval) if self.retrieval else None, list(history) or None
        options = {"prompting": self.prompting, "retrieval": retrieval, "history": turns}
        given = {name: value for name, value in options.items() if value is not None}
        return {"question": question, "mode": self.mode.value, **given, **(self.asked or {})}


def short_names(models: Sequence[str]) -> dict[str, str]:
    """Names of models for people: without region, provider, date and version as long as they stay apart."""
    short = {model: _VERSION.sub("", model).rsplit(".", 1)[-1].lower() for model in models}
    taken = list(short.values())
    return {
        model: name if taken.count(name) == 1 else re.sub(r"[^a-z0-9_.-]", "-", model.lower())
        for model, name in short.items()
    }


def features_in(arm: Arm, features: Features, knowledge_bases: Mapping[str, Mapping[str, Any]]) -> Features:
    """The features of a deployment that an arm has: of what others made only Bedrock knows how it is searched."""
    other = knowledge_bases.get(arm.knowledge_base or "")
    if other is None:
        return features
    own = not other["managed"]
    return features._replace(hybrid_search=True, semantic_search=own, text_filters=own)
