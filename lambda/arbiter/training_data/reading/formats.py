"""Records of other tools, told from pairs and conversations, with the command that makes these of them."""

import json
from typing import Any

from arbiter.jsonl import printable
from arbiter.training_data.reading.samples import FORMATS, PAIR_KEYS, Notes, note_unknown_keys
from arbiter.training_data.text.synonyms import likely_names

_COLUMNS_REMEDY = 'write a question and an answer a line: in pandas `to_json(file, orient="records", lines=True)`'
_EVALUATION_REMEDY = (
    'train on other questions, or rename "reference" to "answer" and evaluate on none of these: that measured memory'
)
_SPEAKERS = '{"human": "user", "user": "user", "model": "assistant", "gpt": "assistant", "assistant": "assistant"}'
_CHATS = {
    "conversations": f"jq -c '{{messages: [.conversations[] | {{role: ({_SPEAKERS}[.from]), content: .value}}]}}'",
    "contents": f"jq -c '{{messages: [.contents[] | {{role: ({_SPEAKERS}[.role]), content: .parts[0].text}}]}}'",
}
"""ShareGPT's and Vertex AI's form of a chat, and the command that makes OpenAI's of it."""

_PREFERENCES = {"chosen": "rejected", "preferred_output": "non_preferred_output"}
"""The answers of data for training by preferences: of TRL and of OpenAI."""


def note_format(record: dict[str, Any], notes: Notes) -> bool:
    """Whether a record without messages is no pair either; `notes` then say what it is, and how to make one of it."""
    if all(isinstance(record.get(key), list | dict) for key in ("question", "answer")):
        notes.note("no_text", "holds columns in place of texts", _COLUMNS_REMEDY)
        return True
    if isinstance(record.get("reference"), str) and "question" in record and "answer" not in record:
        notes.note("no_text", "has a reference and no answer, as questions of an evaluation have", _EVALUATION_REMEDY)
        return True
    likely = likely_names(record)
    if not likely and ("question" in record or "answer" in record):
        return False
    if preferred := next((one for one, other in _PREFERENCES.items() if one in record and other in record), None):
        problem = f"holds preferences: {preferred} beside {_PREFERENCES[preferred]}"
        notes.note("preferences", problem, f"write a question, and as its answer what is {preferred}")
        return True
    keys = "the keys " + ", ".join(printable(key) for key in list(record)[:6]) if record else "no keys at all"
    if likely:
        notes.note("other_keys", f"has neither messages nor question and answer, but {keys}", likely.remedy)
        note_unknown_keys(record, PAIR_KEYS | {*likely.questions, likely.answer}, notes)
        return True
    problem = f"has neither messages nor a question, but {keys}"
    notes.note("unknown_format", problem, _remedy_of(record))
    return True


def _remedy_of(record: dict[str, Any]) -> str:
    """The command that makes Arbiter's form of another tool's, where one does."""
    chat = next((key for key in _CHATS if isinstance(record.get(key), list)), None)
    if chat:
        return f"make messages of its {chat}: `{_CHATS[chat]}`"
    rows = [key for key, value in record.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(rows) == 1:
        name = rows[0] if rows[0].isidentifier() and rows[0].isascii() else f"[{json.dumps(rows[0])}]"
        return f"write one JSON object a line: `jq -c '.{name}[]'`"
    return _COLUMNS_REMEDY if isinstance(record.get("columns"), list) else FORMATS
