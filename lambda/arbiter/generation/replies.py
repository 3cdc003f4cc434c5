"""The replies of the two models: read strictly, or refused with the reason that a repair turn gives back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arbiter import strict_json
from arbiter.generation.prompts import KINDS, UNKNOWN_ANSWER
from arbiter.jsonl import kind as kind_of
from arbiter.jsonl import printable

LONGEST_QUESTION = 1_000
LONGEST_ANSWER = 4_000
_POINTS_AT_PASSAGE = re.compile(
    r"\b(?:according to|in|from|by) (?:the|this) (?:passage|text|excerpt|above)\b|\bthis (?:passage|excerpt)\b",
    re.IGNORECASE,
)


class ReplyError(ValueError):
    """A reply that is not what was asked for; the message says how."""


@dataclass(frozen=True)
class Draft:
    """A question with its answer, as the generator wrote them."""

    kind: str
    question: str
    answer: str

    @property
    def points_at_passage(self) -> bool:
        """Whether the question means nothing to somebody without the passage."""
        return _POINTS_AT_PASSAGE.search(self.question) is not None


@dataclass(frozen=True)
class Verdict:
    """The verifier's judgement of a pair, and its reason."""

    reason: str
    verdict: str

    @property
    def keeps(self) -> bool:
        return self.verdict in ("supported", "unanswerable")


def read_drafts(reply: str, kinds: Sequence[str]) -> list[Draft]:
    """The pairs of a reply, at most one for each kind asked for.

    Raises:
        ReplyError: when it is anything but the object that was asked for.
    """
    pairs = _object(reply, ("pairs",))["pairs"]
    if not isinstance(pairs, list):
        raise ReplyError(f'"pairs" is {kind_of(pairs)}, not an array')
    drafts = [_draft(pair, index) for index, pair in enumerate(pairs)]
    open_kinds = list(kinds)
    wanted: list[Draft] = []
    for draft in drafts:
        if draft.kind in open_kinds:
            open_kinds.remove(draft.kind)
            wanted.append(draft)
    return wanted


def read_verdict(reply: str, verdicts: Sequence[str]) -> Verdict:
    """The verdict of a reply.

    Raises:
        ReplyError: when it is anything but the object that was asked for, the reason before the verdict.
    """
    value = _object(reply, ("reason", "verdict"))
    reason, verdict = value["reason"], value["verdict"]
    if list(value) != ["reason", "verdict"]:
        raise ReplyError('the "reason" must come before the "verdict"')
    if not isinstance(reason, str) or not reason.strip():
        raise ReplyError('"reason" is not a sentence')
    if verdict not in verdicts:
        raise ReplyError(f'"verdict" is {printable(verdict)}; allowed: {", ".join(verdicts)}')
    return Verdict(reason.strip(), verdict)


def _draft(pair: Any, index: int) -> Draft:
    where = f"pairs[{index}]"
    if not isinstance(pair, dict) or set(pair) != {"kind", "question", "answer"}:
        raise ReplyError(f'{where} is not an object with "kind", "question" and "answer"')
    if pair["kind"] not in KINDS:
        raise ReplyError(f"{where}.kind is {printable(pair['kind'])}; allowed: {', '.join(KINDS)}")
    question, answer = pair["question"], pair["answer"]
    if pair["kind"] == "out_of_scope":
        answer = UNKNOWN_ANSWER
    for name, text, longest in (("question", question, LONGEST_QUESTION), ("answer", answer, LONGEST_ANSWER)):
        if not isinstance(text, str) or not 0 < len(text.strip()) <= longest:
            raise ReplyError(f"{where}.{name} is not a text of 1 to {longest:,} characters")
    return Draft(pair["kind"], " ".join(question.split()), answer.strip())


def _object(reply: str, keys: tuple[str, ...]) -> dict[str, Any]:
    try:
        value = strict_json.loads_reply(reply)
    except strict_json.RepeatedKeyError as error:
        raise ReplyError(f"it gives the key {printable(error.key)} twice") from None
    except (ValueError, RecursionError) as error:
        raise ReplyError(f"it is not JSON ({str(error)[:80]})") from None
    if not isinstance(value, dict):
        raise ReplyError(f"it is {kind_of(value)}, not an object")
    if set(value) != set(keys):
        raise ReplyError(f"it has the keys {printable(sorted(value))}; they must be {', '.join(keys)}")
    return value
