"""The sentences that say what a request is about, among its own and those of the messages it leans on."""

import re
from collections.abc import Collection, Sequence

from arbiter.routing.language import SMALL_WORDS, UNCOUNTED
from arbiter.routing.words import NUMBER, Sentence, sentences, term

LONGEST_FOLLOW_UP = 14
"""Words; a longer question says by itself what it is about."""

FIRST_WORDS, LONGEST_ORDER = 4, 200
"""Words among which the verb of an order stands, and characters before the text that it is about."""
_COLON = re.compile(r":\s")


def subject(text: str, parts: Sequence[Sentence]) -> Sequence[Sentence]:
    """The sentences of a request that may ask for a document: of an order to translate a given text, the order alone.

    Such an order has a verb like "translate" among its first words, and a colon behind them.
    """
    if len(parts) < 2 or SMALL_WORDS["work"].isdisjoint(parts[0].words[:FIRST_WORDS]):
        return parts
    return parts[:1] if _COLON.search(text[:LONGEST_ORDER]) else parts


def leaning(parts: Sequence[Sentence], earlier: Sequence[str], terms: Collection[str]) -> list[Sentence]:
    """The sentences of the user's last message, when the question leans on it; else none."""
    if not earlier:
        return []
    words = [word for part in parts for word in part.words]
    if not words or not leans(words, terms):
        return []
    turns = sentences(earlier[-1])
    if len(earlier) > 1 and leans([word for turn in turns for word in turn.words], terms):
        turns = [*sentences(earlier[-2]), *turns]
    return turns


def leans(words: Sequence[str], terms: Collection[str]) -> bool:
    """Whether a question needs what was said before it."""
    if len(words) > LONGEST_FOLLOW_UP or SMALL_WORDS["closer"].intersection(words):
        return False
    counted = [word for word in words if word != NUMBER and word not in UNCOUNTED]
    unknown = sum(term(word) not in terms for word in counted)
    if not counted:
        return True
    return unknown <= 1 and (words[0] in SMALL_WORDS["opener"] or bool(SMALL_WORDS["pointer"].intersection(words)))
