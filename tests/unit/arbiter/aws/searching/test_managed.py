"""A managed knowledge base is searched in the form that botocore models, by a runtime that need not know it."""

from typing import Any

import pytest
from botocore.validate import ParamValidator

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.aws.searching.managed import addressed
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.errors import InvalidRequest
from tests.unit.arbiter.aws.wire import Wire, wire

RERANKER = "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0"
TEAM = {"equals": {"key": "team", "value": "desk"}}
FOUND = {
    "content": {"type": "TEXT", "text": "84 days."},
    "location": {"type": "S3", "s3Location": {"uri": "https://docs.s3.amazonaws.com/tents/a%20b.md"}},
    "score": 0.5,
    "metadata": {"_source_uri": "https://docs.s3.amazonaws.com/tents/a%20b.md"},
}


def searched(options: Retrieval, sent_by: Wire) -> dict[str, Any]:
    """The search that is sent, which botocore has to accept by its own model."""
    sent_by.play({"retrievalResults": [FOUND]})
    knowledge_base = KnowledgeBase(sent_by, "KB12345678", RERANKER, managed=True)
    assert knowledge_base.retrieve(Query("Of tents. " * 1_999 + "How early?", 3, options), 10.0) == [
        Passage("84 days.", "s3://docs/tents/a b.md", 0.5)
    ]
    [body] = sent_by.sent
    assert body["retrievalQuery"]["text"] == "Of tents. " * 999 + "How early?"
    shape = sent_by.botocore.meta.service_model.operation_model("Retrieve").input_shape
    assert not ParamValidator().validate({"knowledgeBaseId": "KB12345678", **body}, shape).has_errors()
    search: dict[str, Any] = body["retrievalConfiguration"]["managedSearchConfiguration"]
    return search


def test_awss_own_reranking_is_asked_for_unless_a_request_asks_for_the_models() -> None:
    client = wire("bedrock-agent-runtime")

    assert searched(Retrieval(search="hybrid", filter=TEAM), client) == {
        "numberOfResults": 3,
        "rerankingModelType": "MANAGED",
        "filter": TEAM,
    }
    reranked = searched(Retrieval(rerank=True), client)
    assert (reranked["numberOfResults"], reranked["rerankingModelType"]) == (12, "CUSTOM")
    chosen = reranked["rerankingConfiguration"]["bedrockRerankingConfiguration"]
    assert chosen == {"modelConfiguration": {"modelArn": RERANKER}, "numberOfRerankedResults": 3}


def test_what_bedrock_refuses_is_told_in_its_own_sentence() -> None:
    sentence = "Incompatible configuration: managedSearchConfiguration is only supported for managed knowledge bases."
    client = wire("bedrock-agent-runtime").play({"__type": "ValidationException", "message": sentence}, status=400)

    with pytest.raises(InvalidRequest, match="only supported for managed knowledge bases"):
        KnowledgeBase(client, "KB12345678", None, managed=True).retrieve(Query("Q?", 3, Retrieval()), 10.0)


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("https://docs.s3.us-west-2.amazonaws.com/a.md", "s3://docs/a.md"),
        ("https://s3.us-west-2.amazonaws.com/docs/a/b.md", "s3://docs/a/b.md"),
        ("s3://docs/a%20b.md", "s3://docs/a%20b.md"),
        ("https://example.com/docs.s3.amazonaws.com/a.md", "https://example.com/docs.s3.amazonaws.com/a.md"),
    ],
)
def test_an_object_has_one_address_whoever_names_it(address: str, uri: str) -> None:
    assert addressed(Passage("Text.", address, None)).uri == uri
