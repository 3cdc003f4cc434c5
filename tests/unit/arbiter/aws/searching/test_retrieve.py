"""A call of Retrieve fits botocore's model; its results become passages."""

from typing import Any

import pytest

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.aws.searching.retrieve import KnowledgeBase, passage_of
from arbiter.errors import KnowledgeBaseUnavailable, Throttled
from tests.unit.arbiter.aws.stubs import stubbed

RERANKER = "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0"
S3 = {"type": "S3", "s3Location": {"uri": "s3://docs/a.md"}}


def result(text: str = "84 days.", **changes: Any) -> dict[str, Any]:
    return {"content": {"text": text}, "location": S3, "score": 0.8, **changes}


def retrieve(query: Query, results: list[dict[str, Any]], search: dict[str, Any]) -> list[Passage]:
    with stubbed("bedrock-agent-runtime") as (client, stubber):
        expected = {
            "knowledgeBaseId": "KB12345678",
            "retrievalQuery": {"text": query.text},
            "retrievalConfiguration": {"vectorSearchConfiguration": search},
        }
        stubber.add_response("retrieve", {"retrievalResults": results}, expected)
        return KnowledgeBase(client, "KB12345678", RERANKER).retrieve(query, 10.0)


def test_a_search_asks_for_as_many_results_as_wanted() -> None:
    passages = retrieve(Query("How early?", 5, Retrieval()), [result()], {"numberOfResults": 5})

    assert passages == [Passage("84 days.", "s3://docs/a.md", 0.8)]


def test_search_type_and_filter_are_bedrocks() -> None:
    chosen = {"equals": {"key": "team", "value": "desk"}}
    options = Retrieval(search="hybrid", filter=chosen)

    retrieve(Query("Q?", 3, options), [], {"numberOfResults": 3, "overrideSearchType": "HYBRID", "filter": chosen})


def test_a_reranker_chooses_from_more_than_it_keeps() -> None:
    reranking = {
        "type": "BEDROCK_RERANKING_MODEL",
        "bedrockRerankingConfiguration": {
            "modelConfiguration": {"modelArn": RERANKER},
            "numberOfRerankedResults": 30,
        },
    }

    retrieve(Query("Q?", 30, Retrieval(rerank=True)), [],
             {"numberOfResults": 100, "rerankingConfiguration": reranking})  # fmt: skip


def test_results_without_text_are_no_passages() -> None:
    image = {"content": {"type": "IMAGE", "byteContent": "data:"}, "location": S3}

    assert retrieve(Query("Q?", 5, Retrieval()), [image, result("")], {"numberOfResults": 5}) == []


@pytest.mark.parametrize(
    ("page", "read"), [(3.0, 3), (7, 7), (0, 0), (None, None), ("3", None), (-1, None), (1e300, None), (True, None)]
)
def test_a_passage_has_the_page_that_bedrock_counted(page: Any, read: int | None) -> None:
    metadata = {"metadata": {"x-amz-bedrock-kb-document-page-number": page}}

    assert retrieve(Query("Q?", 5, Retrieval()), [result(**metadata)], {"numberOfResults": 5})[0].page == read


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ({"location": {"type": "WEB", "webLocation": {"url": "https://a"}}}, "https://a"),
        ({"location": {"type": "CUSTOM", "customDocumentLocation": {"id": "doc-1"}}}, "doc-1"),
        ({"metadata": {"x-amz-bedrock-kb-source-uri": "s3://m"}}, "s3://m"),
        ({"location": {"type": "S3"}, "metadata": {"_source_uri": "https://m"}}, "https://m"),
        ({}, ""),
    ],
)
def test_a_passage_says_where_it_stands_whatever_its_source(source: dict[str, Any], uri: str) -> None:
    [passage] = retrieve(Query("Q?", 5, Retrieval()), [{"content": {"text": "x"}, **source}], {"numberOfResults": 5})

    assert passage == Passage("x", uri, None)


def test_every_kind_of_location_that_bedrock_knows_is_cited() -> None:
    with stubbed("bedrock-agent-runtime") as (client, _):
        kinds = client.botocore.meta.service_model.shape_for("RetrievalResultLocation").members
    for kind, shape in kinds.items():
        for name in getattr(shape, "members", ()):
            assert passage_of({"location": {"type": "X", kind: {name: "it"}}}).uri == "it", kind


@pytest.mark.parametrize(
    ("code", "error", "retryable"),
    [
        ("ThrottlingException", Throttled, True),
        ("ResourceNotFoundException", KnowledgeBaseUnavailable, False),
        ("BadGatewayException", KnowledgeBaseUnavailable, True),
        ("DependencyFailedException", KnowledgeBaseUnavailable, True),
        ("ConflictException", KnowledgeBaseUnavailable, True),
        ("InternalServerException", KnowledgeBaseUnavailable, True),
    ],
)
def test_failures_are_the_knowledge_bases(code: str, error: type[Throttled], retryable: bool) -> None:
    with stubbed("bedrock-agent-runtime") as (client, stubber):
        stubber.add_client_error("retrieve", code)
        with pytest.raises(error) as failed:
            KnowledgeBase(client, "KB12345678", None).retrieve(Query("Q?", 5, Retrieval()), 10.0)

    assert failed.value.retryable is retryable


def test_a_response_that_was_cut_is_no_empty_knowledge_base() -> None:
    with stubbed("bedrock-agent-runtime") as (client, _):
        client.call = lambda *_, **__: {}  # type: ignore[method-assign]
        with pytest.raises(KnowledgeBaseUnavailable, match="empty or cut"):
            KnowledgeBase(client, "KB12345678", None).retrieve(Query("Q?", 5, Retrieval()), 10.0)
