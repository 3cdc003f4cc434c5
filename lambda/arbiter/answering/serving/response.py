"""The router's response: an answer as the caller sees it."""

import re
from typing import TYPE_CHECKING, cast

from arbiter.answering.answer import Answer, Latency
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request

if TYPE_CHECKING:  # Types that no request needs to make.
    from arbiter.answering.serving.document import Citation, Milliseconds, Response

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|\\(?=[^\w\s])")


def to_object(request: Request, answer: Answer, request_id: str) -> "Response":
    """The answer, in the contract's form."""
    rewritten = answer.rewritten
    searched = {}
    if rewritten:
        usage = rewritten.usage._asdict()
        searched = {"rewritten": {"question": rewritten.text, "usage": usage, "cost_usd": rewritten.cost_usd}}
    cited = [citation(passage) for passage in answer.passages]
    if request.retrieval.sentences:
        from arbiter.answering.serving.attribution import by_shared_words  # Rare: other requests start without it.

        shared = by_shared_words(answer.text, answer.passages)
        for index, one in enumerate(cited):
            one["sentences"] = [{"text": text, "shared_words": part} for text, part in shared.get(index, ())]
    response = {
        "answer": answer.text,
        "mode": answer.mode.value,
        "requested_mode": request.requested_mode,
        "decision": answer.decision.to_object() if answer.decision else None,
        "citations": cited,
        "model": answer.model,
        "usage": answer.usage._asdict(),
        "latency_ms": milliseconds(answer.latency),
        "cost_usd": answer.cost_usd,
        "degraded": list(answer.degraded),
        "stop_reason": answer.stop_reason,
        "request_id": request_id,
        **searched,
        **({"guardrail": [one._asdict() for one in answer.interventions]} if answer.interventions else {}),
        **({"unsettled": answer.unsettled} if answer.unsettled else {}),
        **({"trace": [step.to_object() for step in answer.trace]} if answer.trace else {}),
        **({"prompting": dict(answer.prompting)} if answer.prompting else {}),
    }
    return cast("Response", response)


def milliseconds(latency: Latency) -> "Milliseconds":
    """Latencies by step, to the microsecond."""
    return {
        "route": round(latency.route * 1000, 3),
        "retrieve": round(latency.retrieve * 1000, 3),
        "generate": round(latency.generate * 1000, 3),
        "total": round(latency.total * 1000, 3),
    }


def citation(passage: Passage) -> "Citation":
    """A passage with its document and its place there: `section` is the first heading that stands in the passage."""
    in_bucket = passage.uri.startswith("s3://")
    return {
        "text": passage.text,
        "uri": passage.uri,
        "score": passage.score,
        "document": passage.uri.removeprefix("s3://").partition("/")[2] if in_bucket else passage.uri,
        "page": passage.page,
        "section": _section(passage.text),
    }


def _section(text: str) -> str | None:
    """The first heading of a text in Markdown, without the tags of HTML and the escapes in it."""
    lines = (line.lstrip("#") for line in text.split("\n") if line.startswith("#"))
    heading = next((line for line in lines if line[:1].isspace()), "")  # Else it is a comment, or a word with a hash.
    return _MARKUP.sub("", heading).strip("# \t\r") or None
