"""What is compared: the bare boto3 calls, and the router's handler that makes the same calls."""

import os
from collections.abc import Callable
from pathlib import Path

QUESTION = "How early can a kit be booked, and until what time for the same evening?"
MODEL = "amazon.nova-micro-v1:0"
KNOWLEDGE_BASE = "KB12345678"

Subject = Callable[[], object]


def environment(url: str, code: Path) -> dict[str, str]:
    """The environment of a process that is measured: Lambda's, with every service at the endpoint."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "ARBITER_ENVIRONMENT": "bench",
        "ARBITER_BASE_MODEL": MODEL,
        "ARBITER_KNOWLEDGE_BASE_ID": KNOWLEDGE_BASE,
        "ARBITER_TUNED_MODEL_PARAMETER": "in-service",
        "ARBITER_PRICES": '{"amazon.nova-micro-v1:0":{"input_per_1k":0.000035,"output_per_1k":0.00014}}',
    }


def bare(mode: str) -> Subject:
    """The calls alone, as the shortest program writes them."""
    import boto3

    runtime = boto3.client("bedrock-runtime")

    def converse(text: str = QUESTION) -> object:
        return runtime.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": text}]}])

    if mode == "base":
        return converse
    agent_runtime = boto3.client("bedrock-agent-runtime")

    def retrieve_and_converse() -> object:
        found = agent_runtime.retrieve(knowledgeBaseId=KNOWLEDGE_BASE, retrievalQuery={"text": QUESTION})
        passages = "\n".join(result["content"]["text"] for result in found["retrievalResults"])
        return converse(f"{passages}\n{QUESTION}")

    return retrieve_and_converse


def handler(mode: str) -> Subject:
    """The function's handler as Lambda calls it."""
    from arbiter.handlers.router import handler as answer

    def ask() -> object:
        response = answer({"question": QUESTION, "mode": mode}, None)
        if "answer" not in response:
            raise RuntimeError(f"the handler did not answer: {response}")
        return response

    return ask


SUBJECTS: dict[str, Callable[[str], Subject]] = {"bare": bare, "handler": handler}
