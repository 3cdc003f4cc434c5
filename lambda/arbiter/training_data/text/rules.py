"""Rules for texts that are trained on: contents that are refused, and those that deserve a second look."""

import re
from collections.abc import Iterator

# Amazon Nova customisation guide: a job fails when one of these occurs anywhere in a prompt. AWS's own validator
# compares without regard to case and inside words.
RESERVED_WORDS = ("System:", "User:", "Bot:", "Assistant:", "Thought:", "[EOS]", "<image>", "<video>", "<unk>")
_CANONICAL = {word.lower(): word for word in RESERVED_WORDS}
_RESERVED = re.compile("|".join(re.escape(word) for word in RESERVED_WORDS), re.IGNORECASE | re.ASCII)
# The last character as often as it stands there ("User:::"): one at a time would take as many passes.
_WITH_PUNCTUATION = re.compile("|".join(f"{re.escape(word)}+" for word in RESERVED_WORDS), re.IGNORECASE | re.ASCII)

# Spaces as str.isspace() knows them, and the characters that have no width or no glyph of their own: a text of these
# alone says nothing.
_INVISIBLE = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]*"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


# What a workbook writes, behind a "#", where a formula fails.
_OF_WORKBOOKS = frozenset({"ref", "value", "name", "div/0", "num", "spill", "calc"})
# Compared in lower case without its punctuation: an answer that only says that there is none.
_PLACEHOLDERS = frozenset(
    {
        *("", "n/a", "n.a", "na", "none", "null", "nil", "nan", "todo", "tbd", "xxx", "unknown", "lorem ipsum"),
        *("no answer", "no answer available", "not available", "not applicable", "not sure", "i don't know"),
        *("i don\u2019t know", "i do not know", "i dont know", "dont know", "don't know", "idk"),
        *_OF_WORKBOOKS,
    }
)
_LONGEST_PLACEHOLDER = 40
_INJECTION_HINTS = ("previous ", "prior ", "above ")
_INJECTION = re.compile(
    r"(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your |my )?(?:previous|prior|above) (?:[a-z]+ ){0,2}"
    r"(?:instruction|prompt|message|rule|direction|text|context|conversation|command|guideline|order)"
)

Fault = tuple[str, str, str]
"""The code, what is wrong, and its remedy."""


def faults_of(text: str) -> Iterator[Fault]:
    """Everything about a text that makes a training job fail, and what its owner may not want to train on."""
    if is_blank(text):
        yield "empty_text", "is empty or blank", "give a text, or remove the sample"
    if (nul := text.find("\0")) >= 0:
        yield "control_character", f"has a NUL character (at {nul + 1})", "remove the character"
    if surrogate := _SURROGATE.search(text):
        position = surrogate.start() + 1
        yield "control_character", f"has half of a surrogate pair (at {position})", "write the whole character"
    lower = text.lower()
    for word, position in sorted(reserved_words_in(text).items()):
        remedy = f'write it without its punctuation, as in "{without_punctuation(word)}"'
        yield "reserved_word", f'has the reserved word "{word}" (at {position})', remedy
    if any(hint in lower for hint in _INJECTION_HINTS) and (injection := _INJECTION.search(lower)):
        position = injection.start() + 1
        yield "injection", f"holds the advice to ignore instructions (at {position})", "make sure that it is meant"


def is_blank(text: str) -> bool:
    """Whether nobody can see anything in a text."""
    return _INVISIBLE.fullmatch(text) is not None


def is_placeholder(answer: str) -> bool:
    """Whether an answer stands for an answer that nobody gave."""
    plain = answer.strip()
    bare = plain.strip(".!?-_…()[]<># ").lower() if len(answer) < _LONGEST_PLACEHOLDER else plain
    return bare in _PLACEHOLDERS and (bare not in _OF_WORKBOOKS or plain.startswith("#"))


def mended(text: str) -> str:
    """The text without what makes a job fail."""
    text = _SURROGATE.sub("\ufffd", text.replace("\0", ""))
    # Taking punctuation away may complete another word ("[EOS]ystem:").
    while reserved_words_in(text):
        text = _WITH_PUNCTUATION.sub(lambda match: without_punctuation(match[0]), text)
    return text


def without_punctuation(word: str) -> str:
    """A reserved word as it may be written."""
    return word.strip(":[]<>")


def reserved_words_in(text: str) -> dict[str, int]:
    """Each reserved word of a text with its first position."""
    lower = text.lower()
    if not any(word in lower for word in _CANONICAL):
        return {}
    positions: dict[str, int] = {}
    for match in _RESERVED.finditer(text):
        positions.setdefault(_CANONICAL[match[0].lower()], match.start() + 1)
    return positions
