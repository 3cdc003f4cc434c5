"""Two stores that others made are arms of one evaluation, and nobody but an evaluation may search the other."""

import json
from pathlib import Path

import pytest

from cli.evaluation.run import evaluate
from tests.local.asking import acted, invoke
from tests.local.deployed import Deployed
from tests.local.knowledge_bases import Base

pytestmark = pytest.mark.local

ASKED = {"question": "How is the sauna booked?", "mode": "rag"}
FOLLOW_UP = {
    "question": "How is it booked?",
    "history": [{"role": "user", "text": "Is there a sauna?"}, {"role": "assistant", "text": "Yes, in the cellar."}],
    "document": "sauna.md",
}


def test_a_follow_up_is_asked_of_both_stores_rewritten_and_as_it_stands(aside: Deployed, tmp_path: Path) -> None:
    file, how = tmp_path / "cases.jsonl", ["default", "rewrite=true"]
    file.write_text(json.dumps(FOLLOW_UP))
    run = evaluate(aside.deployment, file, modes=["rag"], retrieval=how, knowledge_bases=["default", "store"])
    arms = {arm["name"]: arm for arm in run.summary["arms"]}
    costs = {name: arm["cost"]["total_usd"] or 0.0 for name, arm in arms.items()}

    assert run.complete
    assert list(arms) == ["rag", "rag.rewrite", "rag.store", "rag.store.rewrite"]
    assert [arm["citations"]["share"] for arm in arms.values()] == [1.0] * 4
    # A search of a managed knowledge base costs more than one elsewhere, and a rewriting more than none.
    assert costs["rag.rewrite"] > costs["rag"] > costs["rag.store.rewrite"] > costs["rag.store"] > 0
    assert arms["rag.rewrite"]["tokens"]["input"] > arms["rag"]["tokens"]["input"]
    assert any("nobody checked that it holds the same documents" in doubt for doubt in run.summary["doubts"])
    assert acted(aside, "aside-Evaluation-EngineAnswer") >= {"bedrock:Retrieve", "bedrock:InvokeModel"}


def test_nobody_but_an_evaluation_may_search_what_it_compares(aside: Deployed, searched: Base) -> None:
    refused = invoke(aside, {**ASKED, "knowledge_base": "store"})["error"]
    assert "knowledge_base: is not a known field" in refused["message"]

    client, name = aside.deployment.client("lambda"), aside.deployment.output("RouterFunctionName")
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    del variables["ARBITER_MANAGED_SEARCH"]
    variables["ARBITER_KNOWLEDGE_BASE_ID"] = searched.ids["knowledgeBaseId"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    # The version in service has its settings still; this asks the one after it.
    answered = client.invoke(FunctionName=name, Payload=json.dumps(ASKED).encode())
    assert json.loads(answered["Payload"].read())["error"]["code"] == "access_denied"
