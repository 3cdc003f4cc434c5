"""Permissions of the training pipeline on Bedrock, and on the evaluation that judges its models."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.constructs.base.models import foundation_model_arn
from stacks.constructs.base.state_machine import StateMachine
from stacks.constructs.base.trust import Conditions, of_environment, tagging
from stacks.constructs.training.retirement import own

# Step Functions keeps one rule, of its own, that tells state machines how the executions they wait for end.
_MANAGED_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


def allow_customization(role: iam.Role, base_model: str, customization: iam.Role, *, environment: str) -> None:
    """Let `role` train the base model; it stops and tags nothing of another environment."""
    jobs, models = own(role, "model-customization-job"), own(role, "custom-model")
    made = [foundation_model_arn(role, base_model), models, jobs]
    _allow(role, ["CreateModelCustomizationJob"], made, tagging(environment))
    # Waiting for the job, and stopping it with the execution, happens under this role too.
    _allow(role, ["GetModelCustomizationJob"], [jobs])
    _allow(role, ["StopModelCustomizationJob"], [jobs], of_environment(environment))
    _allow(role, ["GetCustomModel"], [models])
    _allow(role, ["TagResource"], [jobs, models], tagging(environment))
    role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[customization.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
        )
    )


def allow_hosting(role: iam.Role, *, provisioned: bool, environment: str) -> None:
    """Let `role` host custom models in one of the two ways, and replace those of its own environment alone."""
    models = own(role, "custom-model")
    if provisioned:
        throughput = own(role, "provisioned-model")
        _allow(role, ["CreateProvisionedModelThroughput"], [models, throughput], tagging(environment))
        _allow(role, ["GetProvisionedModelThroughput"], [throughput])
        _allow(role, ["TagResource"], [throughput], tagging(environment))
        return
    deployments = own(role, "custom-model-deployment")
    _allow(role, ["CreateCustomModelDeployment"], [models], tagging(environment))
    # Service authorization reference: the deployment and the model that comes, each with its tags.
    _allow(role, ["UpdateCustomModelDeployment"], [deployments, models], of_environment(environment))
    _allow(role, ["GetCustomModelDeployment"], [deployments])
    _allow(role, ["TagResource"], [deployments], tagging(environment))


def allow_nested_execution(role: iam.Role, machine: StateMachine) -> None:
    """Let `role` run another state machine to its end: Step Functions guide, *connect-stepfunctions*, for `.sync:2`."""
    stack = Stack.of(role)
    states = f"arn:{stack.partition}:states:{stack.region}:{stack.account}"
    executions = f"{states}:execution:{machine.state_machine.state_machine_name}:*"
    rule = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:rule/{_MANAGED_RULE}"
    for actions, resource in (
        (["states:StartExecution"], machine.arn),
        (["states:DescribeExecution", "states:StopExecution"], executions),
        (["events:PutTargets", "events:PutRule", "events:DescribeRule"], rule),
    ):
        role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))


def _allow(role: iam.Role, actions: list[str], resources: list[str], conditions: Conditions | None = None) -> None:
    named = [f"bedrock:{action}" for action in actions]
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=named, resources=resources, conditions=dict(conditions) if conditions else None)
    )
