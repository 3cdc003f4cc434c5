"""Parts that are off by default: a schedule, a guardrail, and knowledge bases that AWS or others keep."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.console.backend import DeployedBackend
from cli.core.errors import CliError
from cli.reporting.report import report
from cli.reporting.run.listing import list_runs
from cli.sync.synchronise import sync
from stacks.constructs.evaluation.schedule import CASES
from tests.local.asking import acted, cited, invoke
from tests.local.deployed import Deployed
from tests.local.guarded import STOPPED
from tests.local.knowledge_bases import look
from tests.local.schedules import bring_forward, ended

pytestmark = pytest.mark.local


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


def test_a_managed_knowledge_base_answers_by_its_connector_and_says_what_it_cannot(guarded: Deployed) -> None:
    asked = {"question": "How is the sauna booked?", "mode": "rag"}
    reranked = invoke(guarded, {**asked, "retrieval": {"rerank": True}})

    assert cited(invoke(guarded, asked))[0] == cited(reranked)[0] == "sauna.md"
    refused = invoke(guarded, {**asked, "retrieval": {"search": "semantic"}})["error"]
    assert refused["code"] == "invalid_request"
    assert "a managed knowledge base always searches by meaning and by words" in refused["message"]
    assert "bedrock:Retrieve" in acted(guarded, "local-Inference-RouterRole")
    assert acted(guarded, "local-KnowledgeBase-")


def test_a_knowledge_base_of_others_is_asked_and_never_filled(
    guarded: Deployed, aside: Deployed, tmp_path: Path
) -> None:
    theirs, deployment = guarded.deployment.output("KnowledgeBaseId"), aside.deployment

    assert cited(invoke(aside, {"question": "How is the sauna booked?", "mode": "rag"}))[0] == "sauna.md"
    (tmp_path / "page.md").write_text("A page of mine.")
    for attempt in (lambda: sync(deployment, tmp_path), DeployedBackend(deployment).documents):
        with pytest.raises(CliError, match=f"answers from the knowledge base {theirs}, which others made"):
            attempt()
    bucket = deployment.output("DocumentsBucketName")
    assert "Contents" not in deployment.client("s3").list_objects_v2(Bucket=bucket)
    looked = look(deployment, {"existing": theirs, "store": "managed"})
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
