"""One judge's verdict on one answer: asked for, strictly read, and never guessed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter import strict_json
from arbiter.answering.prompts import Prompt
from arbiter.evaluation.numbers.records import CRITERIA
from arbiter.evaluation.verdicts.blinding import MOST_CITATIONS, blind
from arbiter.evaluation.verdicts.prompts import grading_prompt
from arbiter.modes import Mode

LOWEST, HIGHEST = 0, 10
VERDICT_TOKENS = 500
"""Tokens a judge may write: two sentences and six numbers take about 150."""


class UnusableReply(ValueError):  # noqa: N818 - named as what it is for whoever reads a failure
    """A judge's reply that is no verdict; `code` says in which way."""

    code = "unparseable"


class OutOfRange(UnusableReply):
    """A verdict whose numbers do not lie on the scale."""

    code = "out_of_range"


class Grades(NamedTuple):
    """A judge's grades of an answer; faithfulness is `None` where there is nothing to be faithful to."""

    reason: str
    scores: Mapping[str, int | None]
    score: int

    def dump(self) -> dict[str, Any]:
        return {"reason": self.reason, "scores": dict(self.scores), "score": self.score}


def grading_request(case: Mapping[str, Any], response: Mapping[str, Any]) -> Prompt:
    """The prompt on an answer: it holds nothing that names its arm."""
    return grading_prompt(case, blinded(response), passages_of(response))


def blinded(response: Mapping[str, Any]) -> str:
    """The answer without what tells its arm; an answer that was given nothing may hold made-up marks like any."""
    cited = len(response.get("citations") or ())
    return blind(response["answer"], cited or MOST_CITATIONS)


def passages_of(response: Mapping[str, Any]) -> Sequence[str] | None:
    """The passages that a grounded answer stands on; `None` for an answer that was given nothing."""
    return [citation["text"] for citation in response["citations"]] if Mode(response["mode"]).grounded else None


def read_grades(reply: str, *, grounded: bool) -> Grades:
    """Read a judge's reply.

    Raises:
        UnusableReply: it is no verdict, or not in the order that was asked for.
        OutOfRange: a number is not on the scale.
    """
    wanted = [name for name in CRITERIA if grounded or name != "faithfulness"] + ["score"]
    verdict = read_object(reply, wanted)
    grades = {name: _grade(verdict, name) for name in wanted}
    return Grades(verdict["reason"].strip(), {name: grades.get(name) for name in CRITERIA}, grades["score"])


def read_object(reply: str, wanted: Sequence[str]) -> dict[str, Any]:
    """A reply's one JSON object: a reason first, then what is wanted; a Markdown fence around it is let pass.

    Raises:
        UnusableReply: it is anything else.
    """
    try:
        value = strict_json.loads_reply(reply)
    except strict_json.RepeatedKeyError:
        raise UnusableReply("it gives a key twice") from None
    except (ValueError, RecursionError):
        raise UnusableReply("it is not one JSON object") from None
    if not isinstance(value, dict):
        raise UnusableReply("it is not one JSON object")
    # Null says no more than leaving a key out, and judges write it for what does not apply.
    value = {name: item for name, item in value.items() if item is not None or name in wanted}
    if problem := _flaw(value, wanted):
        raise UnusableReply(problem)
    return value


def _flaw(value: Mapping[str, Any], wanted: Sequence[str]) -> str | None:
    keys = ["reason", *wanted]
    if missing := [name for name in keys if name not in value]:
        return f"it lacks {', '.join(missing)}"
    if unknown := [name for name in value if name not in keys]:
        return f"it has the unknown keys {', '.join(name[:20] for name in unknown[:5])}"
    if not isinstance(value["reason"], str) or not value["reason"].strip():
        return "its reason is no text"
    return None if next(iter(value)) == "reason" else "its reason does not come first"


def _grade(verdict: Mapping[str, Any], name: str) -> int:
    value = verdict[name]
    if type(value) is float and value.is_integer():  # JSON has one kind of number: 8.0 is 8.
        value = int(value)
    if type(value) is not int:
        raise UnusableReply(f"{name} is not a whole number")
    if not LOWEST <= value <= HIGHEST:
        raise OutOfRange(f"{name} is {str(value)[:10]}, and the scale goes from {LOWEST} to {HIGHEST}")
    return value
