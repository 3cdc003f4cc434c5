"""The gate where runs are kept: the summary of a gate's evaluation read, the decision kept beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from arbiter import log
from arbiter.evaluation.run.keys import plan_key
from arbiter.evaluation.run.plan import Plan
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

        Beside it stand the ARNs of the custom models it is about: the candidate's (`custom_model`), and that of the
        model it was compared with (`over`, null for the base model), as the evaluation called them.

        Raises:
            NotComparable: the evaluation is not one of a candidate against one other arm.
            ObjectMissingError: the evaluation has no summary, or no plan.
        """
        summary = document.load(json.loads(self.store.read(summary_key(evaluation))))
        decision = decide(summary, self.limits)
        tuned = Plan.parse(self.store.read(plan_key(evaluation))).tuned
        about = {"custom_model": _arn(tuned.get("candidate")), "over": _arn(tuned.get("in_service"))}
        kept = json.dumps({"evaluation": evaluation, "run": run, **about, **decision}, indent=2).encode()
        self.store.write(decision_key(evaluation), kept, content_type="application/json")
        failed = [condition["name"] for condition in decision["conditions"] if not condition["passed"]]
        log.write("candidate judged", run=run, publish=decision["publish"], failed=failed)
        return decision


def _arn(model: Mapping[str, str] | None) -> str | None:
    return model["custom_model"] if model else None
