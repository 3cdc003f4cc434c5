"""The router's response: an answer as the caller sees it."""

from typing import Any

from arbiter.answering.answerer import Answer, Latency
from arbiter.answering.request import Request


def to_object(request: Request, answer: Answer, request_id: str) -> dict[str, Any]:
    """The answer, in the contract's form."""
    rewritten = answer.rewritten
    searched = {}
    if rewritten:
        usage = rewritten.usage._asdict()
        searched = {"rewritten": {"question": rewritten.text, "usage": usage, "cost_usd": rewritten.cost_usd}}
    return {
        "answer": answer.text,
        "mode": answer.mode.value,
        "requested_mode": request.requested_mode,
        "decision": answer.decision.to_object() if answer.decision else None,
        "citations": [passage._asdict() for passage in answer.passages],
        "model": answer.model,
        "usage": answer.usage._asdict(),
        "latency_ms": milliseconds(answer.latency),
        "cost_usd": answer.cost_usd,
        "degraded": list(answer.degraded),
        "stop_reason": answer.stop_reason,
        "request_id": request_id,
        **searched,
        **({"trace": [step.to_object() for step in answer.trace]} if answer.trace else {}),
    }


def milliseconds(latency: Latency) -> dict[str, float]:
    """Latencies by step, to the microsecond."""
    return {
        "route": round(latency.route * 1000, 3),
        "retrieve": round(latency.retrieve * 1000, 3),
        "generate": round(latency.generate * 1000, 3),
        "total": round(latency.total * 1000, 3),
    }
