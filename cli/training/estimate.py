"""The cost of a training and the demands of its gate, as they were deployed: known before anything is sent."""

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from arbiter.settings import SettingsError
from arbiter.settings.tuning import GateSettings
from arbiter.tuned_models.training.record import Cost
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError, invoke
from cli.core.project import configured, repository


def estimate(deployment: Deployment, tokens: int, hyperparameters: Mapping[str, str]) -> Cost:
    """Ask the pipeline's own first function, which knows the settings and prices that were deployed.

    Raises:
        CliError: the pipeline of another version is deployed.
    """
    prepare = _function(deployment, "Prepare")
    try:
        return Cost(**invoke(deployment, prepare, {"tokens": tokens, "hyperparameters": dict(hyperparameters)}))
    except FunctionError as error:
        raise CliError(
            f"The deployed pipeline cannot tell what the training costs: {error}. "
            f"Deploy this version: `{deployment.deploy_command}`.",
            code=error.code,
        ) from error


def questions_demanded(deployment: Deployment) -> int:
    """How many questions the deployed gate demands; as `cdk.json` says for who may not read its settings."""
    try:
        gate = deployment.client("lambda").get_function_configuration(FunctionName=_function(deployment, "Gate"))
        return GateSettings.from_environment(gate["Environment"]["Variables"]).minimum_cases
    except (ClientError, KeyError, SettingsError):
        # Slow to import, and hardly ever needed.
        from stacks.settings.evaluation import Gate

        named = configured(repository(), deployment.environment, "evaluation", "gate", "minimum_cases")
        return int(named or Gate().minimum_cases)


def _function(deployment: Deployment, state: str) -> str:
    """The function that a state of the training pipeline calls."""
    machine = deployment.output("TrainingStateMachineArn")
    described = deployment.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    return str(json.loads(described["definition"])["States"][state]["Arguments"]["FunctionName"])
