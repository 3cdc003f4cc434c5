"""A command line that is invoked, and the functions that answer it."""

import io
import json
from typing import Any

from botocore.response import StreamingBody
from typer.testing import CliRunner

from arbiter.answering.serving.document import Response
from cli.app import app
from tests.unit.cli.fakes import StubbedDeployment

RESPONSE: Response = {
    "answer": "It weighs [2.9] kilograms.",
    "mode": "rag",
    "requested_mode": "auto",
    "decision": None,
    "citations": [
        {
            "text": "…",
            "uri": "s3://documents/guides/tent.md",
            "score": 0.71,
            "document": "guides/tent.md",
            "page": None,
            "section": None,
        }
    ],
    "model": "amazon.nova-micro-v1:0",
    "usage": {"input_tokens": 1200, "output_tokens": 9, "cached_tokens": 0, "cache_write_tokens": 0},
    "latency_ms": {"route": 0.1, "retrieve": 20, "generate": 30, "total": 50.1},
    "cost_usd": 0.00004,
    "degraded": ["no tuned model"],
    "stop_reason": "end_turn",
    "request_id": "r",
}
INVALID = {
    "error": {
        "code": "invalid_request",
        "message": "The request is not valid.",
        "problems": [{"path": "retrieval.results", "problem": "is 0", "allowed": "1 to 100"}],
        "retryable": False,
        "request_id": "r",
    }
}


def answer(deployment: StubbedDeployment, payload: Any, **others: Any) -> None:
    body = json.dumps(payload).encode()
    deployment.stub("lambda").add_response(
        "invoke", {"Payload": StreamingBody(io.BytesIO(body), len(body)), "StatusCode": 200, **others}
    )


def run(*arguments: str, **options: Any) -> Any:
    return CliRunner().invoke(app, list(arguments), **options)
