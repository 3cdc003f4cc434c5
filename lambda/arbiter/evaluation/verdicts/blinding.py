"""Answers without the marks that tell how they came about: a judge must not learn which arm it reads.

Taken out or levelled: the tags of a reasoning technique and what it thought, numbered citations, the addresses of
documents, openings such as "Based on the documents provided," and the words for material that was handed to the model
("the passages I was given"). What an answer says about its subject stays, documents that it speaks of included.
"""

import re

MATERIAL = "the available information"

_THINKING = re.compile(r"<(thinking|reasoning|thoughts)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?(?:answer|response|thinking|reasoning|thoughts)>", re.IGNORECASE)
_WORD = r"(?:documents?|passages?|sources?|excerpts?|context|search results?|knowledge base)"
_HANDED = r"(?:provided|given|supplied|retrieved|above|quoted|attached)"
_TO_ME = (
    rf"(?: (?:that )?(?:I (?:was|have been|am) {_HANDED}|(?:was|were|have been|are) {_HANDED}|{_HANDED})(?: to me)?)"
)
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)
_SPACE = r"(?<!\s)\s*"  # All of it or none: tried anew at each of many spaces, it would take their square.
_MARK = r"\[\^?\d+(?:\s*[,;\u2013-]\s*\d+)*\]"
_MARKS = re.compile(rf"{_SPACE}{_MARK}(?:\s?[,;\u2013-]?\s?{_MARK})*")
_GLUED_TO = re.compile(r"(?:[^\W\d_]\w+|\d+|[)\]}])\Z")
"""A word, a number or a bracket: marks follow it without a space, and so does an index."""
_LOOKED_BACK = 64
_OPERATOR = re.compile(r"[-\w\[]|\.\w|\s*[=+*/%<>|&]")
"""A formula after an index: nothing of it follows a citation."""
MOST_CITATIONS = 99
"""Where it is not known how many passages an answer cites."""
_CITATION = re.compile(
    rf"{_SPACE}(?:【[^】]*】|\((?:see )?(?:sources?|{_WORD})[:\s]*\d+[^)]*\)"
    rf"|\[(?:sources?|{_WORD})[:\s]*\d*[^\]]*\]|\(sources?:[^)]*\))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\(?\bs3://[^\s)\]>]+\)?")
_NUMBERED = re.compile(rf"\b(?:the )?{_WORD} (?:no\.? ?|number |#)?\d+\b", re.IGNORECASE)
_MATERIAL = re.compile(
    rf"\b(?:(?:the|these|those|my) {_HANDED} {_WORD}|(?:the|these|those|any) {_WORD}{_TO_ME}|no {_WORD}{_TO_ME})\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(rf"\bI (?:was|have been) (?:not )?{_HANDED} (?:no|any) {_WORD}\b", re.IGNORECASE)
_OPENING = re.compile(
    rf"\A\s*(?:based (?:up)?on|according to|from|per|as (?:stated|described|mentioned) in)"
    rf" (?:the |this |these )?(?:{re.escape(MATERIAL)}|{_WORD})\s*,\s*(\w)",
    re.IGNORECASE,
)


def blind(answer: str, citations: int = MOST_CITATIONS) -> str:
    """An answer as a judge is shown it; one that is nothing but such marks stays as it was, and so does code.

    `citations` is how many passages it was given: a number in brackets beyond them is no citation.
    """
    parts = _CODE.split(_TAG.sub("", _THINKING.sub("", answer)))
    text = "".join(part if index % 2 else _levelled(part, citations) for index, part in enumerate(parts))
    text = _OPENING.sub(lambda match: match[1].upper(), text).strip()
    return text or answer.strip()


def _levelled(text: str, citations: int) -> str:
    """Prose without marks."""
    text = _MARKS.sub(lambda match: "" if _is_citation(match, citations) else match[0], text)
    text = _ADDRESS.sub("", _CITATION.sub("", text))
    text = _GIVEN.sub(f"nothing is in {MATERIAL}", text)
    text = _MATERIAL.sub(MATERIAL, _NUMBERED.sub(MATERIAL, text))
    return re.sub(r"(?<![ \t])[ \t]+([.,;:!?])", r"\1", text)


def _is_citation(match: re.Match[str], citations: int) -> bool:
    if not all(1 <= int(number) <= citations for number in re.findall(r"\d+", match[0])):
        return False
    before = match.string[max(0, match.start() - _LOOKED_BACK) : match.start()]
    if match[0][0].isspace() or not before or not (before[-1].isalnum() or before[-1] in "_)]}"):
        return True
    # Without a space: `2.9 kg[1] and` cites, `row[1] = 3` and `x[1].` do not. A mark that stays would tell the arm.
    return bool(_GLUED_TO.search(before)) and not _OPERATOR.match(match.string, match.end())
