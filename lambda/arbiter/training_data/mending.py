"""One record mended: everything about it that has one right answer, and nothing that needs a person."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from arbiter.training_data.reading.conversations import SYSTEM_ROLES, canonical_role, is_bedrock
from arbiter.training_data.reading.samples import MEDIA_KEYS, ORIGIN_KEYS, PAIR_KEYS, SCHEMA, TOOL_CALL_KEYS, WEIGHT
from arbiter.training_data.text.rules import is_blank, mended
from arbiter.training_data.text.synonyms import likely_names, may_be_meant

Message = dict[str, Any]
_KEPT = frozenset({"role", "content", WEIGHT, *TOOL_CALL_KEYS})


def mended_record(record: Any) -> Any:
    """The record mended as far as possible; `None` when nothing is left of it to learn from."""
    if not isinstance(record, dict):
        return record
    if "messages" in record:
        return _conversation(record)
    return _pair(_renamed(record))


def _renamed(record: dict[str, Any]) -> dict[str, Any]:
    likely = likely_names(record)
    if not likely:
        return record
    asked = [record[name] for name in likely.questions]
    if len(asked) > 1:
        if not all(isinstance(text, str | None) for text in asked):
            return record
        asked = ["\n\n".join(_texts(asked))]
    names = (*likely.questions, likely.answer)
    others = {key: value for key, value in record.items() if key not in names}
    return {"question": asked[0], "answer": record[likely.answer], **others}


def _pair(record: dict[str, Any]) -> dict[str, Any] | None:
    if "question" not in record and "answer" not in record:
        return record
    # What is missing may stand under a key that is not known.
    complete = all(isinstance(record.get(key), str) for key in ("question", "answer"))
    kept = {key: _text(value) for key, value in record.items() if key in PAIR_KEYS or not complete}
    if any(_blank(kept.get(key)) for key in ("question", "answer")):
        return record if any(map(may_be_meant, _texts_beside(record))) else None
    return {key: value for key, value in kept.items() if key != "system" or not _blank(value)}


def _texts_beside(record: dict[str, Any]) -> list[str]:
    """The unknown keys of a pair that hold a text."""
    beside = record.keys() - PAIR_KEYS
    return [key for key in beside if isinstance(record[key], str) and not is_blank(record[key])]


def _conversation(record: dict[str, Any]) -> dict[str, Any] | None:
    messages = record["messages"]
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages) or not messages:
        return record
    parts = is_bedrock(record)
    read = [_message(message, parts=parts) for message in messages]
    system = [message for message in read if message.get("role") in SYSTEM_ROLES]
    system = [message for message in system if not _blank(message.get("content"))]
    turns = [message for message in read if message.get("role") not in SYSTEM_ROLES]
    if any(_blank(message.get("content")) for message in turns):
        return None
    turns = _in_order(turns)
    if not turns:
        return None
    origin = {key: value for key, value in record.items() if key in ORIGIN_KEYS}
    if parts:
        prompts = _content([_content(record.get("system")), *(m.get("content") for m in system)])
        prompt = {"system": prompts} if prompts else {}
        return {"schemaVersion": SCHEMA, **prompt, "messages": turns, **origin}
    prompt = _plain(record.get("system"))
    if isinstance(prompt, list) and prompt:  # As a message, parts that are no texts would make Bedrock's format of it.
        return {"system": prompt, "messages": [*_joined(system), *turns], **origin}
    if not _blank(prompt) and prompt is not None:
        system.insert(0, {"role": "system", "content": prompt})
    return {"messages": [*_joined(system), *turns], **origin}


def _message(message: Message, *, parts: bool) -> Message:
    """A message of the keys that are read, with its role and its texts mended."""
    content = message.get("content")
    # As in a pair: what is missing may stand under a key that is not known.
    complete = isinstance(message.get("role"), str) and isinstance(content, list | str)
    kept = {key: value for key, value in message.items() if key in _KEPT or not complete}
    if canonical := canonical_role(message.get("role")):
        kept["role"] = canonical
    if "content" not in message:
        return kept
    if parts and isinstance(content, list | str):
        kept["content"] = _content(content)
    else:
        kept["content"] = _plain(content)
    return kept


def _plain(content: Any) -> Any:
    """The content of a message in OpenAI's form."""
    return _chat_text(content) if isinstance(content, list) else _text(content)


def _chat_text(parts: list[Any]) -> Any:
    """The text of OpenAI's parts, where they are texts alone."""
    read = _content(parts)
    texts = [part.get("text") if isinstance(part, dict) and not MEDIA_KEYS & part.keys() else None for part in read]
    return "\n\n".join(_texts(texts)) if all(isinstance(text, str) for text in texts) else parts


def _content(content: Any) -> Any:
    """A list of parts without the empty ones; texts and lists among them are taken in."""
    if not isinstance(content, list):
        content = [content] if content is not None else []
    parts: list[Any] = []
    for part in content:
        if isinstance(part, list):
            parts += _content(part)
        elif isinstance(part, str):
            parts.append({"text": mended(part)})
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            media = {key: value for key, value in part.items() if key in MEDIA_KEYS}
            parts.append({"text": mended(part["text"]), **media})
        elif part is not None:
            parts.append(part)
    return [part for part in parts if not (isinstance(part, dict) and _says_nothing(part))]


def _in_order(turns: list[Message]) -> list[Message]:
    """The turns from the first question to the last answer, neighbours of one role joined."""
    if any(turn.get("role") not in ("user", "assistant") for turn in turns):
        return turns
    joined: list[Message] = []
    for _, same in groupby(turns, key=lambda turn: turn["role"]):
        joined += _joined(list(same))
    first = next((i for i, turn in enumerate(joined) if turn["role"] == "user"), len(joined))
    last = max((i for i, turn in enumerate(joined) if turn["role"] == "assistant"), default=-1)
    return joined[first : last + 1]


def _joined(messages: list[Message]) -> list[Message]:
    """One message of several, where all their contents are of the same kind."""
    contents = [message.get("content") for message in messages]
    if len(messages) < 2 or any(map(_stands_alone, messages)):
        return messages
    if all(isinstance(content, str) for content in contents):
        return [{**messages[0], "content": "\n\n".join(_texts(contents))}]
    if all(isinstance(content, list) for content in contents):
        return [{**messages[0], "content": _content(contents)}]
    return messages


def _stands_alone(message: Message) -> bool:
    """Whether a message has what another that it were joined with has not: a call, or a wish not to be learnt."""
    return message.get(WEIGHT) == 0 or any(message.get(key) for key in TOOL_CALL_KEYS)


def _says_nothing(part: dict[str, Any]) -> bool:
    return _blank(part.get("text")) and not MEDIA_KEYS & part.keys()


def _texts(contents: Iterable[Any]) -> list[str]:
    return [content for content in contents if isinstance(content, str) and not is_blank(content)]


def _text(value: Any) -> Any:
    return mended(value) if isinstance(value, str) else value


def _blank(value: Any) -> bool:
    """Whether a text is there and says nothing; a list of parts that lost them all says nothing either."""
    return value == [] or (isinstance(value, str) and is_blank(value))
