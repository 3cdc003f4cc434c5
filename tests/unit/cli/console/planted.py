"""A backend that knows a few answers, and takes down what it is asked."""

from collections.abc import Mapping
from queue import Queue
from typing import Any

from cli.console.streaming import Parts
from cli.core.errors import CliError

HOSTILE = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>" + "wide" * 60
TUNED = "arn:aws:bedrock:us-east-1:000000000000:custom-model-deployment/f106694a98b3"
TENT = "s3://documents/guides/skarn-3-tent.md"
DECISION = {
    "grounded": {"value": True, "score": 0.83, "threshold": 0.5, "because": "the documents speak of Skarn"},
    "specialised": {"value": False, "score": 0.15, "threshold": 0.5, "because": "nothing speaks for it"},
    "policy": "default",
    "ruled_out": {"combined": "takes about 900 ms, and limits.max_latency_ms is 800"},
}
LOSSES = {"training": [(1, 2.0), (40, 0.4)], "validation": [(1, 2.1), (40, 0.7)]}


def response(mode: str, answer: str) -> dict[str, Any]:
    grounded = mode in ("rag", "auto")
    return {
        "answer": answer,
        "mode": "rag" if grounded else "base",
        "decision": DECISION if mode == "auto" else None,
        "citations": [{"text": f"Packed weight: 2.9 kg. {HOSTILE}", "uri": TENT, "score": 0.71, "page": 3}]
        if grounded
        else [],
        "model": TUNED if mode == "auto" else "amazon.nova-micro-v1:0",
        "usage": {"input_tokens": 1572, "output_tokens": 18, "cached_tokens": 0},
        "latency_ms": {"route": 0.2, "retrieve": 120.4, "generate": 58.1, "total": 178.7},
        "cost_usd": 0.00006,
        "degraded": ["tuned_model_unavailable: answered by the base model"] if mode == "auto" else [],
        "guardrail": [{"stage": "output", "policy": "word", "name": None, "action": "masked"}] if grounded else [],
        "stop_reason": "end_turn",
        "request_id": f"request-{mode}",
    }


class PlantedBackend:
    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.rated: list[Mapping[str, Any]] = []
        self.opened: Queue[tuple[str, str]] = Queue()
        self.events: Parts | None = None
        """In place of the next answer: its events, as they come."""

    def about(self) -> Mapping[str, Any]:
        modes = ["base", "rag", "fine_tuned", "combined", "auto"]
        return {"environment": "dev", "region": "us-east-1", "local": True, "modes": modes}

    def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any] | Parts:
        self.asked.append(request)
        if self.events:
            return self.events
        mode = str(request["mode"])
        if mode in ("fine_tuned", "combined"):
            error = {"code": "tuned_model_unavailable", "message": f"No tuned model is in service. {HOSTILE}"}
            return {"mode": mode, "response": None, "error": error}
        return {"mode": mode, "response": response(mode, f"In {mode}: 2.9 kilograms. {HOSTILE}"), "error": None}

    def rate(self, rating: Mapping[str, Any]) -> Mapping[str, Any]:
        self.rated.append(rating)
        return {"feedback": {**rating, "text_kept": False if "text" in rating else None}}

    def documents(self) -> Mapping[str, Any]:
        failed = {"uri": f"s3://documents/{HOSTILE}.pdf", "status": "FAILED", "reason": "It is encrypted."}
        indexed = {"uri": TENT, "status": "INDEXED", "reason": ""}
        job = {"status": "COMPLETE", "started_at": "2026-11-28T14:00:00+00:00"}
        return {"count": 2, "indexed": 1, "job": job, "documents": [failed, indexed]}

    def trainings(self) -> Mapping[str, Any]:
        run = {"run": "first", "standing": "in service", "started_at": "2026-11-28T14:00:00", "samples": 87}
        known = {**run, "base_model": "amazon.nova-micro-v1:0", "cost_usd": 8.0, "error": None, "no_losses": None}
        failed = {**known, "run": "second", "standing": "failed", "error": f"JobFailed: {HOSTILE}", "losses": {}}
        return {"runs": [{**known, "losses": LOSSES}, {**failed, "no_losses": "Bedrock left no metrics of its job."}]}

    def evaluations(self) -> Mapping[str, Any]:
        run = {"run": "20261128-141336-e973", "started_at": "2026-11-28T14:13:36", "started_by": "jo", "cases": 29}
        return {
            "runs": [{**run, "arms": ["base", "rag"], "summarised": True}],
            "advice": [{"name": "0", "file": "advice.yaml"}],
        }

    def page(self, kind: str, name: str) -> str:
        self.opened.put((kind, name))
        if kind != "report":
            raise CliError("There is no such page.", code="no_page")
        return f"<!doctype html><title>{name}</title><script>document.title += window.origin</script>"
