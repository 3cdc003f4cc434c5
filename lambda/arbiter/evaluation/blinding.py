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
_CITATION = re.compile(
    rf"\s*(?:\[\^?\d+(?:\s*[,;-]\s*\d+)*\]|【[^】]*】|\((?:see )?(?:sources?|{_WORD})[:\s]*\d+[^)]*\)"
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


def blind(answer: str) -> str:
    """An answer as a judge is shown it; one that is nothing but such marks stays as it was."""
    text = _TAG.sub("", _THINKING.sub("", answer))
    text = _ADDRESS.sub("", _CITATION.sub("", text))
    text = _GIVEN.sub(f"nothing is in {MATERIAL}", text)
    text = _MATERIAL.sub(MATERIAL, _NUMBERED.sub(MATERIAL, text))
    text = _OPENING.sub(lambda found: found[1].upper(), text)
    text = re.sub(r"[ \t]+([.,;:!?])", r"\1", text).strip()
    return text or answer.strip()
