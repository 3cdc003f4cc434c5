"""One call that a model takes finds out whether it may be called; a body that it does not take is no refusal."""

import json
from typing import Any

import pytest

from arbiter.answering.access import access_through
from arbiter.aws.searching.any_model import AnyModel
from tests.unit.arbiter.aws.stubs import stubbed

NOT_SUBSCRIBED = "Model access is denied: aws-marketplace:Subscribe is required."


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("amazon.titan-embed-text-v2:0", {"inputText": "Hi"}),
        ("cohere.embed-v4:0", {"texts": ["Hi"], "input_type": "search_query"}),
        ("cohere.rerank-v3-5:0", {"query": "Hi", "documents": ["Hi"], "top_n": 1, "api_version": 2}),
        ("amazon.rerank-v1:0", {"query": "Hi", "documents": ["Hi"], "top_n": 1}),
    ],
)
def test_a_model_that_writes_nothing_is_sent_its_smallest_body(model: str, body: dict[str, Any]) -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        answer: dict[str, Any] = {"body": b"{}", "contentType": "application/json"}
        stubber.add_response("invoke_model", answer, {"modelId": model, "body": json.dumps(body)})
        assert access_through(AnyModel(client))([model]) == []
        stubber.assert_no_pending_responses()


def test_a_reranker_without_a_subscription_is_refused_with_the_call_that_subscribes_it() -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error("invoke_model", "AccessDeniedException", NOT_SUBSCRIBED, 403)
        (refusal,) = access_through(AnyModel(client))(["cohere.rerank-v3-5:0"])
    assert "`aws bedrock-runtime invoke-model --model-id cohere.rerank-v3-5:0 " in refusal


def test_a_body_that_a_model_wants_otherwise_stops_no_run() -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error("invoke_model", "ValidationException", "Malformed input request: #: required key", 400)
        assert access_through(AnyModel(client))(["amazon.titan-embed-text-v2:0"]) == []


def test_an_embedding_model_of_unknown_requests_is_left_to_the_run() -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        assert access_through(AnyModel(client))(["amazon.nova-2-multimodal-embeddings-v1:0"]) == []
        stubber.assert_no_pending_responses()


def test_a_model_that_writes_is_asked_by_converse() -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error("converse", "ResourceNotFoundException", "Model use case details are missing.", 404)
        (refusal,) = access_through(AnyModel(client))(["us.anthropic.claude"])
    assert "put-use-case-for-model-access" in refusal
