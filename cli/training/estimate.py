"""The cost of a training, reckoned by the deployed pipeline before anything is sent."""

import json
from collections.abc import Mapping

from arbiter.tuned_models.training.record import Cost
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError, invoke


def estimate(deployment: Deployment, tokens: int, hyperparameters: Mapping[str, str]) -> Cost:
    """Ask the pipeline's own first function, which knows the settings and prices that were deployed.

    Raises:
        CliError: the pipeline of another version is deployed.
    """
    machine = deployment.output("TrainingStateMachineArn")
    described = deployment.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    prepare = json.loads(described["definition"])["States"]["Prepare"]["Arguments"]["FunctionName"]
    try:
        return Cost(**invoke(deployment, prepare, {"tokens": tokens, "hyperparameters": dict(hyperparameters)}))
    except FunctionError as error:
        raise CliError(
            f"The deployed pipeline cannot tell what the training costs: {error}. "
            f"Deploy this version: `{deployment.deploy_command}`.",
            code=error.code,
        ) from error
