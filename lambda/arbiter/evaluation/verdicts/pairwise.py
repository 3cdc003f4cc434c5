"""Which of two answers is better, asked in both orders by someone who does not know whose they are."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from arbiter.answering.prompts import Prompt
from arbiter.evaluation.verdicts.judging import UnusableReply, blinded, read_object
from arbiter.evaluation.verdicts.prompts import pairwise_prompt

Order = Literal["ab", "ba"]
ORDERS: tuple[Order, Order] = ("ab", "ba")
_SHOWN = ("first", "second", "tie")


class Preference(NamedTuple):
    """The preference of a judge, in terms of the arms and not of the order it was shown."""

    reason: str
    winner: Literal["a", "b", "tie"]

    def dump(self) -> dict[str, Any]:
        return self._asdict()


def pairwise_request(case: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any], order: Order) -> Prompt:
    """The prompt on two responses, without the passages that either was given."""
    shown = {"a": blinded(a), "b": blinded(b)}
    return pairwise_prompt(case, shown[order[0]], shown[order[1]])


def read_preference(reply: str, order: Order) -> Preference:
    """Read a judge's reply.

    Raises:
        UnusableReply: it is no preference.
    """
    value = read_object(reply, ["winner"])
    if value["winner"] not in _SHOWN:
        raise UnusableReply(f"winner is none of {', '.join(_SHOWN)}")
    if value["winner"] == "tie":
        return Preference(value["reason"].strip(), "tie")
    return Preference(value["reason"].strip(), "a" if order[_SHOWN.index(value["winner"])] == "a" else "b")
