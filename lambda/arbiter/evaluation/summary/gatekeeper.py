"""The gate where runs are kept: the summary of a gate's evaluation read, the decision kept beside it."""

import json
from dataclasses import dataclass

from arbiter import log
from arbiter.evaluation.summary import document
from arbiter.evaluation.summary.document import summary_key
from arbiter.evaluation.summary.gate import Limits, decide
from arbiter.store import Store
from arbiter.tuned_models.training.decision import Decision, decision_key


@dataclass(frozen=True)
class Gate:
    """Decides on candidates by the limits of one environment."""

    store: Store
    limits: Limits

    def judge(self, evaluation: str, run: str) -> Decision:
        """Decide on a training run's model, and keep the decision as `gate.json`.

        Raises:
            NotComparable: the evaluation is not one of a candidate against one other arm.
            ObjectMissingError: the evaluation has no summary.
        """
        summary = document.load(json.loads(self.store.read(summary_key(evaluation))))
        decision = decide(summary, self.limits)
        kept = json.dumps({"evaluation": evaluation, "run": run, **decision}, indent=2).encode()
        self.store.write(decision_key(evaluation), kept, content_type="application/json")
        failed = [condition["name"] for condition in decision["conditions"] if not condition["passed"]]
        log.write("candidate judged", run=run, publish=decision["publish"], failed=failed)
        return decision
