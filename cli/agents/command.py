"""`arbiter mcp`: the deployment as tools of an AI agent."""

from importlib.util import find_spec

from cli.core.errors import CliError
from cli.core.options import EnvOption
from cli.core.output import reporting


def mcp(env: EnvOption = None) -> None:
    """Serve a deployment's tools to an AI agent, over standard input and output (MCP).

    The agent's program starts it, with your AWS credentials: docs/mcp.md. Needs the MCP SDK, once: `make mcp`.

    Examples:

    arbiter mcp

    arbiter mcp --env dev
    """
    with reporting(as_json=False):
        if find_spec("mcp") is None:
            raise CliError("The MCP SDK is not installed. Install it where Arbiter is: `make mcp`.", code="no_sdk")
        # Slow to import, and nothing else needs it.
        from cli.agents.server import server
        from cli.agents.toolbox import Toolbox

        server(Toolbox(env)).run("stdio")
