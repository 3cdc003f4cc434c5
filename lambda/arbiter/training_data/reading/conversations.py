"""Conversations read as samples: Bedrock's format with lists of parts, and OpenAI's with plain texts."""

from typing import Any

from arbiter.jsonl import kind, printable
from arbiter.training_data.reading.formats import note_format
from arbiter.training_data.reading.samples import (
    FORMATS,
    MEDIA_KEYS,
    ORIGIN_KEYS,
    SCHEMA,
    TOOL_CALL_KEYS,
    WEIGHT,
    Notes,
    Sample,
    Turn,
    note_placeholder,
    note_unknown_keys,
    origin_of,
    read_pair,
    read_text,
)

SYSTEM_ROLES = ("system", "developer")
ROLE_NAMES = {"human": "user", "prompter": "user", "ai": "assistant", "bot": "assistant", "gpt": "assistant"}
"""Names that other tools give the two roles."""
_TOOL_KEYS = ("toolConfig", "tools", "functions")
_BEDROCK_KEYS = frozenset({"schemaVersion", "system", "messages", *_TOOL_KEYS, *ORIGIN_KEYS})
_CHAT_KEYS = frozenset({"messages", "system", *_TOOL_KEYS, *ORIGIN_KEYS})
CANDIDATES = "candidates"
"""Where Nova's preference data has its answers, as `content` has one elsewhere."""
_MESSAGE_KEYS = frozenset({"role", "content", CANDIDATES, WEIGHT, *TOOL_CALL_KEYS})
_PART_KEYS = frozenset({"text", "type"})


def read(record: Any, notes: Notes) -> Sample | None:
    """The sample that a JSON value holds, or `None` with the reasons in `notes`."""
    if not isinstance(record, dict):
        several = isinstance(record, list) and record and isinstance(record[0], dict)
        remedy = "write one JSON object a line: `jq -c '.[]'`" if several else FORMATS
        notes.note("not_an_object", f"is {kind(record)}, not a JSON object", remedy)
        return None
    if "messages" in record:
        sample = _conversation(record, notes)
    elif note_format(record, notes):
        sample = None
    else:
        sample = read_pair(record, notes)
    return None if notes.refused else sample


def is_bedrock(record: dict[str, Any]) -> bool:
    """Whether a record with messages is written in Bedrock's format: lists of parts, without the types of OpenAI's."""
    contents = [message.get("content") for message in record["messages"] if isinstance(message, dict)]
    parts = [content for content in contents if isinstance(content, list)]
    typed = any(isinstance(part, dict) and "type" in part for content in parts for part in content)
    return "schemaVersion" in record or (bool(parts) and not typed)


def canonical_role(role: Any) -> str | None:
    """The role that another spelling means; `None` when it is no other spelling of the two."""
    name = role.strip().lower() if isinstance(role, str) else ""
    name = ROLE_NAMES.get(name, name)
    return name if name in ("user", "assistant") and name != role else None


def _conversation(record: dict[str, Any], notes: Notes) -> Sample | None:
    messages = record["messages"]
    if not isinstance(messages, list) or not messages:
        shape = "an empty array" if messages == [] else kind(messages)
        problem = f"has {shape} as messages"
        notes.note("no_messages", problem, "give an array with at least one user and one assistant message")
        return None
    if declared := [key for key in _TOOL_KEYS if record.get(key) is not None]:
        remedy = f"remove {' and '.join(declared)}"
        notes.note("tools_declared", "declares tools, which fine-tuning does not take", remedy)
    parts = is_bedrock(record)
    system, offset = _bedrock_system(record, notes) if parts else _chat_system(record, notes)
    turns = [
        _turn(message, f"messages[{i}]", notes, parts=parts) for i, message in enumerate(messages[offset:], offset)
    ]
    _check_order(turns, notes)
    if turns and (last := turns[-1]) and last.role == "assistant":
        note_placeholder(last.text, f"messages[{len(messages) - 1}]", notes)
    return Sample(system, tuple(turn for turn in turns if turn), origin_of(record, notes))


def _bedrock_system(record: dict[str, Any], notes: Notes) -> tuple[str | None, int]:
    """The system prompt, and the number of messages that it takes up."""
    note_unknown_keys(record, _BEDROCK_KEYS, notes)
    if record.get("schemaVersion", SCHEMA) != SCHEMA:
        problem = f"has schemaVersion {printable(record['schemaVersion'])}"
        notes.note("schema_version", problem, f'it is written as "{SCHEMA}"')
    return _parts(record["system"], "system", notes) if record.get("system") is not None else None, 0


def _chat_system(record: dict[str, Any], notes: Notes) -> tuple[str | None, int]:
    note_unknown_keys(record, _CHAT_KEYS, notes)
    if record.get("system") is not None:
        return read_text(record["system"], "system", notes), 0
    first = record["messages"][0]
    if not (isinstance(first, dict) and first.get("role") in SYSTEM_ROLES):
        return None, 0
    return _content(first.get("content"), "messages[0].content", notes, parts=False), 1


def _turn(message: Any, path: str, notes: Notes, *, parts: bool) -> Turn | None:
    """The turn of a message; `None` when its role is unknown, so that the order cannot be judged."""
    if not isinstance(message, dict):
        notes.note("message_shape", f"{path} is {kind(message)}", 'write {"role": …, "content": …}')
        return None
    note_unknown_keys(message, _MESSAGE_KEYS, notes, path)
    if any(message.get(key) for key in TOOL_CALL_KEYS):
        problem = f"{path} calls tools, which fine-tuning does not take"
        notes.note("tool_call", problem, "replace the call by the answer in words")
    if message.get(CANDIDATES):
        problem = f"{path} holds {CANDIDATES}, of which one is preferred"
        notes.note("preferences", problem, 'write what is preferred as its "content"')
        content = ""
    else:
        content = _content(message.get("content"), f"{path}.content", notes, parts=parts)
    role = message.get("role")
    if message.get(WEIGHT) == 0:
        problem = f"{path} has the weight 0, which Bedrock does not know"
        notes.note("weight_zero", problem, "remove it or split the sample, unless it may be learnt")
    if role not in ("user", "assistant"):
        _note_role(role, path, notes, parts=parts)
        return None
    return Turn(role, content)


def _note_role(role: Any, path: str, notes: Notes, *, parts: bool) -> None:
    problem = f"{path}.role is {printable(role)}"
    if role in SYSTEM_ROLES:
        where = 'the field "system": [{"text": "…"}] of the sample' if parts else "the first message"
        notes.note("system_place", problem, f"put the system prompt into {where}")
    elif canonical := canonical_role(role):
        notes.note("role_name", problem, f'write "{canonical}": use "user" or "assistant"')
    else:
        notes.note("role", problem, 'use "user" or "assistant"')


def _check_order(turns: list[Turn | None], notes: Notes) -> None:
    roles = [turn.role if turn else None for turn in turns]
    if not roles:
        notes.note("no_messages", "starts with no message but the system prompt", "begin with a user message")
    if None in roles:
        return
    if roles[:1] == ["assistant"]:
        notes.note("starts_with_assistant", "starts with assistant", "begin with a user message")
    if roles[-1:] == ["user"]:
        notes.note("ends_with_user", "ends with a user message", "end with the assistant message to be learnt")
    for i in range(1, len(roles)):
        if roles[i] == roles[i - 1]:
            problem = f"has two {roles[i]} messages in a row (messages {i - 1} and {i})"
            notes.note("role_twice", problem, "join them, or remove one")


def _content(content: Any, path: str, notes: Notes, *, parts: bool) -> str:
    """The text of a message: a list of parts, or in a chat a text as well."""
    return _parts(content, path, notes) if parts or isinstance(content, list) else read_text(content, path, notes)


def _parts(content: Any, path: str, notes: Notes) -> str:
    """The text of a content list; several text parts become paragraphs."""
    if isinstance(content, str):
        notes.note("content_as_text", f"{path} is a text", 'write [{"text": "…"}]')
        return read_text(content, path, notes)
    if not isinstance(content, list) or not content:
        shape = "an empty array" if content == [] else kind(content)
        notes.note("content_shape", f"{path} is {shape}", 'write [{"text": "…"}]')
        return ""
    return "\n\n".join(_part(part, f"{path}[{i}]", notes) for i, part in enumerate(content))


def _part(part: Any, path: str, notes: Notes) -> str:
    if isinstance(part, dict) and "text" in part and not MEDIA_KEYS & part.keys():
        note_unknown_keys(part, _PART_KEYS, notes, path)
        return read_text(part["text"], f"{path}.text", notes)
    if isinstance(part, str):
        notes.note("content_as_text", f"{path} is a text", 'write {"text": "…"}')
        return read_text(part, path, notes)
    if isinstance(part, dict) and part:
        named = part.get("type") or next((key for key in part if key in MEDIA_KEYS), next(iter(part)))
        problem = f"{path} holds {printable(named)}"
        notes.note("not_text_alone", problem, "keep texts alone: Arbiter trains on text")
    else:
        notes.note(
            "content_shape", f"{path} is {'an empty object' if part == {} else kind(part)}", 'write {"text": "…"}'
        )
    return ""
