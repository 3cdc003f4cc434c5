"""One training sample: read from any of three shapes, and written as Bedrock's conversation format."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from arbiter.jsonl import kind, printable
from arbiter.training_data.reading.findings import KINDS, PROBLEM
from arbiter.training_data.text.damage import damage_of
from arbiter.training_data.text.rules import Fault, faults_of, is_placeholder
from arbiter.training_data.text.sensitive_data import Detect, detects_nothing

SCHEMA = "bedrock-conversation-2024"
FORMATS = (
    'write {"question": "…", "answer": "…"}, OpenAI\'s {"messages": [{"role": "user", "content": "…"}, …]}, '
    f'or "schemaVersion": "{SCHEMA}"'
)
ORIGIN_KEYS = frozenset({"id", "document", "tags"})
"""They say where a sample comes from; they are not trained on."""
PAIR_KEYS = frozenset({"question", "answer", "system", *ORIGIN_KEYS})

TOOL_CALL_KEYS = ("tool_calls", "function_call")
WEIGHT = "weight"
MEDIA_KEYS = frozenset(
    ["image", "video", "audio", "document", "toolUse", "toolResult", "image_url", "input_audio", "file"]
)
"""Parts that are no text; beside a text in one part they would be lost."""


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
    origin: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        return (*([self.system] if self.system else []), *(turn.text for turn in self.turns))

    @property
    def question(self) -> str:
        """The user's texts, without the answers."""
        return "\n".join(turn.text for turn in self.turns if turn.role == "user")

    @property
    def document(self) -> str | None:
        """The document that the sample was made from, where that is known."""
        name = self.origin.get("document")
        # The same name may come composed from one system and decomposed from another.
        return normalize("NFC", name.strip()) if isinstance(name, str) and name.strip() else None

    def dump(self, default_system: str | None = None) -> bytes:
        """The sample as one line of a Bedrock training file."""
        record: dict[str, Any] = {"schemaVersion": SCHEMA}
        if system := self.system or default_system:
            record["system"] = [{"text": system}]
        record["messages"] = [{"role": turn.role, "content": [{"text": turn.text}]} for turn in self.turns]
        return line_of(record)


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


@dataclass
class Notes:
    """The findings of one sample."""

    detect: Detect = detects_nothing
    faults: list[Fault] = field(default_factory=list)

    def note(self, code: str, problem: str, remedy: str) -> None:
        self.faults.append((code, problem, remedy))

    @property
    def refused(self) -> bool:
        return any(KINDS[code].severity == PROBLEM for code, _, _ in self.faults)


def read_text(value: Any, path: str, notes: Notes) -> str:
    """A text of a sample, with what is wrong with it in `notes`."""
    if not isinstance(value, str):
        notes.note("no_text", f"{path} is {'missing or null' if value is None else kind(value)}", "give a text")
        return ""
    for code, problem, remedy in (*faults_of(value), *damage_of(value)):
        notes.note(code, f"{path} {problem}", remedy)
    for data in notes.detect(value):
        notes.note(data.code, f"{path} holds {data.name} (at {data.position})", data.remedy)
    return value


def read_pair(record: dict[str, Any], notes: Notes) -> Sample:
    """The sample that a question and its answer are."""
    note_unknown_keys(record, PAIR_KEYS, notes)
    turns = tuple(
        Turn(role, read_text(record.get(key), key, notes))
        for key, role in (("question", "user"), ("answer", "assistant"))
    )
    note_placeholder(turns[-1].text, "answer", notes)
    system = read_text(record["system"], "system", notes) if record.get("system") is not None else None
    return Sample(system, turns, origin_of(record, notes))


def origin_of(record: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The keys of a record that say where its sample comes from."""
    document = record.get("document")
    if document is not None and not (isinstance(document, str) and document.strip()):
        shape = "a blank text" if isinstance(document, str) else kind(document)
        notes.note("document_name", f"has {shape} as document", "give the document's name as a text")
    return {key: record[key] for key in ORIGIN_KEYS & record.keys()}


def note_placeholder(answer: str, path: str, notes: Notes) -> None:
    """Doubt an answer such as "n/a"."""
    if answer and is_placeholder(answer):
        notes.note("placeholder_answer", f"{path} is a placeholder", "give the answer, or remove the sample")


def note_unknown_keys(record: dict[str, Any], known: frozenset[str], notes: Notes, path: str = "") -> None:
    """Doubt keys that nothing reads, unless they say nothing."""
    if unknown := [key for key, value in record.items() if key not in known and value is not None]:
        where = f"{path} has" if path else "has"
        listed = ", ".join(printable(key) for key in unknown[:6])
        notes.note("unknown_keys", f"{where} unknown keys: {listed}", "they are left out of the training file")
