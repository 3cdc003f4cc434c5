"""An MCP client gets the deployment's tools, their results, and every error as a sentence."""

import asyncio
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.response import StreamingBody

from cli.agents import command
from cli.agents.toolbox import Toolbox
from tests.unit.cli.core.invoked import INVALID, RESPONSE, answer, run
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

NEAREST = {
    "content": {"text": "The Skarn 3 weighs 2.9 kg."},
    "location": {"type": "S3", "s3Location": {"uri": "s3://documents/tent.md"}},
    "score": 0.8,
}


@pytest.fixture
def deployment() -> StubbedDeployment:
    return StubbedDeployment()


def client_of(deployment: StubbedDeployment) -> Any:
    """A client of the deployment's server, whose SDK takes seconds to import: not where a test is merely collected."""
    from mcp import Client

    from cli.agents.server import server

    return Client(server(Toolbox(deployment=deployment)))


def use(deployment: StubbedDeployment, tool: str, **arguments: Any) -> Any:
    """A tool's result as a client gets it: its object, or the text of its error."""

    async def called() -> Any:
        async with client_of(deployment) as client:
            result = await client.call_tool(tool, arguments)
            [content] = result.content
            return getattr(content, "text", "") if result.is_error else result.structured_content

    return asyncio.run(called())


def test_every_tool_is_described_with_its_arguments_and_changes_nothing(deployment: StubbedDeployment) -> None:
    async def listed() -> Any:
        async with client_of(deployment) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert list(tools) == ["ask", "compare", "search", "evaluations", "advice"]
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    mode = tools["ask"].input_schema["properties"]["mode"]
    assert (mode["default"], set(mode["enum"])) == ("auto", {"auto", "base", "rag", "fine_tuned", "combined"})


def test_a_question_is_asked_with_mode_filter_and_limit(deployment: StubbedDeployment) -> None:
    sent: dict[str, Any] = {}
    answer(deployment, RESPONSE)
    deployment.client("lambda").meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: sent.update(json.loads(params["Payload"]))
    )
    narrowed = {"equals": {"key": "team", "value": "desk"}}
    assert use(deployment, "ask", question="How heavy?", mode="rag", filter=narrowed, max_cost_usd=0.01) == RESPONSE
    assert sent == {
        "question": "How heavy?",
        "mode": "rag",
        "retrieval": {"filter": narrowed},
        "limits": {"max_cost_usd": 0.01},
    }


def test_a_comparison_holds_answers_and_errors_side_by_side(deployment: StubbedDeployment) -> None:
    for payload in (RESPONSE, RESPONSE, INVALID, INVALID, RESPONSE):
        answer(deployment, payload)
    replies = use(deployment, "compare", question="How heavy?")["replies"]
    assert [(one["mode"], one["error"] is None) for one in replies] == [
        ("base", True),
        ("rag", True),
        ("fine_tuned", False),
        ("combined", False),
        ("auto", True),
    ]


def test_passages_are_found_without_a_model(deployment: StubbedDeployment) -> None:
    search = {"numberOfResults": 2, "filter": {"equals": {"key": "team", "value": "desk"}}}
    asked = {
        "knowledgeBaseId": OUTPUTS["KnowledgeBaseId"],
        "retrievalQuery": {"text": "How heavy?"},
        "retrievalConfiguration": {"vectorSearchConfiguration": search},
    }
    deployment.stub("bedrock-agent-runtime").add_response("retrieve", {"retrievalResults": [NEAREST]}, asked)
    found = use(deployment, "search", question="How heavy?", results=2, filter=search["filter"])
    nearest = {"text": "The Skarn 3 weighs 2.9 kg.", "uri": "s3://documents/tent.md", "score": 0.8, "page": None}
    assert found["passages"] == [nearest]


def test_a_run_is_told_by_what_it_concludes(deployment: StubbedDeployment) -> None:
    plan: Mapping[str, Any] = {"run": "first", "started_at": "2026-11-28T10:00:00+00:00"}
    for document in (plan, {"run": "first", "conclusion": ["rag wins."], "doubts": ["Ten questions are few."]}):
        body = json.dumps(document).encode()
        deployment.stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))})
    told = use(deployment, "evaluations", run="first")
    assert (told["conclusion"], told["doubts"]) == (["rag wins."], ["Ten questions are few."])


def test_advice_asks_names_every_wrong_answer_and_decides(deployment: StubbedDeployment) -> None:
    names = [one["name"] for one in use(deployment, "advice")["questions"]]
    assert {"requirements", "corpus"} <= set(names)
    refused = use(deployment, "advice", answers={"reqirements": 3, "corpus": "huge"})
    assert "reqirements is no question; did you mean requirements?" in refused
    assert "corpus is 'huge' (allowed: " in refused
    assert use(deployment, "advice", answers={"requirements": ["facts"], "corpus": "large"})["recommendation"]


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("search", {"question": ""}, "question"),
        ("search", {"question": "a", "filter": {"team": {"is": 1}}}, "retrieval.filter"),
        ("evaluations", {"run": "../x"}, "The run '../x' has no good name"),
        ("advice", {"answers": {}, "run": "/etc/passwd"}, "The run '/etc/passwd' has no good name"),
        ("ask", {"question": "a", "mode": "ragg"}, "'fine_tuned' or 'combined'"),
    ],
)
def test_what_is_wrong_with_a_call_is_told_before_aws_is_asked(
    deployment: StubbedDeployment, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    assert sentence in use(deployment, tool, **arguments)


def test_errors_of_the_router_and_of_aws_are_sentences(deployment: StubbedDeployment) -> None:
    answer(deployment, INVALID)
    assert use(deployment, "ask", question="a").endswith("The request is not valid. [invalid_request]")
    message = "User: arn:jo is not authorized to perform: bedrock:Retrieve on resource: arn:kb"
    deployment.stub("bedrock-agent-runtime").add_client_error("retrieve", "AccessDeniedException", message, 403)
    told = use(deployment, "search", question="a")
    assert "arn:jo may not bedrock:Retrieve on arn:kb. Grant that action" in told


def test_without_the_sdk_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    ended = run("mcp")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "The MCP SDK is not installed. Install it where Arbiter is: `make mcp`." in ended.stderr


def test_the_entry_for_an_agent_s_program_names_profile_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, name)
    entry = json.loads(run("mcp", "--env", "dev", "--json").stdout)["mcpServers"]["arbiter"]
    assert entry["args"] == ["mcp", "--env", "dev"]
    assert entry["env"]["AWS_PROFILE"] == "AWS_PROFILE"
    assert "AWS_SECRET_ACCESS_KEY" not in entry["env"]
