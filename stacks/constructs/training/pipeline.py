"""The training pipeline: prepare -> train, or reuse -> host -> nominate -> gate, if there is one -> conclude.

Input: `{"run", "training_key", "hyperparameters"?: {…}, "force"?: bool, "accept_unknown_cost"?: bool, "started_by"?,
"gate"?: {"cases_key"}}`.
Output: `{"run", "model", "custom_model", "base_model", "samples", "reused", "gate"}`.
Errors: those of `FAILURES`, each with its cause. Whatever the end, the run's record says it, and nothing of a failed
run is left running.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.constructs.base.asl import BEDROCK_ERRORS, LAMBDA, LAMBDA_ERRORS, SSM_ERRORS, State
from stacks.constructs.training.conclusion_states import EXECUTION, concluded, concluded_failure
from stacks.constructs.training.gate_states import EVALUATION_HOURS, TrainingGate
from stacks.constructs.training.hosting_states import HOSTING_HOURS, OnDemandHosting, ProvisionedHosting
from stacks.constructs.training.states import (
    QUOTA,
    SDK,
    catch,
    choice,
    customization,
    step,
    tag_list,
    waiting_for_another_run,
)

HOUR = 3600
TRAINING_HOURS = 24
WAITING_HOURS = 52
"""For a run that trains on the same data, then for one whose gate asks its model."""
REFUSALS = ("TrainingDataRejected", "HyperparametersRejected", "TrainingTooExpensive", "ModelsNotAccessible")


@dataclass(frozen=True, kw_only=True)
class TrainingPipeline:
    """Inputs of the definition; ARNs and names may be CloudFormation tokens."""

    prepare_function: str
    place_function: str
    conclude_function: str
    hosting: OnDemandHosting | ProvisionedHosting
    gate: TrainingGate
    customization_role: str
    candidate_parameter: str
    base_model: str
    teacher_model: str | None
    """The model whose answers are learned, in a distillation; else the answers are the training file's own."""
    tags: Mapping[str, str]

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language."""
        return {
            "Comment": "Turns a training set into a tuned model that is ready to be put into service",
            "QueryLanguage": "JSONata",
            "StartAt": "Prepare",
            "TimeoutSeconds": (WAITING_HOURS + TRAINING_HOURS + HOSTING_HOURS + EVALUATION_HOURS + 1) * HOUR,
            "States": {
                "Prepare": self._prepare(),
                "Claim": self._claim(),
                "FindModel": self._find_model(),
                "IsTrained": choice(
                    {"{% $states.input.ModelStatus = 'Active' or $not($exists($states.input.ModelStatus)) %}": "Place"},
                    fails_as="TrainingJobFailed",
                    cause="{% 'the custom model ' & $job.custom_model_name & ' is ' & $states.input.ModelStatus %}",
                ),
                "Train": self._train(),
                "DescribeTraining": self._describe_training(),
                "Place": self._place(),
                **self.hosting.states(),
                "Nominate": self._nominate(),
                **self.gate.states(),
                "Conclude": concluded(self.conclude_function, self.base_model),
                "ConcludeFailure": concluded_failure(self.conclude_function),
                "Failed": {"Type": "Fail", "Error": "{% $failure.name %}", "Cause": "{% $failure.cause %}"},
            },
        }

    def _prepare(self) -> State:
        started = f"{{'execution': {EXECUTION}.Id, 'started_at': {EXECUTION}.StartTime}}"
        return step(
            LAMBDA,
            {"FunctionName": self.prepare_function, "Payload": f"{{% $merge([$states.input, {started}]) %}}"},
            seconds=900,
            retries=LAMBDA_ERRORS,
            fails_as="PreparationFailed",
            named={name: name for name in REFUSALS},
            then="Claim",
            Assign={"job": "{% $states.result.Payload %}", "gate": {}},
        )

    def _claim(self) -> State:
        """Wait for a run on the same data: what it makes is found then, and used."""
        payload = {"run": "{% $job.run %}", "claim": "{% $job.custom_model_name %}"}
        state = step(
            LAMBDA,
            {"FunctionName": self.place_function, "Payload": payload},
            seconds=60,
            retries=LAMBDA_ERRORS,
            fails_as="PreparationFailed",
            then="FindModel",
        )
        return waiting_for_another_run(state)

    def _find_model(self) -> State:
        state = step(
            f"{SDK}getCustomModel",
            {"ModelIdentifier": "{% $job.custom_model_name %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="TrainingJobFailed",
            then="IsTrained",
            Assign={"custom_model": "{% $states.result.ModelArn %}", "reused": True},
        )
        untrained = {"ErrorEquals": ["Bedrock.ResourceNotFoundException"], "Next": "Train"}
        state["Catch"] = [{**untrained, "Assign": {"reused": False}}, catch("States.ALL", "TrainingJobFailed")]
        return state

    def _train(self) -> State:
        tags = tag_list({**self.tags, "arbiter:run": "{% $job.run %}"})
        return step(
            # The suffix makes the state wait for the job's end, and stop the job when the execution is stopped.
            "arn:aws:states:::bedrock:createModelCustomizationJob.sync",
            {
                "JobName": "{% $job.job_name %}",
                "CustomModelName": "{% $job.custom_model_name %}",
                "BaseModelIdentifier": self.base_model,
                "RoleArn": self.customization_role,
                "ClientRequestToken": "{% $job.client_token %}",
                "TrainingDataConfig": {"S3Uri": "{% $job.training_uri %}"},
                "ValidationDataConfig": {"Validators": "{% $job.validators %}"},
                "OutputDataConfig": {"S3Uri": "{% $job.output_uri %}"},
                "JobTags": tags,
                "CustomModelTags": tags,
                **customization(self.teacher_model),
            },
            seconds=TRAINING_HOURS * HOUR,
            retries=BEDROCK_ERRORS,
            fails_as="TrainingJobFailed",
            named=QUOTA,
            then="DescribeTraining",
        )

    def _describe_training(self) -> State:
        return step(
            f"{SDK}getModelCustomizationJob",
            {"JobIdentifier": "{% $job.job_name %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="TrainingJobFailed",
            then="Place",
            Assign={"custom_model": "{% $states.result.OutputModelArn %}"},
        )

    def _place(self) -> State:
        payload = {"run": "{% $job.run %}", "custom_model": "{% $custom_model %}", "reused": "{% $reused %}"}
        state = step(
            LAMBDA,
            {"FunctionName": self.place_function, "Payload": payload},
            seconds=60,
            retries=LAMBDA_ERRORS,
            fails_as="PlacementFailed",
            then="Host",
            Assign={"place": "{% $states.result.Payload %}"},
        )
        return waiting_for_another_run(state)

    def _nominate(self) -> State:
        pointer = "{'model': $host, 'custom_model': $custom_model, 'base_model': '%s', 'run': $job.run}"
        return step(
            "arn:aws:states:::aws-sdk:ssm:putParameter",
            {
                "Name": self.candidate_parameter,
                "Type": "String",
                "Value": f"{{% $string({pointer % self.base_model}) %}}",
                "Overwrite": True,
            },
            seconds=60,
            retries=SSM_ERRORS,
            fails_as="NominationFailed",
            then="HasGate",
        )
