"""The one line that a request leaves behind: its log record and its CloudWatch metrics at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from arbiter.answering.answer import Answer
from arbiter.answering.request import Request
from arbiter.errors import ArbiterError, Internal
from arbiter.fields import UNKNOWN
from arbiter.log import entry
from arbiter.settings.answering import RouterSettings

if TYPE_CHECKING:  # Rare: questions start without it.
    from arbiter.feedback import Feedback

NAMESPACE = "Arbiter"
NO_MODE = "none"
"""The mode of a request that could not be read."""
LEFT = 499
"""The status of a request whose caller has gone: nothing failed."""

UNITS = {
    "Requests": "Count",
    "Errors": "Count",
    "Degraded": "Count",
    "Latency": "Milliseconds",
    "RetrieveLatency": "Milliseconds",
    "GenerateLatency": "Milliseconds",
    "InputTokens": "Count",
    "OutputTokens": "Count",
    "CostUsd": "None",
}


RARE = {"GuardrailInterventions": "Count"}
"""Written where there is something to count, and billed in those hours."""


class Journal:
    """Writes a JSON line for every request, in CloudWatch's embedded metric format.

    Questions, answers and refused values stay out of it unless the settings ask for text.

    Args:
        keep: keeps the texts of what is rated, where a setting has them kept beside the log.
    """

    def __init__(
        self,
        settings: RouterSettings,
        *,
        write: Callable[[str], None],
        now: Callable[[], datetime],
        keep: "Callable[[Feedback], None] | None" = None,
    ) -> None:
        self._environment, self._log_text = settings.environment, settings.log_text
        self._write, self._now, self._keep = write, now, keep

    def answered(self, request: Request, answer: Answer, request_id: str) -> None:
        """Record an answer."""
        milliseconds = 1000
        metrics = {
            "Requests": 1,
            "Errors": 0,
            "Degraded": 1 if answer.degraded else 0,
            "Latency": round(answer.latency.total * milliseconds, 3),
            "GenerateLatency": round(answer.latency.generate * milliseconds, 3),
            "InputTokens": answer.usage.input_tokens,
            "OutputTokens": answer.usage.output_tokens,
        }
        if answer.passages:
            metrics["RetrieveLatency"] = round(answer.latency.retrieve * milliseconds, 3)
        if answer.cost_usd is not None:
            metrics["CostUsd"] = answer.cost_usd
        fields = {
            "message": "answered",
            "request_id": request_id,
            "requested_mode": request.requested_mode,
            "model": answer.model,
            "passages": len(answer.passages),
            "stop_reason": answer.stop_reason,
            "degraded": answer.degraded,
        }
        if answer.interventions:
            metrics["GuardrailInterventions"] = len(answer.interventions)
            fields["guardrail"] = [one._asdict() for one in answer.interventions]
        if answer.unsettled:
            fields["unsettled"] = answer.unsettled
        if self._log_text:
            fields |= {"question": request.question, "answer": answer.text}
        self._record("INFO", answer.mode.value, metrics, fields)

    def rated(self, given: "Feedback") -> dict[str, Any]:
        """Record feedback under the request that it is about; returns what is noted, and which texts are kept.

        Raises:
            ArbiterError: its texts are to be kept, and cannot be.
        """
        kept = self._log_text
        if self._keep and given.question is not None:
            self._keep(given)
            kept = True
        text = {"text": given.text} if self._log_text and given.text else {}
        rating = {"request_id": given.request_id, "rating": given.rating}
        self._write(entry("feedback", now=self._now(), **rating, Environment=self._environment, **text))
        return {**rating, "text_kept": kept if given.text else None, "answer_kept": kept}

    def failed(self, request: Request | None, error: ArbiterError, request_id: str, seconds: float) -> None:
        """Record an error."""
        fields: dict[str, Any] = {"message": "not answered", "request_id": request_id, "error": error.code}
        if error.problems:
            # The name of a field that nobody knows is the caller's own text, as those of a schema's members are.
            named = [problem for problem in error.problems if not problem.problem.startswith(UNKNOWN)]
            unknown = ["*"] if len(named) < len(error.problems) else []
            fields["problems"] = [*(problem.path.partition(".properties.")[0] for problem in named), *unknown]
        else:
            fields["reason"] = str(error)
        # What AWS says of a request that it refuses may repeat what was asked.
        if error.__cause__ is not None and (self._log_text or not error.problems):
            # AWS's own words, which callers do not get.
            fields |= defect(error.__cause__) if isinstance(error, Internal) else {"cause": str(error.__cause__)}
        if self._log_text and request is not None:
            fields["question"] = request.question
        failed = int(error.status != LEFT)
        metrics = {"Requests": 1, "Errors": failed, "Degraded": 0, "Latency": round(seconds * 1000, 3)}
        usd, unsettled = error.paid
        if usd:
            metrics["CostUsd"] = usd
        if unsettled:
            fields["unsettled"] = unsettled
        mode = request.requested_mode if request is not None else NO_MODE
        self._record("ERROR" if error.status >= 500 else "WARN", mode, metrics, fields)

    def _record(self, level: str, mode: str, metrics: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Environment", "Mode"]],
            "Metrics": [{"Name": name, "Unit": (UNITS | RARE)[name]} for name in metrics],
        }
        now = self._now()
        embedded = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
        dimensions = {"Environment": self._environment, "Mode": mode}
        self._write(entry(level=level, now=now, **fields, **dimensions, **metrics, _aws=embedded))


def defect(error: BaseException) -> dict[str, Any]:
    """The log fields of an exception that nobody expected."""
    import traceback  # A defect only.

    return {"exception": type(error).__name__, "traceback": "".join(traceback.format_exception(error))}
