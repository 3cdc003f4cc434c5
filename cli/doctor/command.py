"""`arbiter doctor`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.core.project import repository
from cli.doctor.examination import Examiner
from cli.doctor.view import show_diagnosis


def doctor(
    calls: Annotated[
        bool, typer.Option("--calls/--no-calls", help="Ask each model for one token, which is paid for.")
    ] = True,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at tools, account, models, quotas and deployment; say what to mend, and how.

    It changes nothing; but any first call of a third party's model subscribes the account, where the caller may
    subscribe: --no-calls leaves the calls out. Exits with 1 where a finding blocks. What could not be looked at is
    told as not checked, with the reason.

    Examples:

    arbiter doctor

    arbiter doctor --env dev --json

    arbiter doctor --env prod --no-calls
    """
    with reporting(as_json=as_json) as output:
        root = repository()
        with output.progress() as progress:
            examiner = Examiner(
                root=root,
                deployment=Deployment.find(env, root),
                now=datetime.now(UTC),
                calls=calls,
                progress=progress,
            )
            diagnosis = examiner.examine()
        output.result(diagnosis.dump(), lambda console: show_diagnosis(console, diagnosis))
        raise typer.Exit(1 if diagnosis.blocked else 0)
