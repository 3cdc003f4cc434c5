"""The cost of a training and the demands of its gate, as they were deployed: known before anything is sent."""

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from arbiter.settings import SettingsError
from arbiter.settings.tuning import GateSettings, PlaceModelSettings
from arbiter.tuned_models.training.record import Cost
from arbiter.tuned_models.training.request import gate_arms
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError, call, invoke
from cli.core.project import configured, repository
from cli.reporting.figures.numbers import dollars


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


def gate_cost(deployment: Deployment, run: str, questions_key: str, *, accept_unknown_cost: bool) -> str:
    """The most that the evaluation of a gate may take, in words; empty for who may not ask.

    Raises:
        CliError: it would be refused, once the training is paid for.
    """
    # The model in service is compared in the same mode: the two cost alike, and which of them it is, is known later.
    arms = gate_arms(_gate_mode(deployment), in_service=False)
    order = {"run": f"{run}-gate", "cases_key": questions_key, "arms": arms, "native_jobs": False}
    try:
        planned = call(
            deployment,
            "PlanFunctionArn",
            {**order, "accept_unknown_cost": accept_unknown_cost, "estimate_only": True},
        )
    except FunctionError as error:
        raise CliError(
            f"Nothing was trained, for its gate's evaluation would be refused: {error}", code=error.code
        ) from error
    except ClientError:
        return ""
    usd = planned["estimate"]["usd"]
    return f"Its gate's evaluation: {'at an unknown price' if usd is None else f'at most {dollars(usd)}'}"


def questions_demanded(deployment: Deployment) -> int:
    """How many questions the deployed gate demands; as `cdk.json` says for who may not read its settings."""
    try:
        return GateSettings.from_environment(_environment(deployment, "Gate")).minimum_cases
    except (ClientError, KeyError, SettingsError):
        # Slow to import, and hardly ever needed.
        from stacks.settings.evaluation import Gate

        named = configured(repository(), deployment.environment, "evaluation", "gate", "minimum_cases")
        return int(named or Gate().minimum_cases)


def _gate_mode(deployment: Deployment) -> str:
    try:
        return PlaceModelSettings.from_environment(_environment(deployment, "Place")).gate_mode
    except (ClientError, KeyError, SettingsError):
        from stacks.settings.evaluation import Gate

        return str(configured(repository(), deployment.environment, "evaluation", "gate", "mode") or Gate().mode)


def _environment(deployment: Deployment, state: str) -> dict[str, str]:
    """The variables of the function that a state calls."""
    name = _function(deployment, state)
    configuration = deployment.client("lambda").get_function_configuration(FunctionName=name)
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return variables


def _function(deployment: Deployment, state: str) -> str:
    """The function that a state of the training pipeline calls."""
    machine = deployment.output("TrainingStateMachineArn")
    described = deployment.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    return str(json.loads(described["definition"])["States"][state]["Arguments"]["FunctionName"])
