"""Bedrock's runtime: Converse, whole and as a stream, on the stand-in model or the user's own server; embeddings."""

import time
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import require_caller
from local.emulator.base.internals import scope
from local.emulator.bedrock import models
from local.emulator.bedrock.endpoints import served
from local.emulator.bedrock.responses import check_tools, input_tokens, response
from local.emulator.bedrock.streaming import events
from local.emulator.bedrock.upstream import Upstream
from local.emulator.embedding import remembered
from local.emulator.embedding.model import DIMENSIONS, embedder
from local.emulator.foundation import access, catalogue, prompt_cache
from local.emulator.knowledge.reading.tokens import count_tokens
from local.emulator.knowledge.words.reranking import reranked
from local.emulator.language import decomposition, generation, guardrails, judging
from local.emulator.language.model import Answer, answer
from local.emulator.language.prompt import parse, text_of
from local.emulator.language.tuning import TunedModel
from local.emulator.refusals.calls import conversations, invocations

_SIMILARITY_DIMENSIONS = 512
_EXAMPLES = 4
_ANSWERS_NOTHING = (".rerank-", "embed-")
"""Parts of the names of models that Converse does not reach."""


def install(upstream: Upstream | None) -> None:
    """Serve the API; `upstream` generates where it is given."""
    serve(
        "bedrock-runtime",
        [
            ("POST", r"^/model/(.+?)/converse$", lambda request, model: _converse(request, model, upstream)),
            ("POST", r"^/model/(.+?)/converse-stream$", lambda request, model: _stream(request, model, upstream)),
            ("POST", r"^/model/(.+?)/invoke$", _invoke),
            ("POST", r"^/guardrail/(.+?)/version/(.+?)/apply$", guardrails.apply),
            ("POST", r"^/model/(.+?)/invoke-with-response-stream$", _refuse_stream),
        ],
    )
    serve("bedrock", [("DELETE", r"^/guardrails/(.+)$", guardrails.delete_version)])


def _resolve(request: Request, model_id: str, action: str = "bedrock:InvokeModel") -> TunedModel | None:
    """Check that the model exists and that the caller may use every model behind its name.

    Returns what was tuned, `None` for a base model.
    """
    account, region = scope()
    named, behind = models.arns(model_id, region, account)
    context = {"bedrock:InferenceProfileArn": named}
    if guardrail := guardrails.named(request.body.get("guardrailConfig")):
        context["bedrock:GuardrailIdentifier"] = guardrail
    for model in behind:
        require_caller(request, action, model, context=context)
    if ":custom-model-deployment/" in named or ":provisioned-model/" in named:
        return served(named)
    if ":custom-model/" in named:
        raise ServiceError(
            "ValidationException",
            f"Invocation of model ID {model_id} isn't supported: deploy the custom model or buy provisioned throughput",
        )
    if ":application-inference-profile/" in named and not behind:
        raise ServiceError("ResourceNotFoundException", f"The inference profile {model_id} does not exist.", 404)
    if ":application-inference-profile/" in named:
        named, model_id = behind[0], f"{catalogue.own_profile(region)}{catalogue.model_of(behind[0])}"
    catalogue.check_callable(model_id, region)
    return None


def _converse(request: Request, model_id: str, upstream: Upstream | None) -> Reply:
    return reply(_screened(request, model_id, _resolve(request, model_id), upstream))


def _stream(request: Request, model_id: str, upstream: Upstream | None) -> Reply:
    tuned, body = _resolve(request, model_id, "bedrock:InvokeModelWithResponseStream"), request.body
    events.check(body)
    replied = _screened(request, model_id, tuned, upstream)
    return events.streamed(model_id, text_of(body["messages"][-1]["content"]), replied)


def _screened(request: Request, model_id: str, tuned: TunedModel | None, upstream: Upstream | None) -> dict[str, Any]:
    """Converse's response after the guardrail, where one is named, looked at the request and at the answer."""
    body = request.body
    screen = guardrails.screened(request, body)
    if screen is None:
        return conversed(model_id, body, tuned, upstream)
    if stopped := screen.stopped(body):
        return {**stopped, "metrics": {"latencyMs": 1}}
    return screen.screen(body, conversed(model_id, body, tuned, upstream))


def conversed(
    model_id: str, body: dict[str, Any], tuned: TunedModel | None, upstream: Upstream | None
) -> dict[str, Any]:
    """Converse's response to a request.

    Raises:
        ServiceError: when the request is malformed or the user's server cannot answer.
    """
    started = time.perf_counter()
    conversations.check(body)
    base = models.base_of(model_id)
    if any(part in base for part in _ANSWERS_NOTHING):
        text = "This action doesn't support the model that you provided. Try again with a supported text or chat model."
        raise ServiceError("ValidationException", text)
    access.check(base, model_id)
    catalogue.check_request(base, body.get("inferenceConfig") or {}, input_tokens(body))
    check_tools(base, body)
    cached = prompt_cache.counts(catalogue.model_of(base), "/".join((*scope(), model_id)), body, count_tokens)
    thinks = catalogue.MODELS[base].thinks
    ordered = faults.strike("answer", model=model_id, prompt=text_of(body["messages"][-1]["content"]))
    if ordered:
        replied = response(body, Answer(ordered["text"], []), thinks=thinks)
    elif upstream:
        replied = upstream.converse(model_id, _taught(body, tuned) if tuned else body)
    else:
        replied = response(body, _stood_in(model_id, body, tuned), thinks=thinks)
    if cached:
        # Tokens that are read from the cache or written to it are counted beside those of the input.
        usage = replied["usage"]
        usage["inputTokens"] = max(0, usage["inputTokens"] - sum(cached.values()))
        usage |= cached
    replied["metrics"] = {"latencyMs": round((time.perf_counter() - started) * 1000)}
    return replied


def _stood_in(model_id: str, body: dict[str, Any], tuned: TunedModel | None) -> Answer:
    """The stand-in's reply: pairs, searches or a verdict where they are asked for, else an answer."""
    replied = generation.replied(body) or decomposition.replied(body)
    if replied is None:
        replied = judging.verdict(model_id, body)
    if replied is not None:
        return Answer(replied, [])
    return answer(parse(body), tuned, _similarity)


def _taught(body: dict[str, Any], tuned: TunedModel) -> dict[str, Any]:
    """The conversation after some of the training: a server that cannot be tuned from here learns by example."""
    turns = [
        {"role": role, "content": [{"text": text}]}
        for sample in tuned.nearest(parse(body).question, _EXAMPLES)
        for role, text in (("user", sample.prompt), ("assistant", sample.completion))
    ]
    return {**body, "messages": [*turns, *body["messages"]]}


def _similarity(question: str, texts: list[str]) -> list[float]:
    asked, *vectors = remembered.embed([question, *texts], _SIMILARITY_DIMENSIONS)
    return [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]


def _invoke(request: Request, model_id: str) -> Reply:
    _resolve(request, model_id)
    access.check(models.base_of(model_id), model_id)
    if ".rerank-" in model_id:
        invocations.check_reranking(request.body, versioned=model_id.startswith("cohere."))
        order = reranked(request.body["query"], request.body["documents"], request.body.get("top_n", 1_000))
        return reply({"results": [{"index": index, "relevance_score": score} for index, score in order]})
    if "titan-embed-text" not in model_id:
        raise ServiceError(
            "ValidationException",
            f"the local AWS invokes Titan text embeddings and rerankers only; send {model_id} a Converse request",
        )
    text, dimensions = str(request.body.get("inputText") or ""), request.body.get("dimensions", 1024)
    invocations.check_embedding(request.body, DIMENSIONS, count_tokens(text))
    vector = embedder()[1]([text], dimensions, passages=False)[0]
    content = {"embedding": vector, "inputTextTokenCount": count_tokens(text), "embeddingsByType": {"float": vector}}
    status, headers, body = reply(content)
    return status, {**headers, "x-amzn-bedrock-input-token-count": str(count_tokens(text))}, body


def _refuse_stream(request: Request, model_id: str) -> Reply:
    _resolve(request, model_id, "bedrock:InvokeModelWithResponseStream")
    raise ServiceError("ValidationException", "the local AWS streams ConverseStream only")
