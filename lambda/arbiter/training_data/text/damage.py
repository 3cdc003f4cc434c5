"""Texts that were damaged on their way: wrong encodings, control characters, reserved words in disguise."""

import re
import unicodedata
from collections.abc import Iterator

from arbiter.training_data.text.rules import Fault, reserved_words_in

_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
# UTF-8 read as Windows-1252 or Latin-1: an accented letter, a dash or a quote became two or three characters.
_MOJIBAKE = re.compile(
    "\u00c3[\u0080-\u009f\u00a1-\u00bf\u0192\u02c6\u2013-\u203a\u20ac\u2122]|\u00c2[\u0080-\u00bf]"
    "|\u00e2\u20ac[\u0080-\u00ff\u0152-\u2122]|\u00ef\u00bb\u00bf|\u00f0\u0178"
)
_MARK = re.compile(
    r"</?think>|\[/?(?:INST|THINK)\]|<</?SYS>>"
    r"|<\|(?:im_start|im_end|begin_of_text|end_of_text|start_header_id|eot_id|endoftext|channel|message)\|>"
)
"""Marks that servers and training scripts of open models leave in texts: of turns, of a system prompt, of reasoning."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def damage_of(text: str) -> Iterator[Fault]:
    """Damage of a text that a model should not learn to write."""
    if control := _CONTROL.search(text):
        problem = f"has the control character U+{ord(control[0]):04X} (at {control.start() + 1})"
        yield "damaged_text", problem, "remove it"
    if mark := _MARK.search(text):
        problem = f'has the mark "{mark[0]}" of another model\'s prompts or reasoning (at {mark.start() + 1})'
        yield "damaged_text", problem, "remove it, with the reasoning that it stands around"
    if text.isascii():
        return
    if (position := text.find("\ufffd")) >= 0:
        problem = f"has a replacement character (at {position + 1}): a letter was lost"
        yield "damaged_text", problem, "restore the letter from the source, and read that in its own encoding"
    elif mojibake := _MOJIBAKE.search(text):
        problem = f"has signs of a wrong encoding (at {mojibake.start() + 1})"
        yield "damaged_text", problem, "export the source again as UTF-8, and read it as that"
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    for word in sorted(reserved_words_in(plain).keys() - reserved_words_in(text).keys()):
        problem = f'has look-alikes of the reserved word "{word}"'
        yield "reserved_lookalike", problem, "write it in plain letters without its punctuation"
