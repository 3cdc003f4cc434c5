"""The turns of a conversation: the earlier ones of a request, the parts of one that quotes, what is escaped in it."""

import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from arbiter.errors import Problem
from arbiter.fields import choice, list_of, object_of, text

LONGEST_TURN = 20_000
"""Characters; as many as a question may have."""
LONGEST_HISTORY = 100_000
"""Characters of all earlier turns together: about 25,000 of Nova Micro's 128,000 tokens."""
MOST_TURNS = 200
"""Chat programs send the whole conversation with each question, and leave nothing out by themselves."""
_HIDDEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
"""Characters that nobody sees (Unicode: Default_Ignorable_Code_Point); among them a tag still looks like one."""


class Turn(NamedTuple):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


class Quoted(NamedTuple):
    """A user's turn that quotes passages and asks a question of them, by its parts."""

    instruction: str
    documents: str
    question: str

    @property
    def text(self) -> str:
        """The whole turn."""
        return "".join(self)


def escaping(tags: str) -> Callable[[str], str]:
    """A function that escapes the tags of a prompt, and what only looks like them, in text that others wrote.

    What it returns can neither close the tag around it nor open one of the prompt's.

    Args:
        tags: their names, as a regular expression.
    """
    opening = re.compile(rf"[<\uff1c](?=[\s/]*(?:(?i:{tags})\b|[^>]{{0,20}}[{_HIDDEN}]))")

    def escape(text: str) -> str:
        return opening.sub("&lt;", text) if "<" in text or "\uff1c" in text else text

    return escape


def read_history(value: Any, path: str, problems: list[Problem]) -> Any:
    """Read turns that alternate, the last of them by the assistant."""
    before = len(problems)
    turns = _read_turns(value, path, problems)
    if len(problems) > before:
        return ()
    history = tuple(Turn(**turn) for turn in turns)
    for index, turn in enumerate(history):
        expected = "assistant" if index % 2 else "user"
        if turn.role != expected:
            allowed = "turns that alternate, the first by the user"
            problems.append(Problem(f"{path}[{index}].role", f"is {turn.role} where {expected} is due", allowed))
            return ()
    if history and history[-1].role != "assistant":
        problems.append(Problem(path, "ends with the user", "a last turn by the assistant: the question follows it"))
    if (length := sum(len(turn.text) for turn in history)) > LONGEST_HISTORY:
        problems.append(Problem(path, f"has {length:,} characters", f"at most {LONGEST_HISTORY:,} in all turns"))
    return history


_read_turns = list_of(
    object_of({"role": choice(("user", "assistant")), "text": text(longest=LONGEST_TURN)}, required=("role", "text")),
    most=MOST_TURNS,
)
