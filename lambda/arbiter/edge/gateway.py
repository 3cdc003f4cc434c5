"""The tool that AI agents call through an AgentCore Gateway, which hands its arguments to the router as its event."""

from collections.abc import Mapping
from typing import Any

TARGET, TOOL = "arbiter", "ask"
_NAMED = "bedrockAgentCoreToolName"
"""AgentCore developer guide, *gateway-add-target-lambda*: where the client context names the tool, behind that of the
target and three underscores (*gateway-tool-naming*; older pages show two)."""
_CALLED = (f"{TARGET}___{TOOL}", f"{TARGET}__{TOOL}")
_MEANS = {
    "auto": "the router chooses",
    "base": "the model alone",
    "rag": "with documents",
    "fine_tuned": "the tuned model",
    "combined": "the tuned model with documents",
}
_NESTED = {"filter": "retrieval", "max_cost_usd": "limits"}
"""An argument of the tool -> its block of the router's contract: models fill in flat objects best."""


def tool(*, tuned: bool) -> dict[str, Any]:
    """The tool's definition: name, description, and the schema of its arguments, as far as gateways know JSON schema.

    Args:
        tuned: whether there is a tuned model to answer.
    """
    meant = "; ".join(f"{mode}: {means}" for mode, means in _MEANS.items() if tuned or "tuned" not in means)
    properties = {
        "question": {"type": "string", "description": "The question, at most 20,000 characters."},
        "mode": {"type": "string", "description": f"How it is answered, auto by default. {meant}."},
        "filter": {
            "type": "object",
            "description": 'Only documents with this metadata: {"equals": {"key": "department", "value": "support"}}.',
        },
        "max_cost_usd": {"type": "number", "description": "US dollars that the answer may cost at the most."},
    }
    return {
        "name": TOOL,
        "description": "Answer a question about the owner's subject or documents, with citations, cost, and why so.",
        "inputSchema": {"type": "object", "properties": properties, "required": ["question"]},
    }


def request_of(event: object, context: object) -> object:
    """The request, in the router's contract, where the event holds a tool's arguments; else the event as it is."""
    named = getattr(getattr(context, "client_context", None), "custom", None)
    called = named.get(_NAMED) if isinstance(named, Mapping) else None
    if not isinstance(event, dict) or called not in _CALLED:
        return event
    # Models fill in what they leave out with null.
    request = {argument: value for argument, value in event.items() if value is not None}
    for argument, block in _NESTED.items():
        if argument in request and block not in request:
            request[block] = {argument: request.pop(argument)}
    return request
