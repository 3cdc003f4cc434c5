"""Parts of a conversation sent to a model: documents, the question, earlier turns and the form asked for."""

import re
from dataclasses import dataclass
from typing import Any

from local.emulator.embedding.sentences import sentences

_DOCUMENT = re.compile(r"<document\b[^>]*>\n?(.*?)\n?</document>", re.DOTALL)
_DOCUMENTS = re.compile(r"<documents>.*?</documents>", re.DOTALL)
_QUESTION = re.compile(r"<question>\s*(.*?)\s*</question>", re.DOTALL)
_TAG_PAIR = re.compile(r"<(thinking|reasoning|thoughts|answer|response)>")
_CORRECTION = re.compile(r"your (?:last )?(?:answer|reply|response)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\?\s+|;\s+|,?\s+(?:and|as well as)\s+(?=(?:what|which|who|how|when|where|why|is|are|can|do|does)\b)"
)


@dataclass(frozen=True)
class Prompt:
    """A conversation as the stand-in model understands it."""

    question: str
    documents: list[str]
    earlier: list[str]
    reasoning_tag: str | None
    answer_tag: str | None


def parse(body: dict[str, Any]) -> Prompt:
    """Understand a Converse request."""
    turns = [(message["role"], text_of(message["content"])) for message in body["messages"]]
    asked = _asked([text for role, text in turns if role == "user"])
    instructions = text_of(body.get("system") or []) + "\n" + _DOCUMENTS.sub("", asked)
    tags = _TAG_PAIR.findall(instructions)
    return Prompt(
        question=question_of(asked),
        documents=_DOCUMENT.findall(asked),
        earlier=[text for _, text in turns[:-1]],
        reasoning_tag=next((tag for tag in tags if tag in ("thinking", "reasoning", "thoughts")), None),
        answer_tag=next((tag for tag in tags if tag in ("answer", "response")), None),
    )


def _asked(spoken: list[str]) -> str:
    """The last turn of the user that asks something: one that finds fault with an answer asks the turn before again."""
    return next((text for text in reversed(spoken) if not _CORRECTION.match(text)), "".join(spoken[-1:]))


def question_of(asked: str) -> str:
    """The question without the documents around it."""
    bare = _DOCUMENTS.sub("", asked)
    question = _QUESTION.search(bare)
    return (question.group(1) if question else bare).strip()


def text_of(content: list[dict[str, Any]]) -> str:
    """The text in content blocks, those that are marked for a guardrail included."""
    texts = [part.get("guardContent", {}).get("text", part).get("text") for part in content]
    return "\n".join(text for text in texts if isinstance(text, str))


def asking(question: str) -> str:
    """The sentences of a question that ask, without the greeting, circumstances and thanks around them."""
    parts = [part for line in question.splitlines() for part in sentences(line) if part.endswith("?")]
    return " ".join(parts) or question


def clauses(question: str) -> list[str]:
    """The single questions in a question."""
    parts = [part.strip(" ?.,;") for part in _CLAUSE.split(question)]
    return [part for part in parts if part] or [question]
