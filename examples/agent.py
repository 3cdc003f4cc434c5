"""An agent in a few lines: it starts `arbiter mcp`, reads what tools there are, and uses them to answer.

    python examples/agent.py "How heavy is the packed Skarn 3?"

It stands in for an agent of yours, and so that it runs without a model it decides by one rule: it searches first, and
has the documents answer where one passage holds half of the question's longer words, else the base model alone. An
agent with a model gives the model the list of tools in place of that rule.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client

ARBITER = (shutil.which("arbiter") or "arbiter", "mcp")
LONG = 4
"""Letters of a word that says what a question is about."""


async def answer(question: str, command: tuple[str, ...] = ARBITER, folder: str | None = None) -> Mapping[str, Any]:
    """The response to a question, with the tools that were used on the way under `steps`."""
    # A server that an agent starts gets next to nothing of its environment: here all of it, AWS_PROFILE included.
    parameters = StdioServerParameters(command=command[0], args=list(command[1:]), env=dict(os.environ), cwd=folder)
    async with Client(stdio_client(parameters)) as agent:
        tools = {tool.name for tool in (await agent.list_tools()).tools}
        found = await _use(agent, "search", question=question) if "search" in tools else {"passages": []}
        about = any(_speaks_of(question, passage["text"]) for passage in found["passages"])
        response = await _use(agent, "ask", question=question, mode="rag" if about else "base")
    return {**response, "steps": ["search", f"ask {response['mode']}"]}


def _speaks_of(question: str, passage: str) -> bool:
    words = {word for word in re.findall(r"\w+", question.lower()) if len(word) >= LONG}
    return len(words & set(re.findall(r"\w+", passage.lower()))) * 2 >= len(words)


async def _use(agent: Client, tool: str, **arguments: Any) -> Mapping[str, Any]:
    result = await agent.call_tool(tool, arguments)
    if result.is_error:
        sys.exit(" ".join(getattr(part, "text", "") for part in result.content))
    content: Mapping[str, Any] = result.structured_content or {}
    return content


if __name__ == "__main__":
    response = asyncio.run(answer(" ".join(sys.argv[1:]) or "How heavy is the packed Skarn 3?"))
    print(response["answer"])  # noqa: T201
    for citation in response["citations"]:
        print(f"- {citation['uri']}")  # noqa: T201
    print(f"{', then '.join(response['steps'])}: ${response['cost_usd']:.6f}")  # noqa: T201
