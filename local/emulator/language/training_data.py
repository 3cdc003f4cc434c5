"""Training sets as Bedrock reads them: one conversation a line, refused with Bedrock's kind of reason."""

import json
from dataclasses import dataclass
from typing import Any

MIN_SAMPLES, MAX_SAMPLES = 8, 20_000  # docs: preparing data for understanding models
RESERVED = ("System:", "User:", "Bot:", "Assistant:", "Thought:", "[EOS]", "<image>", "<video>", "<unk>")
_REASONS_SHOWN = 10


class TrainingDataError(ValueError):
    """A training set that fails its job; the message is the job's failure message."""


@dataclass(frozen=True)
class Sample:
    """The last question of a training conversation, and its answer."""

    prompt: str
    completion: str


def parse(content: bytes, *, fewest: int = MIN_SAMPLES) -> list[Sample]:
    """Read a JSON Lines set of samples, by default one to train on.

    Raises:
        TrainingDataError: naming the first problems with their lines.
    """
    try:
        # A text may hold characters at which str.splitlines ends a line, too.
        lines = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"the training data is not UTF-8: {error}") from error
    samples: list[Sample] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        wrong = _problems(line)
        problems.extend(f"line {number}: {problem}" for problem in wrong)
        if not wrong:
            samples.append(_sample(json.loads(line)))
    if problems:
        more = f" (and {len(problems) - _REASONS_SHOWN} more)" if len(problems) > _REASONS_SHOWN else ""
        raise TrainingDataError("Invalid training data: " + "; ".join(problems[:_REASONS_SHOWN]) + more)
    if not fewest <= len(samples) <= MAX_SAMPLES:
        raise TrainingDataError(f"Invalid training data: {len(samples)} samples; allowed: {fewest} to {MAX_SAMPLES}")
    return samples


def _problems(line: str) -> list[str]:
    try:
        record = json.loads(line)
    except ValueError as error:
        return [f"not JSON: {error}"]
    if not isinstance(record, dict) or not isinstance(record.get("schemaVersion"), str):
        return ["schemaVersion is missing; bedrock-conversation-2024 is expected"]
    messages = record.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        return ["messages must hold at least one user and one assistant turn"]
    problems = _role_problems([message.get("role") for message in messages if isinstance(message, dict)])
    try:
        texts = [_text(message) for message in messages] + [part["text"] for part in record.get("system") or []]
    except (KeyError, TypeError, IndexError):
        return [*problems, 'every message needs content [{"text": …}]']
    problems.extend("a message is empty" for text in texts if not text.strip())
    lowered = " ".join(texts).lower()
    problems.extend(f"contains the reserved keyword {word!r}" for word in RESERVED if word.lower() in lowered)
    return problems


def _role_problems(roles: list[Any]) -> list[str]:
    expected = ["user" if position % 2 == 0 else "assistant" for position in range(len(roles))]
    if roles != expected or roles[-1] != "assistant":
        return [f"roles must alternate from user to a last assistant, found {', '.join(map(str, roles))}"]
    return []


def _text(message: dict[str, Any]) -> str:
    return "\n".join(part["text"] for part in message["content"])


def _sample(record: dict[str, Any]) -> Sample:
    *_, question, answer = record["messages"]
    return Sample(_text(question), _text(answer))
