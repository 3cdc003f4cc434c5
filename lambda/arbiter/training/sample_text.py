"""What a text must not hold to be trained on, and what deserves a second look."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Amazon Nova customisation guide: a job fails when one of these occurs anywhere in a prompt. AWS's own validator
# compares without regard to case and inside words.
RESERVED_WORDS = ("System:", "User:", "Bot:", "Assistant:", "Thought:", "[EOS]", "<image>", "<video>", "<unk>")
_CANONICAL = {word.lower(): word for word in RESERVED_WORDS}
_RESERVED = re.compile("|".join(re.escape(word) for word in RESERVED_WORDS), re.IGNORECASE | re.ASCII)

# Spaces as str.isspace() knows them, and the characters that have no width: a text of these alone says nothing.
_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Sign(NamedTuple):
    """Something that a text may hold; the hints are cheap to look for, and one of them is always part of it."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]

    def place(self, text: str) -> int:
        """Where it is, counted from 1; 0 when it is not there."""
        found = self.pattern.search(text) if any(hint in text for hint in self.hints) else None
        return found.start() + 1 if found else 0


_SECRETS = (
    _Sign(
        "an AWS access key id",
        ("AKIA", "ASIA"),
        re.compile(r"\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b"),
    ),
    _Sign("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    _Sign("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b")),
    _Sign("a Slack token", ("xox",), re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
)
_DOUBTS = (
    _Sign("an e-mail address", ("@",), re.compile(r"\b[\w.+-]{1,64}@(?!example\.)[\w-]{1,63}\.\w")),
    _Sign("what looks like a US social security number", ("-",), re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    _Sign("what looks like a payment card number", (" ", "-"), re.compile(r"(?:\d{4}[ -]){3}\d{4}\b")),
)
_INJECTION = _Sign(
    "the advice to ignore instructions",
    ("previous ", "prior ", "above "),
    re.compile(r"(?:ignore|disregard|forget) (?:all |any )?(?:the )?(?:previous|prior|above) "),
)


def problems_of(text: str) -> Iterator[tuple[str, str]]:
    """Everything that makes a training job fail or must not be learnt, each with its remedy."""
    if _INVISIBLE.fullmatch(text):
        yield "is empty or blank", "give a text, or remove the sample"
    if (nul := text.find("\0")) >= 0:
        yield f"has a NUL character (at {nul + 1})", "remove the character"
    if surrogate := _SURROGATE.search(text):
        yield f"has half of a surrogate pair (at {surrogate.start() + 1})", "write the whole character"
    for word, place in sorted(_reserved(text).items()):
        yield (
            f'has the reserved word "{word}" (at {place})',
            f'write it without the sign, as in "{word.strip(":[]<>")}"',
        )
    for sign in _SECRETS:
        if place := sign.place(text):
            yield f"holds {sign.name} (at {place})", "revoke it, and remove it from the text"


def _reserved(text: str) -> dict[str, int]:
    """Each reserved word of a text with its first place."""
    lower = text.lower()
    if not any(word in lower for word in _CANONICAL):
        return {}
    found: dict[str, int] = {}
    for match in _RESERVED.finditer(text):
        found.setdefault(_CANONICAL[match[0].lower()], match.start() + 1)
    return found


def doubts_of(text: str) -> Iterator[tuple[str, str]]:
    """Everything that trains, but that its owner may not want to train on."""
    for sign in _DOUBTS:
        if place := sign.place(text):
            yield f"holds {sign.name} (at {place})", "replace it unless the model may repeat it"
    if place := _INJECTION.place(text.lower()):
        yield f"holds {_INJECTION.name} (at {place})", "make sure that it is meant"
