"""One training sample: read from any of three formats, checked, and written as Bedrock's conversation format."""

import json
from dataclasses import dataclass, field
from typing import Any

from arbiter.jsonl import kind, printable
from arbiter.training.sample_text import doubts_of, problems_of

SCHEMA = "bedrock-conversation-2024"
FORMATS = (
    'write {"question": "…", "answer": "…"}, OpenAI\'s {"messages": [{"role": "user", "content": "…"}, …]}, '
    f'or "schemaVersion": "{SCHEMA}"'
)
LIKELY_PAIRS = (("prompt", "completion"), ("input", "output"), ("instruction", "response"), ("instruction", "output"))
PAIR_KEYS = frozenset({"question", "answer", "system", "id", "document", "tags"})
"""The last three say where a pair comes from; they are not trained on."""
SYSTEM_ROLES = ("system", "developer")


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: str
    text: str


@dataclass(frozen=True)
class Sample:
    """A conversation that begins with the user and ends with the assistant."""

    system: str | None
    turns: tuple[Turn, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return (*([self.system] if self.system else []), *(turn.text for turn in self.turns))

    def dump(self, default_system: str | None = None) -> bytes:
        """The sample as one line of a Bedrock training file."""
        record: dict[str, Any] = {"schemaVersion": SCHEMA}
        if system := self.system or default_system:
            record["system"] = [{"text": system}]
        record["messages"] = [{"role": turn.role, "content": [{"text": turn.text}]} for turn in self.turns]
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass
class Notes:
    """What was found in one sample: problems refuse it, doubts do not."""

    problems: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, problem: str, remedy: str) -> None:
        self.problems.append((problem, remedy))

    def doubtful(self, problem: str, remedy: str) -> None:
        self.doubts.append((problem, remedy))


def read(record: Any, notes: Notes) -> Sample | None:
    """The sample that a JSON value holds, or `None` with the reasons in `notes`."""
    if not isinstance(record, dict):
        notes.wrong(f"is {kind(record)}, not a JSON object", FORMATS)
        return None
    if "messages" in record:
        sample = _conversation(record, notes)
    elif "question" in record or "answer" in record:
        sample = _pair(record, notes)
    else:
        notes.wrong(f"has neither messages nor a question, but {_keys(record)}", _format_remedy(record))
        return None
    return None if notes.problems else sample


def _keys(record: dict[str, Any]) -> str:
    return "the keys " + ", ".join(printable(key) for key in list(record)[:6]) if record else "no keys at all"


def _format_remedy(record: dict[str, Any]) -> str:
    for question, answer in LIKELY_PAIRS:
        if question in record and answer in record:
            return f'rename "{question}" to "question" and "{answer}" to "answer"'
    return FORMATS


def _pair(record: dict[str, Any], notes: Notes) -> Sample:
    _unknown_keys(record, PAIR_KEYS, notes)
    turns = tuple(
        Turn(role, _text(record.get(key), key, notes)) for key, role in (("question", "user"), ("answer", "assistant"))
    )
    system = _text(record["system"], "system", notes) if record.get("system") is not None else None
    return Sample(system, turns)


def _conversation(record: dict[str, Any], notes: Notes) -> Sample | None:
    messages = record["messages"]
    if not isinstance(messages, list) or not messages:
        shape = "an empty array" if messages == [] else kind(messages)
        notes.wrong(f"has {shape} as messages", "give an array with at least one user and one assistant message")
        return None
    if "toolConfig" in record or "tools" in record:
        notes.wrong("declares tools, which fine-tuning does not take", "remove toolConfig or tools")
    if "schemaVersion" in record or _has_parts(messages):
        return _bedrock(record, messages, notes)
    return _chat(record, messages, notes)


def _has_parts(messages: list[Any]) -> bool:
    return any(isinstance(message, dict) and isinstance(message.get("content"), list) for message in messages)


def _bedrock(record: dict[str, Any], messages: list[Any], notes: Notes) -> Sample:
    _unknown_keys(record, {"schemaVersion", "system", "messages", "toolConfig", "tools"}, notes)
    if record.get("schemaVersion", SCHEMA) != SCHEMA:
        notes.doubtful(f"has schemaVersion {printable(record['schemaVersion'])}", f'it is written as "{SCHEMA}"')
    system = _parts(record["system"], "system", notes) if record.get("system") is not None else None
    turns = [_turn(message, f"messages[{i}]", notes, parts=True) for i, message in enumerate(messages)]
    _check_order(turns, notes)
    return Sample(system, tuple(turn for turn in turns if turn))


def _chat(record: dict[str, Any], messages: list[Any], notes: Notes) -> Sample:
    _unknown_keys(record, {"messages", "tools"}, notes)
    first = messages[0]
    has_system = isinstance(first, dict) and first.get("role") in SYSTEM_ROLES
    system = _text(first.get("content"), "messages[0].content", notes) if has_system else None
    offset = 1 if has_system else 0
    turns = [
        _turn(message, f"messages[{i}]", notes, parts=False) for i, message in enumerate(messages[offset:], offset)
    ]
    _check_order(turns, notes)
    return Sample(system, tuple(turn for turn in turns if turn))


def _turn(message: Any, path: str, notes: Notes, *, parts: bool) -> Turn | None:
    """The turn of a message; `None` when its role is unknown, so that the order cannot be judged."""
    if not isinstance(message, dict):
        notes.wrong(f"{path} is {kind(message)}", 'write {"role": …, "content": …}')
        return None
    _unknown_keys(message, {"role", "content", "tool_calls"}, notes, path)
    if message.get("tool_calls"):
        notes.wrong(f"{path} calls tools, which fine-tuning does not take", "replace the call by the answer in words")
    content = (_parts if parts else _text)(message.get("content"), f"{path}.content", notes)
    role = message.get("role")
    if role not in ("user", "assistant"):
        notes.wrong(f"{path}.role is {printable(role)}", _role_remedy(role, parts=parts))
        return None
    return Turn(role, content)


def _role_remedy(role: Any, *, parts: bool) -> str:
    if role in SYSTEM_ROLES:
        place = 'the field "system": [{"text": "…"}] of the sample' if parts else "the first message"
        return f"put the system prompt into {place}"
    return 'use "user" or "assistant"'


def _check_order(turns: list[Turn | None], notes: Notes) -> None:
    roles = [turn.role if turn else None for turn in turns]
    if None in roles:
        return
    if roles[:1] != ["user"]:
        notes.wrong(f"starts with {roles[0] if roles else 'no message'}", "begin with a user message")
    if roles[-1:] == ["user"]:
        notes.wrong("ends with a user message", "end with the assistant message to be learnt")
    for i in range(1, len(roles)):
        if roles[i] == roles[i - 1]:
            notes.wrong(f"has two {roles[i]} messages in a row (messages {i - 1} and {i})", "join them, or remove one")


def _parts(content: Any, path: str, notes: Notes) -> str:
    """The text of a content list; several text parts become paragraphs."""
    if not isinstance(content, list) or not content:
        shape = "an empty array" if content == [] else kind(content)
        notes.wrong(f"{path} is {shape}", 'write [{"text": "…"}]')
        return ""
    return "\n\n".join(_part(part, f"{path}[{i}]", notes) for i, part in enumerate(content))


def _part(part: Any, path: str, notes: Notes) -> str:
    if isinstance(part, dict) and "text" in part:
        _unknown_keys(part, {"text", "type"}, notes, path)
        return _text(part["text"], f"{path}.text", notes)
    if isinstance(part, dict) and part:
        notes.wrong(f"{path} holds {printable(next(iter(part)))}", "keep texts alone: Arbiter trains on text")
    else:
        notes.wrong(f"{path} is {'an empty object' if part == {} else kind(part)}", 'write {"text": "…"}')
    return ""


def _text(value: Any, path: str, notes: Notes) -> str:
    if not isinstance(value, str):
        notes.wrong(f"{path} is {'missing or null' if value is None else kind(value)}", "give a text")
        return ""
    for problem, remedy in problems_of(value):
        notes.wrong(f"{path} {problem}", remedy)
    for doubt, remedy in doubts_of(value):
        notes.doubtful(f"{path} {doubt}", remedy)
    return value


def _unknown_keys(record: dict[str, Any], known: frozenset[str] | set[str], notes: Notes, path: str = "") -> None:
    if unknown := [key for key in record if key not in known]:
        where = f"{path} has" if path else "has"
        listed = ", ".join(printable(key) for key in unknown[:6])
        notes.doubtful(f"{where} unknown keys: {listed}", "they are left out of the training file")
