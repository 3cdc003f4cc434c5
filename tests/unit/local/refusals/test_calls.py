"""Single calls that AWS refuses are refused here: conversations, texts to embed, vectors, objects, policies."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.refusals import ranges, requests
from local.emulator.refusals.calls import conversations, invocations, objects, vectors

ASKED = {"role": "user", "content": [{"text": "How often?"}]}
SCHEMA = {"json": {"type": "object"}}
TOOL = {"toolSpec": {"name": "answer", "inputSchema": SCHEMA}}
USED = {"role": "assistant", "content": [{"toolUse": {"toolUseId": "1", "name": "answer", "input": {}}}]}
GIVEN = {"role": "user", "content": [{"toolResult": {"toolUseId": "1", "content": [{"text": "x"}]}}]}
TOOLS = {"toolConfig": {"tools": [TOOL]}}
CONVERSATION = {"system": [{"text": "Be brief."}], "messages": [ASKED, USED, GIVEN], **TOOLS}
ASKING, SEARCH = {"retrievalQuery": {"text": "How often?"}}, "vectorSearchConfiguration"
PUT = {"x-amz-meta-hash": "a" * 2_000}
NOW = datetime.now(UTC)


def signed(seconds: int, ago: int = 0) -> dict[str, Any]:
    """The query of an address signed for some time, some time ago."""
    return {"X-Amz-Date": [f"{NOW - timedelta(seconds=ago):%Y%m%dT%H%M%SZ}"], "X-Amz-Expires": [str(seconds)]}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "assistant", "content": [{"text": "Yes."}]}, ASKED]}, "start with a user message"),
        ({"messages": [ASKED, ASKED]}, "must alternate"),
        ({"messages": [ASKED, USED]}, "end with a user message"),
        ({"messages": [{**ASKED, "content": []}]}, "messages.0 is empty"),
        ({"messages": [{**ASKED, "content": [{}]}]}, "must set one of its members"),
        ({"messages": [{**ASKED, "content": [{"text": "a"}, {"text": " "}]}]}, "messages.0.content.1 is blank"),
        ({"system": [{"text": "\n"}]}, "system.0 is blank"),
        ({"toolConfig": None}, "toolConfig field must be defined"),
        ({"toolConfig": {"tools": [TOOL, TOOL]}}, "names must be unique"),
        ({"toolConfig": {"tools": [{"toolSpec": {"name": "a", "inputSchema": {"json": {}}}}]}}, "following: object"),
        (
            {"messages": [ASKED, USED, ASKED]},
            "Expected toolResult blocks at messages.2.content for the following Ids: 1",
        ),
        ({"messages": [GIVEN]}, "exceeds the number of toolUse blocks"),
    ],
)
def test_a_conversation_that_bedrock_refuses_is_refused(changed: dict[str, Any], refusal: str) -> None:
    conversations.check(CONVERSATION)
    with pytest.raises(ServiceError, match=refusal):
        conversations.check(CONVERSATION | changed)


@pytest.mark.parametrize(
    ("body", "tokens", "refusal"),
    [
        ({"inputText": "a", "dimension": 256}, 1, r"extraneous key \[dimension\]"),
        ({"inputText": ""}, 0, "must be a text"),
        ({"inputText": "a" * 50_001}, 9, "expected maxLength: 50000, actual: 50001"),
        ({"inputText": "a"}, 8_193, "Too many input tokens. Max input tokens: 8192"),
        ({"inputText": "a", "dimensions": 300}, 1, "dimensions must be one of"),
    ],
)
def test_a_text_that_titan_refuses_is_refused(body: dict[str, Any], tokens: int, refusal: str) -> None:
    invocations.check_embedding({"inputText": "a" * 50_000, "normalize": True}, (256, 512, 1024), 8_192)
    with pytest.raises(ServiceError, match=refusal):
        invocations.check_embedding(body, (256, 512, 1024), tokens)


@pytest.mark.parametrize(
    ("changed", "versioned", "refusal"),
    [
        ({}, True, r"required key \[api_version\]"),
        ({"query": ""}, False, "expected minLength: 1"),
        ({"documents": []}, False, "found: 0"),
        ({"documents": ["a"] * 1_001}, False, "found: 1001"),
        ({"top_n": 0}, False, "not greater or equal to 1"),
    ],
)
def test_what_cannot_be_reranked_is_refused(changed: dict[str, Any], versioned: bool, refusal: str) -> None:
    body = {"query": "a", "documents": ["a"] * 1_000}
    invocations.check_reranking({**body, "api_version": 2}, versioned=True)
    with pytest.raises(ServiceError, match=refusal):
        invocations.check_reranking(body | changed, versioned=versioned)


def test_vectors_have_numbers_and_a_direction() -> None:
    vectors.check_vector([0.0, 0.0], "euclidean")
    vectors.check_vector([0.0, 0.1], "cosine")
    for numbers in ([0.0, 0.0], [float("nan"), 1.0], [1e39, 1.0]):
        with pytest.raises(ServiceError, match=r"Zero vectors|NaN or Infinity"):
            vectors.check_vector(numbers, "cosine")


@pytest.mark.parametrize("metadata", [{f"k{n}": 1 for n in range(51)}, {"a": {"b": 1}}, {"a": None}, {"a": [["b"]]}])
def test_metadata_are_few_and_flat(metadata: dict[str, Any]) -> None:
    vectors.check_metadata({"text": "a", "year": 2026, "old": False, "teams": ["a", "b"]})
    with pytest.raises(ServiceError, match="Metadata"):
        vectors.check_metadata(metadata)


@pytest.mark.parametrize(
    "condition", [{"a": {"$like": "b"}}, {"a": {"$gt": "b"}}, {"a": {"$in": "b"}}, {"$and": []}, {"$not": [{"a": 1}]}]
)
def test_a_filter_that_s3_vectors_does_not_know_is_refused(condition: dict[str, Any]) -> None:
    vectors.check_filter({"$and": [{"a": "b"}, {"n": {"$gte": 1, "$lt": 5}}, {"c": {"$in": ["d"]}}]})
    with pytest.raises(ServiceError, match="Invalid query filter"):
        vectors.check_filter(condition)


@pytest.mark.parametrize(
    ("code", "method", "path", "headers", "raw", "query"),
    [
        ("KeyTooLongError", "PUT", "/b/" + "%C3%A9" * 513, {}, b"", {}),
        ("MetadataTooLarge", "PUT", "/b/k", {"x-amz-meta-hash": "a" * 2_045}, b"", {}),
        ("InvalidRequest", "PUT", "/b/k", {"x-amz-copy-source": "b/k"}, b"", {}),
        ("MalformedXML", "POST", "/b", {}, b"<Object>" * 1_001, {"delete": [""]}),
        ("AccessDenied", "GET", "/b/k", {}, b"", signed(60, ago=90)),
        ("AccessDenied", "GET", "/b/k", {}, b"", {"Signature": ["s"], "Expires": ["1"]}),
        ("AuthorizationQueryParametersError", "GET", "/b/k", {}, b"", signed(604_801)),
    ],
)
def test_a_request_that_s3_refuses_is_refused(
    code: str, method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]
) -> None:
    objects.check("PUT", "/b/" + "k" * 1_024, PUT, b"", {})
    objects.check("PUT", "/b/k", {"x-amz-copy-source": "b/k", "x-amz-metadata-directive": "REPLACE"}, b"", {})
    objects.check("POST", "/b", {}, b"<Object>" * 1_000, {"delete": [""]})
    objects.check("GET", "/b/k", {}, b"", signed(604_800, ago=90))
    with pytest.raises(ServiceError) as raised:
        objects.check(method, path, headers, raw, query)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("bedrock-agent-runtime", "Retrieve", ASKING | {"retrievalConfiguration": {SEARCH: {"numberOfResults": 101}}}),
        ("bedrock-agent-runtime", "Retrieve", ASKING | {"retrievalConfiguration": {SEARCH: {"numberOfResults": "x"}}}),
        ("bedrock-runtime", "Converse", {"toolConfig": {"tools": []}}),
        ("bedrock-runtime", "Converse", {"performanceConfig": {"latency": "fast"}}),
        ("bedrock-runtime", "Converse", {"requestMetadata": {f"k{n}": "v" for n in range(17)}}),
        ("s3vectors", "GetVectors", {"keys": []}),
        ("s3vectors", "PutVectors", {"vectors": [{"key": "", "data": {"float32": [1.0]}}]}),
        ("bedrock-agent", "ListIngestionJobs", {"maxResults": 1_001}),
    ],
)
def test_what_is_asked_is_held_to_the_model_of_its_api(service: str, operation: str, body: dict[str, Any]) -> None:
    named = {"modelId": "m", "knowledgeBaseId": "ABCDEFGHIJ", "dataSourceId": "ABCDEFGHIJ"}
    requests.check("bedrock-agent-runtime", "Retrieve", ASKING, named)
    requests.check("bedrock-runtime", "Converse", {"guardrailConfig": {"guardrailIdentifier": "gr-1"}}, named)
    with pytest.raises(ServiceError, match="validation error"):
        requests.check(service, operation, body, named)


def test_a_policy_has_the_size_that_iam_gives_it() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a" * 9] * 150}
    text = json.dumps({"Statement": [statement]}, indent=4)
    ranges.check_document("CreatePolicy", text)
    with pytest.raises(ServiceError, match="Cannot exceed quota for ACLSizePerRole: 2048"):
        ranges.check_document("CreateRole", text.replace("aaa", "aaaa"))
