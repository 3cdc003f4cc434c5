"""The plan of an evaluation run: who answers, who judges, and where everything is kept."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypedDict

from arbiter.base_models import foundation
from arbiter.evaluation.run.arms import DEFAULT, Arm
from arbiter.tuned_models.service.pointer import ELSEWHERE

Record = dict[str, Any]


class Estimated(TypedDict, total=False):
    """The most that a run takes, as its plan holds it; the first versions knew no native verdicts."""

    answers: int
    verdicts: int
    native_verdicts: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    """`None` where a price is unknown."""
    known_usd: float
    unknown_prices: Sequence[str]
    ceiling_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`run.json`."""

    run: str
    arms: tuple[Arm, ...]
    judges: tuple[str, ...]
    pairwise: bool
    repeat: int
    cases: int
    cases_key: str
    cases_digest: str
    started_at: str
    started_by: str | None
    estimate: Estimated
    prices: Mapping[str, Any]
    prices_as_of: str
    tuned: Mapping[str, Mapping[str, str] | None]
    doubts: tuple[str, ...]
    local: bool = False
    """Whether stand-ins answer and judge."""
    native_jobs: bool = False
    """Whether Bedrock's own evaluation jobs judge as well."""
    batch_answers: bool = False
    """Whether batch inference answers where there are enough questions for a model."""
    base_model: str | None = None
    """The model of an arm that has none of its own."""
    start: str = ""
    """A token that tells the last start of this run from those before it."""
    auto: bool = False
    """Whether the choices of `auto` are compared with the arms, which answer for it."""
    prompting: str = "zero_shot"
    """The technique of an arm that names none."""
    prefer: str = "quality"
    """The preference of the requests that `auto` chooses for."""
    trained_on: Mapping[str, int] = field(default_factory=dict)
    """How many of the cases stand in the training set of each run whose model answers."""
    knowledge_bases: Mapping[str, str] = field(default_factory=dict)
    """The id of each knowledge base that an arm searches; `default` is the deployment's own."""
    former: tuple[Arm, ...] = ()
    """Arms of earlier starts that are not asked for any more: their answers are still there."""

    def dump(self) -> Record:
        arms = {name: [arm.dump() for arm in getattr(self, name)] for name in ("arms", "former")}
        return {**asdict(self), **arms}

    @classmethod
    def parse(cls, text: bytes) -> "Plan":
        """Read a plan as it is kept.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it is none.
        """
        return cls.load(json.loads(text))

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> "Plan":
        """A plan as `dump` writes it, or as a former version or a later one does."""
        known = {field.name: document[field.name] for field in fields(cls) if field.name in document}
        sequences = {name: tuple(document[name]) for name in ("judges", "doubts")}
        arms = {name: tuple(Arm.parse(arm) for arm in document.get(name, ())) for name in ("arms", "former")}
        return cls(**{**known, **sequences, **arms})

    def pairs(self) -> Iterable[tuple[Arm, Arm]]:
        """Every two arms, in their order."""
        return itertools.combinations(self.arms, 2)

    def tuned_of(self, arm: Arm) -> Mapping[str, str] | None:
        """The tuned model that answers in an arm."""
        return self.tuned.get(arm.tuned) if arm.specialised else None

    def base_of(self, arm: Arm) -> str | None:
        """The foundation model that answers in an arm, or that its tuned model was made from; `None`: not known."""
        tuned = self.tuned_of(arm) or {}
        model = tuned.get("base_model") if arm.specialised else arm.model or self.base_model
        return foundation(model) if model and model != ELSEWHERE else None

    def confounded(self) -> set[tuple[str, str]]:
        """The names of every two arms that differ in technique and in base model: no difference is either's alone."""
        bases = {arm.name: self.base_of(arm) for arm in self.arms}
        return {
            (a.name, b.name)
            for a, b in self.pairs()
            if None not in (bases[a.name], bases[b.name])
            and bases[a.name] != bases[b.name]
            and a.technique(self.prompting) != b.technique(self.prompting)
        }

    def store_of(self, arm: Arm) -> str | None:
        """The id of the knowledge base that an arm searches; `None`: it searches none, or a former plan kept none."""
        return self.knowledge_bases.get(arm.knowledge_base or DEFAULT) if arm.grounded else None

    def model_in_batch(self, arm: Arm) -> str:
        """The model that a job may ask for an arm.

        None where a tuned one answers, where replies lead to the question, or where answers have a time limit.
        """
        possible = self.batch_answers and not (arm.specialised or arm.planned or arm.timed)
        return (possible and (arm.model or self.base_model)) or ""

    def models_in_batch(self) -> list[str]:
        """Every model that a job may answer with, once."""
        return [model for model in dict.fromkeys(map(self.model_in_batch, self.arms)) if model]

    def contradicts(self, earlier: "Plan") -> list[str]:
        """The reasons why answers of an earlier start of this run are of no use to this one."""
        known = {arm.name: arm for arm in (*earlier.former, *earlier.arms)}
        reasons = [
            f"the technique {arm.name} was {json.dumps(known[arm.name].dump(), ensure_ascii=False)} when the run began"
            for arm in self.arms
            if known.get(arm.name, arm) != arm
        ]
        if earlier.base_model and self.base_model != earlier.base_model:
            reasons.append(f"the base model was {earlier.base_model} when the run began")
        if self.cases_digest != earlier.cases_digest:
            reasons.append("the questions are not those that the run began with")
        for pointer, model in self.tuned.items():
            if earlier.tuned.get(pointer, model) != model:
                reasons.append(f"another tuned model is {pointer} than when the run began")
        for name, base in self.knowledge_bases.items():
            if earlier.knowledge_bases.get(name, base) != base:
                reasons.append(f"the knowledge base {name} was {earlier.knowledge_bases[name]} when the run began")
        if self.prompting != earlier.prompting:
            reasons.append(f"prompting.technique was {earlier.prompting} when the run began")
        if earlier.auto and self.prefer != earlier.prefer:
            reasons.append(f"auto preferred {earlier.prefer} when the run began")
        return reasons


def digest(cases: bytes) -> str:
    """The SHA-256 of a file of cases: it tells two files apart."""
    return hashlib.sha256(cases).hexdigest()
