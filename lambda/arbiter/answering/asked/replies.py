"""Questions in a model's replies: the parts of one, or the one that is missing in what was found."""

import re

from arbiter.errors import BadModelOutput

LONGEST_PART = 300
"""Characters; a longer line is no question to search for."""
SUFFICIENT = "SUFFICIENT"

_AROUND = " \t\"'`“”"
_ENDS = " .?!\u3002\uff1f\uff01"
_WORD = re.compile(r"[^\W_]")
_MARK = re.compile(r"^\s*(?:[-*•]\s+|\(?\d{1,2}[.):]\s+)")


def parts_in(reply: str, most: int) -> list[str]:
    """The questions of a reply that gives one a line, at most so many.

    Raises:
        BadModelOutput: it holds none.
    """
    lines = (_MARK.sub("", line).strip(_AROUND) for line in reply.splitlines())
    parts = [line for line in lines if len(line) <= LONGEST_PART and _WORD.search(line) and not line.endswith(":")]
    if not parts:
        raise BadModelOutput("The model named no question to search for.")
    return list({spoken(part): part for part in parts}.values())[:most]


def spoken(question: str) -> str:
    """A question without capitals and its last mark: a model that repeats it without these names no other."""
    return question.casefold().rstrip(_ENDS)


def missing_in(reply: str) -> list[str]:
    """The question that a judgement names as missing; none where it finds enough."""
    return [] if reply.lstrip(" \"'`*").upper().startswith(SUFFICIENT) else parts_in(reply, 1)
