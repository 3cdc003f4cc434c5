"""Batch inference of several models, all of them at the same time: the judges of an evaluation, or those who answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks.constructs.base.asl import State
from stacks.constructs.batch.stages import BatchStages


@dataclass(frozen=True)
class ModelsInBatch:
    """One branch a model; a branch never fails, so that none is ended while its job goes on."""

    stages: BatchStages
    models: Sequence[str]
    branch: str
    """What the names of the branches' states begin with, a number after it."""

    def states(self, name: str, *, then: str, on_failure: str) -> dict[str, State]:
        """The states, the first called `name`."""
        causes = "[$states.result.Cause]"
        expression = f"$count({causes}) > 0 ? {{'Cause': $join({causes}, '; ')}} : $states.input"
        failed = {"Condition": "{% $exists($states.input.Cause) %}", "Next": on_failure}
        return {
            name: {
                "Type": "Parallel",
                "QueryLanguage": "JSONata",
                "Branches": [self._branch(f"{self.branch}{n}", model) for n, model in enumerate(self.models, start=1)],
                "Output": f"{{% {expression} %}}",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": on_failure}],
                "Next": f"{name}Status",
            },
            f"{name}Status": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [failed], "Default": then},
        }

    def _branch(self, name: str, model: str) -> State:
        done, failed = f"{name}Done", f"{name}Failed"
        cause = "$exists($states.input.Cause) ? $states.input.Cause : $string($states.input)"
        return {
            "StartAt": f"{name}Merge",
            "States": {
                **self.stages.states(name, model, then=done, on_failure=failed),
                done: {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {}, "End": True},
                failed: {
                    "Type": "Pass",
                    "QueryLanguage": "JSONata",
                    "Output": {"Cause": f"{{% {cause} %}}"},
                    "End": True,
                },
            },
        }
