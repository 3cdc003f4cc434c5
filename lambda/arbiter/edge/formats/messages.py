"""Messages of OpenAI's formats as the router has them: system text, earlier turns and the question."""

from collections.abc import Mapping, Sequence
from typing import Any

from arbiter.answering.asked.history import MOST_TURNS
from arbiter.answering.request import LONGEST_QUESTION
from arbiter.edge.formats.shapes import Shape, either, one_of, only, or_blank, passed, record, several, words
from arbiter.errors import InvalidRequest, Problem
from arbiter.fields import shown

MOST_MESSAGES = MOST_TURNS + 40
"""Instructions, and messages of one speaker in a row, make no turns of their own."""
UNTOLD = "Bedrock tells no probabilities"


def of_kind(kinds: Sequence[str], shape: Shape, because: str) -> Shape:
    """An object of one of a few types; another one is refused for its type alone, whatever else it has."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        kind = value.get("type", kinds[0]) if isinstance(value, dict) else kinds[0]
        if not isinstance(kind, str) or kind in kinds:
            return shape.read(value, path, problems)
        problems.append(Problem(f"{path}.type", f"is {shown(kind)}: {because}", "one of " + ", ".join(kinds)))
        return None

    return Shape(read, shape.schema)


def _part(kinds: Sequence[str]) -> Shape:
    """A part of a message, of which texts are taken; pictures, sounds and files are refused."""
    wording = or_blank(words(LONGEST_QUESTION))
    # The rest stands in answers of this API, which are sent back as they came.
    answered = {"annotations": passed({"type": "array"}), "parsed": passed({}), "logprobs": only([[]], UNTOLD)}
    part = record({"type": one_of(kinds), "text": wording, **answered}, required=("type", "text"))
    return of_kind(kinds, part, "only text is read")


def content(kinds: Sequence[str]) -> Shape:
    """Content of a message: a text or parts; of an answer that broke off, which clients send back as it is, nothing."""
    return or_blank(either(words(LONGEST_QUESTION), several(_part(kinds), fewest=1, most=MOST_MESSAGES)))


def conversation(messages: Sequence[Mapping[str, Any]], path: str) -> dict[str, Any]:
    """System text, earlier turns and question of the messages.

    Raises:
        InvalidRequest: they are no conversation that ends with the user.
    """
    leading = next((i for i, one in enumerate(messages) if one["role"] not in ("system", "developer")), len(messages))
    turns: list[dict[str, str]] = []
    for index, message in enumerate(messages[leading:], start=leading):
        role, text = message["role"], _text(message["content"])
        if role in ("system", "developer"):
            flaw = Problem(
                f"{path}[{index}].role", f"is {role} after the conversation began", "instructions come first"
            )
            raise InvalidRequest([flaw])
        if not text and role == "user":
            raise InvalidRequest([Problem(f"{path}[{index}].content", "is blank", "a question")])
        if not text:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["text"] += f"\n\n{text}"
        else:
            turns.append({"role": role, "text": text})
    if not turns or turns[-1]["role"] != "user":
        raise InvalidRequest([Problem(path, "ends without a question", "a last message by the user")])
    if turns[0]["role"] != "user":
        raise InvalidRequest([Problem(f"{path}[{leading}].role", "is assistant", "a first message by the user")])
    system = "\n\n".join(text for one in messages[:leading] if (text := _text(one["content"])))
    asked = {"question": turns[-1]["text"], "history": turns[:-1]}
    return {**asked, "system": system} if system else asked


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content if part["text"])
