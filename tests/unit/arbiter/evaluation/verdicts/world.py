"""Cases with answers, and judges that are asked about them."""

import json
from typing import Any

from arbiter.answering.serving.invocation import Invocation
from arbiter.evaluation.run.keys import answer_key
from arbiter.evaluation.verdicts.case_verdicts import Judging
from arbiter.evaluation.verdicts.panel import Judge
from tests.unit.arbiter.answering.router_fakes import FakeClock
from tests.unit.arbiter.evaluation.engine_fakes import (
    JUDGES,
    Context,
    ScriptedModel,
    either,
    judge,
    planned,
    response,
)

CASES = [{"id": f"c{number}", "question": f"How far is number {number}?"} for number in range(3)]


class World:
    """The judging function without AWS: one model behind each judge."""

    def __init__(self, cases: list[dict[str, Any]] = CASES, **changes: Any) -> None:
        self.bucket, (self.event,) = planned(cases, **changes)
        self.models = {name: ScriptedModel(always=either) for name in JUDGES}
        self.clock, self.slept = FakeClock(), list[float]()
        self._judges: dict[str, Judge] = {}
        self.judging = Judging(results=self.bucket, judge_named=self.judge_named, clock=self.clock)
        for case in cases:
            for arm in ("base", "rag"):
                self.answered(case, arm)

    def judge_named(self, name: str) -> Judge:
        return self._judges.setdefault(name, judge(self.models[name], name, self.slept))

    def answered(self, case: dict[str, Any], arm: str, **outcome: Any) -> None:
        passages = ["It is far."] if arm == "rag" else []
        outcome = outcome or {"response": response(f"Far, says {case['id']}.", arm, passages)}
        record = {"run": "r", "case": case, "arm": arm, "mode": arm, "attempts": 1, "throttles": 0, **outcome}
        self.bucket.contents[answer_key("r", case["id"], arm)] = json.dumps(record).encode()

    def judge(self, seconds: float = 900.0, **event: Any) -> bool:
        return self.judging.judge({**self.event, **event}, Invocation({}, Context(seconds)))

    def records(self, kind: str = "verdicts") -> dict[str, list[dict[str, Any]]]:
        prefix = f"evaluations/r/{kind}/"
        found = [key for key in self.bucket.contents if key.startswith(prefix)]
        return {key.removeprefix(prefix).removesuffix(".json"): self.bucket.record(key)["verdicts"] for key in found}

    @property
    def asked(self) -> int:
        return sum(len(model.asked) for model in self.models.values())


def whose(verdicts: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [(verdict["judge"], verdict.get("repeat", verdict.get("order"))) for verdict in verdicts]
