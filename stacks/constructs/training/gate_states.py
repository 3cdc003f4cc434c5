"""The states that judge a nominated model, when its run brings questions: published if it is better, else kept back."""

from dataclasses import dataclass

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State
from stacks.constructs.training.states import choice, step

HOUR = 3600
EVALUATION_HOURS = 24
STATES_ERRORS = (
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.SfnException",
    "StepFunctions.SdkClientException",
)


@dataclass(frozen=True, kw_only=True)
class TrainingGate:
    """An evaluation of the candidate against the model in service, and what the gate makes of it."""

    evaluation: str
    """ARN of the evaluation's state machine."""
    gate_function: str
    publish_function: str
    batch_answers: bool = False
    """Whether evaluations answer in batch inference, where they are not told otherwise."""

    def states(self) -> dict[str, State]:
        """From `HasGate` to `Conclude`."""
        return {
            "HasGate": choice(
                {"{% $job.gate != null %}": "Evaluate", "{% $job.gate = null %}": "Conclude"},
                fails_as="EvaluationFailed",
                cause="{% $string($job) %}",
            ),
            "Evaluate": self._evaluate(),
            "Gate": self._gate(),
            "IsBetter": choice(
                {"{% $gate.publish = true %}": "Publish", "{% $gate.publish = false %}": "Conclude"},
                fails_as="GateFailed",
                cause="{% 'the gate decided neither way: ' & $string($gate) %}",
            ),
            "Publish": self._publish(),
        }

    def _evaluate(self) -> State:
        run = "{% $job.run & '-gate' %}"
        return step(
            # The suffix makes the state wait for the evaluation's end, and stop it when the execution is stopped.
            "arn:aws:states:::states:startExecution.sync:2",
            {
                "StateMachineArn": self.evaluation,
                "Name": run,
                "Input": {
                    "run": run,
                    "cases_key": "{% $job.gate.cases_key %}",
                    "arms": "{% $place.arms %}",
                    "judges": None,
                    # Who accepted it of the training wants no model that is paid for and then judged by nobody.
                    "accept_unknown_cost": "{% $job.accept_unknown_cost %}",
                    # The gate reads our judges alone: Bedrock's own would be paid for by nobody's wish.
                    "native_jobs": False,
                    # And it reads how long an answer takes, which no job tells.
                    **({"batch_answers": False} if self.batch_answers else {}),
                    "started_by": "{% $states.context.Execution.Id %}",
                },
            },
            seconds=EVALUATION_HOURS * HOUR,
            retries=STATES_ERRORS,
            fails_as="EvaluationFailed",
            then="Gate",
        )

    def _gate(self) -> State:
        return step(
            LAMBDA,
            {
                "FunctionName": self.gate_function,
                "Payload": {"evaluation": "{% $job.run & '-gate' %}", "run": "{% $job.run %}"},
            },
            seconds=900,
            retries=LAMBDA_ERRORS,
            fails_as="GateFailed",
            then="IsBetter",
            Assign={"gate": "{% $merge([$states.result.Payload, {'published': false}]) %}"},
        )

    def _publish(self) -> State:
        return step(
            LAMBDA,
            {
                "FunctionName": self.publish_function,
                "Payload": {
                    "action": "promote",
                    "run": "{% $job.run %}",
                    "over": "{% $place.over %}",
                    "by": "{% $states.context.Execution.Id %}",
                },
            },
            seconds=90,
            # It changes nothing, and what is trained and compared by then is worth another try.
            retries=(*LAMBDA_ERRORS, "HostUnknown"),
            fails_as="PublicationFailed",
            then="Conclude",
            Assign={"gate": "{% $merge([$gate, {'published': true}]) %}"},
        )
