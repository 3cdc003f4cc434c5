"""Values of a question's fields, in the forms of other tools: messages, variables, parts, assertions."""

import re
from collections.abc import Mapping
from typing import Any

from arbiter.evaluation.run.field_names import QUESTION_RANKS, REFERENCE_RANKS, STATING, UNUSED, plain

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_ASSERTED = re.compile(rf"(?:{'|'.join(STATING)}|starts-with)(?:\([\d.]+\))?:\s*")
"""Before the answer in promptfoo's column for it: `similar(0.8): Paris`."""
_CHECKED = re.compile(
    rf"(?:{_ASSERTED.pattern})?file://"
    r"|(?:not-[a-z-]+|javascript|fn|eval|python|ruby|llm-rubric|grade|g-eval|regex|i?contains-[a-z-]+|is-[a-z-]+|cost"
    r"|latency|levenshtein|perplexity(?:-score)?|webhook|rouge-n|bleu|gleu|meteor|moderation|guardrails|classifier"
    r"|word-count|finish-reason|trace-[a-z-]+|context-[a-z]+|select-best|max-score|pi)(?:\([^)]*\))?\s*(?::|$)"
)
"""Checks of an answer that promptfoo takes in that column, and that are no answers."""
_COLUMNS = ("__expected", "__expected1")
_CHATS = ("messages", "conversations", "contents")
_FACTS = "expectedfacts"


def question_of(value: Any) -> Any:
    """The question in a text, in the variables of a test, or in the only message of a user."""
    if isinstance(value, dict) and "content" not in value and "parts" not in value:
        names = {plain(key): key for key in value}
        name = next((names[known] for known in QUESTION_RANKS if known in names), None)
        others = [key for plain, key in names.items() if plain not in REFERENCE_RANKS and plain not in UNUSED]
        return question_of(value[name]) if name else value[others[0]] if len(others) == 1 else value
    if isinstance(value, list) and any(_role(turn) for turn in value):
        users = [turn for turn in value if _role(turn) in ("user", "human")]
        return text_of(users[0]) if len(users) == 1 else value
    # Of several references one will do; of several questions none is the one.
    several = isinstance(value, list) and len(value) > 1 and all(map(_is_text, value))
    return value if several else text_of(value)


def _role(turn: Any) -> str:
    """The role of a message, in the words of whichever tool."""
    speaker = (
        next((turn[key] for key in ("role", "from", "author", "type") if key in turn), "")
        if isinstance(turn, dict)
        else ""
    )
    return speaker if isinstance(speaker, str) else ""


def text_of(value: Any) -> Any:
    """A text, however it is wrapped; anything else as it is."""
    if isinstance(value, list) and len(value) >= 1 and all(isinstance(item, str) for item in value):
        return value[0]
    if isinstance(value, dict):
        names = {plain(key): key for key in value}
        for name in ("content", "text", "value", "parts", "raw", *REFERENCE_RANKS):
            if name in names:
                return reference_of(names[name], value[names[name]])
        if len(value) == 1 and all(map(_is_text, value.values())):
            return next(iter(value.values()))
    if isinstance(value, list) and len(value) == 1:
        return text_of(value[0])
    if (
        isinstance(value, list)
        and value
        and all(isinstance(part, dict) and _is_text(part.get("text")) for part in value)
    ):
        return "\n".join(part["text"] for part in value)
    return value


def reference_of(name: str, value: Any) -> Any:
    """The right answer in a field of this name: facts are all demanded, where other lists name alternatives."""
    if plain(name) == _FACTS and isinstance(value, list) and value and all(map(_is_text, value)):
        return "\n".join(value)
    if name.strip() in _COLUMNS and isinstance(value, str):
        return _ASSERTED.sub("", value, count=1) if _ASSERTED.match(value) else value
    return text_of(value)


def is_check(record: Mapping[str, Any], name: str) -> bool:
    """Whether a field names, in promptfoo's column for it, a check of answers in place of an answer."""
    value = record[name]
    return name.strip() in _COLUMNS and isinstance(value, str) and _CHECKED.match(value.strip()) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def filled(template: Any, variables: Any) -> str | None:
    """A promptfoo prompt with the variables of a test in their places; `None` where one is missing or no text."""
    if not isinstance(template, str) or not isinstance(variables, dict) or not _VARIABLE.search(template):
        return None
    names = _VARIABLE.findall(template)
    if not all(isinstance(variables.get(name), str | int | float) for name in names):
        return None
    return _VARIABLE.sub(lambda match: str(variables[match[1]]), template)


def stated_in(record: Mapping[str, Any]) -> str | None:
    """The right answer in a chat, or among the variables or the assertions of a promptfoo test."""
    chat = next((record[name] for name in _CHATS if name in record), None)
    if isinstance(chat, list) and chat and _role(chat[-1]) in ("assistant", "gpt", "model", "bot"):
        answer = text_of(chat[-1])
        return answer if isinstance(answer, str) else None
    variables = record.get("vars")
    if isinstance(variables, dict):
        for key, value in variables.items():
            if plain(key) in REFERENCE_RANKS and isinstance(value, str):
                return value
    assertions = record.get("assert")
    checks = [check for check in (assertions if isinstance(assertions, list) else ()) if isinstance(check, dict)]
    stating = [check for kind in STATING for check in checks if check.get("type") == kind]
    return next((check["value"] for check in stating if isinstance(check.get("value"), str)), None)
