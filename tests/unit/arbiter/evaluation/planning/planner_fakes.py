"""A planner without AWS: a bucket in memory, pointers, models that can be called, and deployments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from arbiter.evaluation.planning.planner import Planner
from arbiter.evaluation.planning.tuned_runs import TunedRuns
from arbiter.evaluation.run.plan import Plan
from arbiter.settings.evaluating import PlanEvaluationSettings
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.hosting.readiness import Host
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.record import CustomModel, Data, Hosting, TrainingRecord, record_key
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES, NOW, Bucket

TUNED = TunedModel("arn:deployment", "arn:model", "amazon.nova-micro-v1:0:128k", "t1")
CASES = b'{"question": "How far is it?"}\n{"id": "b", "question": "How heavy is it?", "reference": "2 kg"}\n'
LITE = "amazon.nova-lite-v1:0"
PRICE = {"input_per_1k": 0.001, "output_per_1k": 0.002}
OWN = "custom:amazon.nova-micro-v1:0:128k"
PRICES = {
    **dict.fromkeys(["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0", "amazon.other-v1:0"], PRICE),
    **dict.fromkeys([OWN, f"custom:{LITE}:300k", *JUDGES, "cohere.three"], PRICE),
    "search": {"embedding_per_1k": 0.02, "queries_per_1m": 2.5},
}


def settings(**changes: Any) -> PlanEvaluationSettings:
    values: dict[str, Any] = {
        "environment": "dev",
        "results_bucket": "results",
        "training_bucket": "training",
        "candidate_parameter": "candidate",
        "in_service_parameter": "in-service",
        "base_model": "amazon.nova-micro-v1:0",
        "knowledge_base_id": "OWN0000001",
        "tuned_base_model": "amazon.nova-micro-v1:0:128k",
        "models": {"answering": ["amazon.nova-lite-v1:0"], "judges": [*JUDGES, "cohere.three"]},
        "prices": PRICES,
        "prices_as_of": "2026-11-21",
        "limits": {"results": 5, "passage_tokens": 300, "answer_tokens": 512, "max_cost_usd": 5.0},
    }
    return PlanEvaluationSettings(**values | changes)


@dataclass
class Hosted:
    """Deployments on demand: what each serves, by name."""

    slots: dict[str, str] = field(default_factory=dict)

    def slot(self, name: str) -> Slot | None:
        return Slot(name, f"arn:{name}", self.slots[name], "Active") if name in self.slots else None

    def host(self, arn: str) -> Host | None:
        name = arn.removeprefix("arn:")
        return Host("Active", self.slots[name]) if name in self.slots else None


def trained(run: str, base_model: str = f"{LITE}:300k", *, hosting: str | None = None) -> dict[str, bytes]:
    """The record of a training run that left a model."""
    record = TrainingRecord(
        run=run, status="nominated", data=Data(key="k"), base_model=base_model, customization_type="FINE_TUNING",
        hyperparameters={}, custom_model=CustomModel(name="m", arn=f"model-of-{run}"),
        hosting=Hosting(kind="on_demand", name="h", arn=hosting) if hosting else None,
    )  # fmt: skip
    return {record_key(run): record.dumps().encode()}


@dataclass
class World:
    """Everything around a planner."""

    results: Bucket = field(default_factory=lambda: Bucket({"evaluations/r/given.jsonl": CASES}))
    training: Bucket = field(default_factory=Bucket)
    pointers: dict[str, str] = field(default_factory=lambda: {"candidate": "none", "in-service": TUNED.dump()})
    settings: PlanEvaluationSettings = field(default_factory=settings)
    hosts: Hosted = field(default_factory=Hosted)
    starts: Iterator[int] = field(default_factory=count)
    closed: tuple[str, ...] = ()
    """Models that cannot be called."""
    tried: list[list[str]] = field(default_factory=list)

    def read(self, name: str) -> str:
        return self.pointers[name]

    def access(self, models: Sequence[str]) -> list[str]:
        self.tried.append(list(models))
        return [f"{model} is closed." for model in models if model in self.closed]

    def plan(self, **event: Any) -> dict[str, Any]:
        planner = Planner(
            results=self.results,
            training=self.training,
            pointers=self,
            runs=TunedRuns(Records(self.results), self.hosts, "dev", lambda: NOW),
            access=self.access,
            settings=self.settings,
            now=lambda: NOW,
            new_start=lambda: f"start-{next(self.starts)}",
        )
        return planner.plan({"run": "r", "cases_key": "evaluations/r/given.jsonl", **event})

    def written(self) -> Plan:
        return Plan.parse(self.results.contents["evaluations/r/run.json"])
