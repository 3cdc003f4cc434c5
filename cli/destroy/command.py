"""`arbiter destroy`: everything of one environment deleted, and proof of what is left."""

import re
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import JsonOption, YesOption, completions
from cli.core.output import Output, reporting
from cli.core.project import configured, environments, repository
from cli.destroy.destruction import Destruction
from cli.destroy.survey import Survey, Surveyor
from cli.destroy.view import show_destroyed, show_survey
from stacks.settings.environment import LOCAL, Settings

ENVIRONMENT_NAME = re.compile(r"(?=.{1,24}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
"""As app.py wants it; an environment that was taken out of cdk.json can still be destroyed."""


def _well_formed(env: str | None) -> str | None:
    if env is None or ENVIRONMENT_NAME.fullmatch(env):
        return env
    raise typer.BadParameter(f"{env!r} cannot be an environment: use letters, digits and single hyphens.")


def destroy(
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME",
            callback=_well_formed,
            autocompletion=completions,
            help="An environment; by default `local` while a local AWS runs, else `dev`.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what there is, with its price a month.")
    ] = False,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Also the data of an environment that retains it: it cannot come back.")
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="NAME", help="The environment's name, typed beforehand.", show_default=False),
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete everything of an environment, models and leftovers included, and prove what is left.

    Stops jobs; deletes models and what hosts them, the stacks, and what those left behind. Works from any state, also
    without stacks, and touches nothing of another environment. Interrupted, it goes on when it is run again.

    An environment with "protection": "retained" wants its name typed, and keeps its data.

    Exits with 1 unless a last look shows that nothing is left.

    Examples:

    arbiter destroy --env dev --dry-run

    arbiter destroy --env dev --yes

    arbiter destroy --env prod --with-data --confirm prod
    """
    with reporting(as_json=as_json) as output:
        deployment = _deployment(env)
        known = environments(repository())
        if deployment.environment not in known:
            output.warn(f"cdk.json has no environment {deployment.environment}, but {', '.join(known)}.")
        retained = _retains(deployment)
        surveyor = Surveyor(deployment, keeps_data=retained and not with_data)
        with output.progress() as progress:
            progress("Looking at what there is")
            _require_account(deployment)
            survey = surveyor.look()
        if dry_run:
            document = {"environment": deployment.environment, "dry_run": True, **survey.dump()}
            output.result(document, lambda console: show_survey(console, deployment.environment, survey))
            raise typer.Exit(1 if survey.problems else 0)
        protected = retained or any(stack.protected for stack in survey.stacks)
        if survey.to_delete and not _agreed(output, deployment, survey, protected=protected, name=confirm, yes=yes):
            output.warn("Nothing was deleted.")
            raise typer.Exit(1)
        output.resume = "Some of it may be deleted. The same command goes on with the rest."
        with output.progress() as progress:
            result = Destruction(deployment, surveyor, progress).run(survey)
        output.result(result.dump(), lambda console: show_destroyed(console, result))
        if not result.clean:
            raise typer.Exit(1)


def _deployment(env: str | None) -> Deployment:
    """The deployment in the region that the settings deploy to: a look into another one proves nothing."""
    deployment, root = Deployment.find(env), repository()
    if deployment.environment == LOCAL or deployment.environment not in environments(root):
        return deployment
    default = str(Settings.model_fields["region"].default)
    return deployment.in_region(configured(root, deployment.environment, "region") or default)


def _retains(deployment: Deployment) -> bool:
    """Whether its data are retained; one that cdk.json does not know is treated so, for nobody said otherwise."""
    root, name = repository(), deployment.environment
    if name not in environments(root):
        return True
    return bool(configured(root, name, "protection") == "retained")


def _require_account(deployment: Deployment) -> None:
    """Refuse the credentials of another account than the settings name."""
    wanted = configured(repository(), deployment.environment, "account")
    if wanted is None:
        return
    account = deployment.client("sts").get_caller_identity()["Account"]
    if account != wanted:
        raise CliError(
            f"{deployment.environment} is deployed to the account {wanted} by cdk.json, and the credentials are of "
            f"{account}. Choose others with AWS_PROFILE; nothing was deleted.",
            code="other_account",
        )


def _agreed(
    output: Output, deployment: Deployment, survey: Survey, *, protected: bool, name: str | None, yes: bool
) -> bool:
    """Have the person agree: to what is protected by the environment's name, to anything else by a yes.

    Raises:
        CliError: another environment's name was given beforehand.
    """
    environment = deployment.environment
    if name not in (None, environment):
        raise CliError(
            f"--confirm names {name}, and this is {environment}; nothing was deleted.", code="other_environment"
        )
    return output.consent(
        lambda console: show_survey(console, environment, survey),
        f"Delete this in {environment} for good?",
        given=name == environment or (yes and not protected),
        word=environment if protected else None,
    )
