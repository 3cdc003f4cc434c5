"""The form in which AWS's managed knowledge bases are searched: always by meaning and by words, and reranked by AWS."""

import json
import re
from typing import Any
from urllib.parse import unquote

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query
from arbiter.aws.clients import Client

_HOST = r"https://(?:(?P<bucket>[a-z0-9][a-z0-9.-]+)\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?/(?P<path>.+)"
_EVENT = "bedrock-agent-runtime.Retrieve"


def managed_search(query: Query, rerank_model: str | None) -> dict[str, Any]:
    """`retrievalConfiguration` of one search.

    AWS's own reranking is part of the price; a request that asks for reranking gets the configured model's instead.
    """
    search: dict[str, Any] = {"numberOfResults": query.read, "rerankingModelType": "MANAGED"}
    if query.options.filter is not None:
        search["filter"] = query.options.filter
    if query.options.rerank:
        search["rerankingModelType"] = "CUSTOM"
        search["rerankingConfiguration"] = {
            "type": "BEDROCK_RERANKING_MODEL",
            "bedrockRerankingConfiguration": {
                "modelConfiguration": {"modelArn": rerank_model},
                "numberOfRerankedResults": query.results,
            },
        }
    return {"managedSearchConfiguration": search}


def prepared(client: Client) -> Client:
    """The client, able to send that form though the runtime's botocore may be too old to know it."""
    events = client.ready().botocore.meta.events
    events.register(f"before-parameter-build.{_EVENT}", _set_aside, "arbiter-aside")
    events.register(f"before-call.{_EVENT}", _put_into_body, "arbiter-body")
    return client


def addressed(passage: Passage) -> Passage:
    """The passage with the address of its object as `s3://`: managed knowledge bases give that of a web page."""
    found = re.fullmatch(_HOST, passage.uri)
    if not found:
        return passage
    path = unquote(found["path"])
    return passage._replace(uri=f"s3://{found['bucket']}/{path}" if found["bucket"] else f"s3://{path}")


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["retrieval"] = params.pop("retrievalConfiguration")


def _put_into_body(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["body"] = json.dumps({**json.loads(params["body"]), "retrievalConfiguration": context["retrieval"]}).encode()
