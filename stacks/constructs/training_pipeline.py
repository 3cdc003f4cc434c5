"""The training pipeline: prepare -> train -> deploy -> nominate -> publish.

Input: `{"run": "…", "training_key": "…", "hyperparameters": {"epochCount": "2", …}}`; the hyperparameters are optional.
Output: `{"run", "model", "custom_model", "base_model", "samples"}`.
Errors: TrainingDataRejected, PreparationFailed, TrainingJobFailed, DeploymentFailed, NominationFailed and
PublicationFailed, each with its cause.
"""

import json
from dataclasses import dataclass
from typing import Any

from stacks.constructs.asl import BEDROCK_ERRORS, LAMBDA, LAMBDA_ERRORS, SSM_ERRORS, State, failure, task

HOUR = 3600
TRAINING_HOURS = 24
DEPLOYMENT_HOURS = 2
FAILURES = (
    "TrainingDataRejected",
    "PreparationFailed",
    "TrainingJobFailed",
    "DeploymentFailed",
    "NominationFailed",
    "PublicationFailed",
)


@dataclass(frozen=True, kw_only=True)
class TrainingPipeline:
    """What the definition needs to know; ARNs and names may be CloudFormation tokens."""

    prepare_function: str
    publish_function: str
    customization_role: str
    candidate_parameter: str
    base_model: str
    hyperparameters: dict[str, str]
    tags: dict[str, str]
    poll_seconds: int

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language."""
        return {
            "Comment": "Turns a training set into the tuned model in service",
            "QueryLanguage": "JSONata",
            "StartAt": "Prepare",
            "TimeoutSeconds": (TRAINING_HOURS + DEPLOYMENT_HOURS + 1) * HOUR,
            "States": {
                "Prepare": self._prepare(),
                "Train": self._train(),
                "DescribeTraining": self._describe_training(),
                "Deploy": self._deploy(),
                "AwaitDeployment": {"Type": "Wait", "Seconds": self.poll_seconds, "Next": "DescribeDeployment"},
                "DescribeDeployment": self._describe_deployment(),
                "IsDeployed": self._is_deployed(),
                "Nominate": self._nominate(),
                "Publish": self._publish(),
                **{name: failure(name) for name in FAILURES},
            },
        }

    def _prepare(self) -> State:
        defaults = json.dumps(self.hyperparameters)
        return task(
            LAMBDA,
            {"FunctionName": self.prepare_function, "Payload": "{% $states.input %}"},
            seconds=900,
            retries=LAMBDA_ERRORS,
            on_error={"TrainingDataRejected": "TrainingDataRejected", "States.ALL": "PreparationFailed"},
            then="Train",
            Assign={
                "job": "{% $states.result.Payload %}",
                "hyperparameters": f"{{% $merge([{defaults}, $states.input.hyperparameters]) %}}",
            },
        )

    def _train(self) -> State:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return task(
            # The suffix makes the state wait for the job's end, and stop the job when the execution is stopped.
            "arn:aws:states:::bedrock:createModelCustomizationJob.sync",
            {
                "JobName": "{% $job.job_name %}",
                "CustomModelName": "{% $job.custom_model_name %}",
                "BaseModelIdentifier": self.base_model,
                "CustomizationType": "FINE_TUNING",
                "RoleArn": self.customization_role,
                "ClientRequestToken": "{% $job.client_token %}",
                "TrainingDataConfig": {"S3Uri": "{% $job.training_uri %}"},
                "OutputDataConfig": {"S3Uri": "{% $job.output_uri %}"},
                "HyperParameters": "{% $hyperparameters %}",
                "JobTags": tags,
                "CustomModelTags": tags,
            },
            seconds=TRAINING_HOURS * HOUR,
            retries=BEDROCK_ERRORS,
            on_error="TrainingJobFailed",
            then="DescribeTraining",
        )

    def _describe_training(self) -> State:
        return task(
            "arn:aws:states:::aws-sdk:bedrock:getModelCustomizationJob",
            {"JobIdentifier": "{% $job.job_name %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            on_error="TrainingJobFailed",
            then="Deploy",
            Assign={"custom_model": "{% $states.result.OutputModelArn %}"},
        )

    def _deploy(self) -> State:
        return task(
            "arn:aws:states:::aws-sdk:bedrock:createCustomModelDeployment",
            {
                "ModelDeploymentName": "{% $job.deployment_name %}",
                "ModelArn": "{% $custom_model %}",
                "ClientRequestToken": "{% $job.client_token %}",
                "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            },
            seconds=60,
            retries=BEDROCK_ERRORS,
            on_error="DeploymentFailed",
            then="AwaitDeployment",
            Assign={"deployment": "{% $states.result.CustomModelDeploymentArn %}", "polls": 0},
        )

    def _describe_deployment(self) -> State:
        return task(
            "arn:aws:states:::aws-sdk:bedrock:getCustomModelDeployment",
            {"CustomModelDeploymentIdentifier": "{% $deployment %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            on_error="DeploymentFailed",
            then="IsDeployed",
            Assign={"polls": "{% $polls + 1 %}"},
        )

    def _is_deployed(self) -> State:
        polls = DEPLOYMENT_HOURS * HOUR // self.poll_seconds
        waiting = f"{{% $states.input.Status = 'Creating' and $polls < {polls} %}}"
        return {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.Status = 'Active' %}", "Next": "Nominate"},
                {"Condition": waiting, "Next": "AwaitDeployment"},
            ],
            # Failed, too late, or a status that did not exist when this was written.
            "Default": "DeploymentFailed",
        }

    def _nominate(self) -> State:
        pointer = "{'model': $deployment, 'custom_model': $custom_model, 'base_model': '%s', 'run': $job.run}"
        return task(
            "arn:aws:states:::aws-sdk:ssm:putParameter",
            {
                "Name": self.candidate_parameter,
                "Type": "String",
                "Value": f"{{% $string({pointer % self.base_model}) %}}",
                "Overwrite": True,
            },
            seconds=60,
            retries=SSM_ERRORS,
            on_error="NominationFailed",
            then="Publish",
        )

    def _publish(self) -> State:
        result = (
            "{'run': $job.run, 'model': $deployment, 'custom_model': $custom_model, 'base_model': '%s',"
            " 'samples': $job.samples}"
        )
        return task(
            LAMBDA,
            {"FunctionName": self.publish_function, "Payload": {"run": "{% $job.run %}"}},
            seconds=60,
            retries=LAMBDA_ERRORS,
            on_error="PublicationFailed",
            then=None,
            Output=f"{{% {result % self.base_model} %}}",
        )
