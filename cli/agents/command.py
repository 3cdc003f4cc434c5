"""`arbiter mcp`: the deployment as tools of an AI agent."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.core.errors import CliError
from cli.core.options import EnvOption
from cli.core.output import reporting

PASSED_ON = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
"""Settings that an agent's program keeps from a server unless they are named; no secret is among them."""


def mcp(
    env: EnvOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the entry for an agent's list of servers, as JSON, and end.")
    ] = False,
) -> None:
    """Serve a deployment's tools to an AI agent, over standard input and output (MCP).

    The agent's program starts it, with your AWS credentials: docs/mcp.md. Needs the MCP SDK, once: `make mcp`.

    Examples:

    arbiter mcp --env dev --json

    arbiter mcp --env dev
    """
    with reporting(as_json=as_json) as output:
        if as_json:
            output.result(_entry(env), lambda console: None)
            return
        if find_spec("mcp") is None:
            raise CliError("The MCP SDK is not installed. Install it where Arbiter is: `make mcp`.", code="no_sdk")
        # Slow to import, and nothing else needs it.
        from cli.agents.server import server
        from cli.agents.toolbox import Toolbox

        server(Toolbox(env)).run("stdio")


def _entry(env: str | None) -> dict[str, Any]:
    """The entry by which most programs find a server, for this installation and its AWS settings."""
    program = Path(sys.executable).with_name("arbiter")
    settings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    started = {"command": str(program), "args": ["mcp", *(("--env", env) if env else ())]}
    return {"mcpServers": {"arbiter": {**started, **({"env": settings} if settings else {})}}}
