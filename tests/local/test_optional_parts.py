"""Parts that are off by default: a schedule, an API, a guardrail, and knowledge bases that AWS or others keep."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arbiter.aws.clients import Client
from arbiter.aws.edge.table import EdgeTable
from arbiter.edge.budgets import Budget, Spent, pico
from cli.console.backend import DeployedBackend
from cli.core.errors import CliError
from cli.local.permissions import denials
from cli.reporting.report import report
from cli.reporting.run.listing import list_runs
from cli.sync.synchronise import sync
from stacks.constructs.evaluation.schedule import CASES
from tests.local.api import Api
from tests.local.asking import acted, cited, invoke
from tests.local.deployed import Deployed, deploy_beside, deployed_with, synthesise
from tests.local.faults import faults_of
from tests.local.guarded import GUARDRAIL, SAUNA, STOPPED
from tests.local.knowledge_bases import look
from tests.local.schedules import bring_forward, ended
from tests.unit.arbiter.aws.stubs import session

pytestmark = pytest.mark.local

DAY = "2026-11-28"


@pytest.fixture(scope="module")
def optional(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks with these settings on; the API lets few requests through at once."""
    weekly = {"schedule": "rate(7 days)"}
    few = {"serve": "api", "stream": True, "requests_per_second": 0.1, "burst": 8}
    folder = tmp_path_factory.mktemp("optional")
    kept = {"store": "managed"}
    with deployed_with(root, folder, evaluation=weekly, edge=few, guardrail=GUARDRAIL, knowledge_base=kept) as deployed:
        yield deployed


def test_a_schedule_starts_an_evaluation_whose_run_is_listed_and_read(optional: Deployed, tmp_path: Path) -> None:
    deployment = optional.deployment
    cases = [{"question": f"How far is number {number}?", "reference": "Far."} for number in range(2)]
    deployment.client("s3").put_object(
        Bucket=deployment.output("ResultsBucketName"), Key=CASES, Body="\n".join(map(json.dumps, cases)).encode()
    )
    bring_forward(deployment)
    order = json.loads(ended(deployment)["input"])
    assert (order["cases_key"], order["started_by"]) == (CASES, "schedule")
    assert order["run"].startswith("at-")

    # The deployed schedule fires at once as well: the run that ended first is the one to look for.
    (listed,) = [one for one in list_runs(deployment) if one.run == order["run"]]
    assert (listed.run, listed.cases, listed.started_by, listed.summarised) == (order["run"], 2, "schedule", True)
    written = report(deployment, listed.run, out=tmp_path / "report.html")
    assert written.summary["cases"] == 2


def test_the_gate_refuses_before_a_function_runs_and_the_function_what_the_gate_cannot_know(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(usd=1.0))

    assert api.call("GET", "/health", key=None).code == "BAD_REQUEST_PARAMETERS"
    assert api.call("POST", "/ask", {"nothing": 1}, key=key).code == "BAD_REQUEST_BODY"
    assert api.call("GET", "/v2", key=key).code == "MISSING_AUTHENTICATION_TOKEN"
    asked = api.call("POST", "/v1/chat/completions", api.chat("base"), key=key)
    assert (asked.status, asked.body["model"]) == (200, "base")
    assert (api.call("POST", "/v1/chat/completions", api.chat("rag"), key=key).status) == 403
    (spent,) = (one for _, _, one in api.table.spent([api.kept(key)], datetime.now(UTC).date(), 1))
    assert spent == Spent(pico(float(asked.headers["x-arbiter-cost-usd"])), asked.body["usage"]["total_tokens"])
    assert api.call("GET", "/health", key=key).status == 200
    assert acted(optional, "Edge-FrontRole") >= {"dynamodb:GetItem"}
    assert acted(optional, "StreamRole") >= {"dynamodb:UpdateItem", "bedrock:InvokeModel"}


def test_an_answer_goes_out_while_it_is_written_and_one_that_breaks_off_says_so(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(tokens=10_000))
    whole = api.stream("/v1/chat/completions", {**api.chat("base"), "stream_options": {"include_usage": True}}, key=key)
    with faults_of(optional.aws) as faults:
        faults.order("stream", {"after": 4})
        broken = api.stream("/v1/responses", {"model": "base", "input": "Hello!"}, key=key)
    (spent,) = (one for _, _, one in api.table.spent([api.kept(key)], datetime.now(UTC).date(), 1))

    assert len([event for event in whole if event != "[DONE]" and event["choices"]]) > 3
    assert whole[-1] == "[DONE]"
    assert [event["type"] for event in broken[-2:]] == ["response.failed", "error"]
    assert broken[4]["type"] == "response.output_text.delta"
    assert 0 < spent.tokens - whole[-2]["usage"]["total_tokens"] < 1_000
    assert "bedrock:InvokeModelWithResponseStream" in acted(optional, "StreamRole")


def test_above_its_rate_the_api_asks_to_wait(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(tokens=1))
    answers = [api.call("GET", "/v1/models", key=key) for _ in range(10)]

    throttled = next(answer for answer in answers if answer.status == 429)
    assert (throttled.code, throttled.headers["retry-after"]) == ("THROTTLED", "2")


def test_the_table_lets_sixty_four_parallel_callers_spend_no_token_too_many(optional: Deployed) -> None:
    client = Client(session(), "dynamodb")
    client._client = optional.deployment.client("dynamodb", max_pool_connections=64)
    table = EdgeTable(client, optional.deployment.output("KeyTableName"))
    most, budget = Spent(7, 10), Budget(tokens=205)

    def spend(number: int) -> int | None:
        """The tokens that stay spent; `None` where there was no room."""
        if table.reserve("parallel", DAY, most, budget) is not None:
            return None
        if number % 2:
            table.settle("parallel", DAY, Spent(0, -3))
        return 7 if number % 2 else 10

    with ThreadPoolExecutor(64) as callers:
        granted = [tokens for tokens in callers.map(spend, range(128)) if tokens is not None]
    spent = table.reserve("parallel", DAY, most, Budget(tokens=0))
    assert spent == Spent(7 * len(granted), sum(granted))
    assert len(granted) >= 20
    assert spent.tokens <= 205


@pytest.fixture(scope="module")
def guarded(optional: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The same deployment with a document in it."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "sauna.md").write_text(SAUNA)
    assert sync(optional.deployment, folder).complete
    return optional


def test_a_managed_knowledge_base_answers_by_its_connector_and_says_what_it_cannot(guarded: Deployed) -> None:
    asked = {"question": "How is the sauna booked?", "mode": "rag"}
    reranked = invoke(guarded, {**asked, "retrieval": {"rerank": True}})

    assert cited(invoke(guarded, asked)) == cited(reranked) == ["sauna.md"]
    refused = invoke(guarded, {**asked, "retrieval": {"search": "semantic"}})["error"]
    assert refused["code"] == "invalid_request"
    assert "a managed knowledge base always searches by meaning and by words" in refused["message"]
    assert denials(guarded.aws.authorizations) == []


def test_a_knowledge_base_of_others_is_asked_and_never_filled(guarded: Deployed, root: Path, tmp_path: Path) -> None:
    theirs = guarded.deployment.output("KnowledgeBaseId")
    settings = {"existing": theirs, "store": "managed"}
    stacks = synthesise(root, tmp_path / "assembly", environment="aside", knowledge_base=settings)
    aside = deploy_beside(guarded, stacks, "aside", "Storage", "Inference")
    deployment = aside.deployment

    assert cited(invoke(aside, {"question": "How is the sauna booked?", "mode": "rag"})) == ["sauna.md"]
    (tmp_path / "page.md").write_text("A page of mine.")
    for attempt in (lambda: sync(deployment, tmp_path), DeployedBackend(deployment).documents):
        with pytest.raises(CliError, match=f"answers from the knowledge base {theirs}, which others made"):
            attempt()
    bucket = deployment.output("DocumentsBucketName")
    assert "Contents" not in deployment.client("s3").list_objects_v2(Bucket=bucket)
    looked = look(deployment, settings)
    assert looked.seen.startswith("ACTIVE, MANAGED over a store of its own, searched by meaning and words")
    assert looked.findings == ()


@pytest.mark.parametrize(("request_", "policy", "name"), STOPPED)
def test_what_the_guardrail_stops_is_told_by_its_reason(
    guarded: Deployed, request_: dict[str, Any], policy: str, name: str | None
) -> None:
    response = invoke(guarded, request_)
    assert response["answer"] == "This question cannot be answered here."
    assert response["stop_reason"] == "guardrail_intervened"
    assert response["guardrail"] == [{"stage": "input", "policy": policy, "name": name, "action": "blocked"}]
    assert response["usage"]["output_tokens"] == 0
    assert response["cost_usd"] > 0


def test_the_api_is_guarded_too(guarded: Deployed) -> None:
    api = Api(guarded)
    key = api.key(modes=("base",), budget=Budget(usd=1.0))
    asked = {**api.chat("base"), "messages": [{"role": "user", "content": "Say hush to me."}]}
    reply = api.call("POST", "/v1/chat/completions", asked, key=key)
    assert reply.body["choices"][0]["message"]["content"] == "This question cannot be answered here."
    assert reply.body["choices"][0]["finish_reason"] == "content_filter"


def test_personal_data_of_a_document_is_masked_in_the_answer_and_in_json(guarded: Deployed) -> None:
    asked = {"question": "Where do I write to book the sauna?", "mode": "rag"}
    schema = {"type": "object", "properties": {"address": {"type": "string"}}, "required": ["address"]}
    for form in ({"type": "text"}, {"type": "json", "schema": schema}):
        response = invoke(guarded, {**asked, "format": form})
        assert "{EMAIL}" in response["answer"], response
        assert "desk@example.com" not in response["answer"]
        masked = {"stage": "output", "policy": "sensitive_information", "name": "EMAIL", "action": "masked"}
        assert response["guardrail"] == [masked]


def test_the_router_calls_no_model_without_its_guardrail(guarded: Deployed) -> None:
    deployment = guarded.deployment
    functions, name = deployment.client("lambda"), deployment.output("RouterFunctionName")
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    guardrail = variables.pop("ARBITER_GUARDRAIL")
    assert guardrail.rpartition(":")[2].isdigit()
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    # The version in service has its settings still; this asks the one after it.
    answered = functions.invoke(FunctionName=name, Payload=json.dumps({"question": "Hi", "mode": "base"}).encode())
    assert json.loads(answered["Payload"].read())["error"]["code"] == "access_denied"
