"""Batch inference for the judges of an evaluation, all of them at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks.constructs.asl import State
from stacks.constructs.batch_stages import BatchStages


@dataclass(frozen=True)
class JudgesInBatch:
    """One branch a judge; a branch never fails, so that none is ended while its job goes on."""

    stages: BatchStages
    judges: Sequence[str]

    def states(self, name: str, *, then: str, on_failure: str) -> dict[str, State]:
        """The states, the first called `name`."""
        causes = "[$states.result.Cause]"
        said = f"$count({causes}) > 0 ? {{'Cause': $join({causes}, '; ')}} : $states.input"
        failed = {"Condition": "{% $exists($states.input.Cause) %}", "Next": on_failure}
        return {
            name: {
                "Type": "Parallel",
                "QueryLanguage": "JSONata",
                "Branches": [self._branch(f"Judge{n}", judge) for n, judge in enumerate(self.judges, start=1)],
                "Output": f"{{% {said} %}}",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": on_failure}],
                "Next": f"{name}Status",
            },
            f"{name}Status": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [failed], "Default": then},
        }

    def _branch(self, name: str, judge: str) -> State:
        done, failed = f"{name}Done", f"{name}Failed"
        cause = "$exists($states.input.Cause) ? $states.input.Cause : $string($states.input)"
        return {
            "StartAt": f"{name}Merge",
            "States": {
                **self.stages.states(name, judge, then=done, on_failure=failed),
                done: {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {}, "End": True},
                failed: {
                    "Type": "Pass",
                    "QueryLanguage": "JSONata",
                    "Output": {"Cause": f"{{% {cause} %}}"},
                    "End": True,
                },
            },
        }
