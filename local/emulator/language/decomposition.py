"""The stand-in as a planner of searches: questions by their grammar and their words, passages judged by their words."""

import re
from collections.abc import Iterator
from typing import Any

from local.emulator.embedding import lexical
from local.emulator.language.generation import covers
from local.emulator.language.prompt import clauses, parse, text_of

_WANTS_PARTS = re.compile(r"questions that must be searched for")
_WANTS_REWRITING = re.compile(r"^Rewrite the last question of the conversation")
_WANTS_JUDGEMENT = re.compile(r"reply with (?P<sufficient>[A-Z]+) alone.*search for next", re.DOTALL)
_ASKED_BEFORE = re.compile(r"^user: (.+)$", re.MULTILINE)
_MOST = re.compile(r"at most (\d+)")

_LONGEST_CLAUSE = 300  # characters: the expressions below take the third power of it
_ASPECT = r"(?:(?P<aspect>(?:the )?[\w -]+? (?:of|for|in|on|at) )(?:both )?)?"
_OTHER = r"(?:(?:that|those|the ones?) (?:of|for|in|on|at) |(?:of|for|in|on|at) )?"
_BETWEEN = r"(?:with|to|and|against|versus|vs\.?|or)"
_OWN_ASPECT = re.compile(r"\w (?:of|for|in|on|at) \w")
_COMPARISONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:please )?(?:compare|contrast) {_ASPECT}(?P<a>.+?),? {_BETWEEN} {_OTHER}(?P<b>.+)$",
        rf"^(?:what|which) (?:is|are) the differences? between {_ASPECT}(?P<a>.+?) and {_OTHER}(?P<b>.+)$",
        rf"^how (?:do|does) {_ASPECT}(?P<a>.+?) (?:compare (?:to|with)|differ from) {_OTHER}(?P<b>.+)$",
        rf"^how (?:do|does) {_ASPECT}(?P<a>.+?) and {_OTHER}(?P<b>.+?) (?:compare|differ)$",
        rf"^(?P<aspect>which .+?),? (?:of )?(?P<a>[\w -]+?),? {_BETWEEN} (?P<b>[\w -]+)$",
        r"^(?:is|are|does|do) (?P<a>.+?) (?P<than>[a-z]{3,}er|(?:more|less) [a-z]+) than (?P<b>.+)$",
        rf"^(?P<aspect>.+ (?:of|for|in|on|at|with) )(?P<a>[\w -]+?) and {_OTHER}(?P<b>[\w -]+)$",
    )
)
"""What two subjects have in common is asked of each of them."""


def replied(body: dict[str, Any]) -> str | None:
    """The reply to a request for a question that stands alone, its parts or a judgement; `None` for anything else."""
    instructions = text_of(body.get("system") or [])
    prompt = parse(body)
    if _WANTS_REWRITING.search(instructions):
        return _standing_alone(prompt.question, text_of(body["messages"][-1]["content"]))
    if _WANTS_PARTS.search(instructions):
        most = _MOST.search(instructions)
        return "\n".join(parts(prompt.question)[: int(most[1]) if most else None])
    if wanted := _WANTS_JUDGEMENT.search(instructions):
        return _missing(prompt.question, prompt.documents) or wanted["sufficient"]
    return None


def parts(question: str) -> list[str]:
    """The questions in a question: its clauses, and for two subjects one what is asked of each; or the question."""
    parts = [part for clause in clauses(question) for part in _compared(clause)]
    return list(dict.fromkeys(parts)) or [question]


def _standing_alone(question: str, asked: str) -> str:
    """A question with the words of the one before it."""
    before = _ASKED_BEFORE.findall(asked)
    return f"Concerning {lexical.content(before[-1])}: {question}" if before else question


def _compared(clause: str) -> Iterator[str]:
    for comparison in _COMPARISONS if len(clause) <= _LONGEST_CLAUSE else ():
        if match := comparison.match(clause):
            named = match.groupdict()
            shared = "".join(named.get(name) or "" for name in ("aspect", "than")).strip()
            yield f"{shared} {named['a']}".strip()
            # A second subject with an aspect of its own is compared by that.
            yield named["b"] if _OWN_ASPECT.search(named["b"]) else f"{shared} {named['b']}".strip()
            return
    yield clause


def _missing(question: str, documents: list[str]) -> str | None:
    """The first part that no statement of the documents covers; in its bare words where it is the whole question."""
    asked = parts(question)
    for part in asked:
        if not covers(documents, part):
            return part if len(asked) > 1 else lexical.content(part) or part
    return None
