"""Hybrid search: both searches with the same filter, one ranking, reranked where that is asked for."""

import json
import math
from typing import Any

import pytest

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.aws.searching.hybrid import HybridSearch
from arbiter.aws.searching.retrieve import KnowledgeBase, passage_of
from arbiter.errors import KnowledgeBaseUnavailable
from tests.unit.arbiter.aws.stubs import stubbed
from tests.unit.arbiter.aws.wire import Wire, wire

RERANKER = "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0"
INDEX = "arn:aws:s3vectors:us-east-1:123456789012:bucket/vectors/index/passages-1"
TEAM = {"equals": {"key": "team", "value": "desk"}}
MEANT, TOLD = Passage("Pumps stop.", "s3://docs/a.md", 0.6), Passage("E-5032: no water.", "s3://docs/b.md", None)


def stored(*passages: Passage) -> dict[str, Any]:
    vectors = [
        {"key": str(number), "metadata": {"AMAZON_BEDROCK_TEXT": text, "x-amz-bedrock-kb-source-uri": uri}}
        for number, (text, uri, *_) in enumerate(passages)
    ]
    return {"vectors": vectors, "distanceMetric": "cosine"}


def search(options: Retrieval, store: Wire, *reranked: dict[str, Any], large: bool = False) -> list[Passage]:
    query = Query("What is E-5032?", 5, options)
    with stubbed("bedrock-agent-runtime") as (client, stubber):
        asked = {"numberOfResults": 40, **({"filter": options.filter} if options.filter else {})}
        results = [{"content": {"text": MEANT.text}, "location": {"type": "S3", "s3Location": {"uri": MEANT.uri}},
                    "score": MEANT.score}]  # fmt: skip
        stubber.add_response("retrieve", {"retrievalResults": results}, {
            "knowledgeBaseId": "KB12345678",
            "retrievalQuery": {"text": query.text},
            "retrievalConfiguration": {"vectorSearchConfiguration": asked},
        })  # fmt: skip
        for response in reranked:
            stubber.add_response("rerank", response)
        base = KnowledgeBase(client, "KB12345678", RERANKER, (store, INDEX), large_passages=large)
        return base.retrieve(query, 10.0)


def test_both_searches_see_the_same_filter_and_make_one_ranking() -> None:
    store = wire("s3vectors").play(stored(TOLD))

    assert search(Retrieval(search="hybrid", filter=TEAM), store) == [MEANT, TOLD]
    [body] = store.sent
    assert body == {
        "indexArn": INDEX,
        "topK": 40,
        "queryTexts": [{"text": "What is E-5032 5032", "metadataKey": "AMAZON_BEDROCK_TEXT"}],
        "returnMetadata": True,
        "filter": {"team": {"$eq": "desk"}},
    }


def test_what_both_find_is_reranked_together() -> None:
    scores = {"results": [{"index": 1, "relevanceScore": 0.9}, {"index": 0, "relevanceScore": 0.2}]}

    reranked = search(Retrieval(search="hybrid", rerank=True), wire("s3vectors").play(stored(TOLD)), scores)

    assert reranked == [TOLD._replace(score=0.9), MEANT._replace(score=0.2)]


@pytest.mark.parametrize(
    "results",
    [
        [{"index": 2, "relevanceScore": 0.9}],
        [{"index": -1, "relevanceScore": 0.9}],
        [{"index": 0, "relevanceScore": math.inf}],
        [{"index": 0, "relevanceScore": math.nan}],
        [{"index": 0}],
        [None],
        [],
        None,
    ],
)
def test_a_reranking_that_names_no_passage_is_unreadable(results: Any) -> None:
    client = wire("bedrock-agent-runtime").play({"results": results})
    words = wire("s3vectors").play(stored()), INDEX
    hybrid = HybridSearch(lambda *_: [MEANT], passage_of, words, client, RERANKER, large_passages=False)

    with pytest.raises(KnowledgeBaseUnavailable, match="names no passage"):
        hybrid.retrieve(Query("What is E-5032?", 5, Retrieval(rerank=True)), 10.0)


def test_a_passage_that_words_find_says_on_which_page_it_stands() -> None:
    body = stored(TOLD)
    body["vectors"][0]["metadata"]["x-amz-bedrock-kb-document-page-number"] = 7

    assert search(Retrieval(search="hybrid"), wire("s3vectors").play(body)) == [MEANT, TOLD._replace(page=7)]


def test_small_chunks_that_words_find_are_the_large_one_that_meaning_finds_too() -> None:
    body = stored(Passage("stop", MEANT.uri, None), Passage("Pumps", MEANT.uri, None), TOLD)
    for vector in body["vectors"][:2]:
        vector["metadata"]["AMAZON_BEDROCK_METADATA"] = json.dumps({"parentText": MEANT.text})

    assert search(Retrieval(search="hybrid"), wire("s3vectors").play(body), large=True) == [MEANT, TOLD]


@pytest.mark.parametrize("large", [True, False])
def test_what_stands_around_a_chunk_is_given_under_hierarchical_chunking_alone(large: bool) -> None:
    body, around = stored(TOLD), f"Before. {TOLD.text}"
    body["vectors"][0]["metadata"]["AMAZON_BEDROCK_METADATA"] = json.dumps({"parentText": around})

    told = search(Retrieval(search="hybrid"), wire("s3vectors").play(body), large=large)[1]
    assert told.text == (around if large else TOLD.text)


def test_a_search_by_words_that_fails_is_no_search_that_found_nothing() -> None:
    with pytest.raises(KnowledgeBaseUnavailable, match="the vector index passages-1"):
        search(Retrieval(search="hybrid"), wire("s3vectors").play({}, status=500))
