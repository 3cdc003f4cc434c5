"""Words that the documents do not hold, by whether they speak of what those mean: "trash" where they say "rubbish"."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from math import log10

from arbiter.routing.making.counting import Counts
from arbiter.routing.making.general import general_rates, text_of
from arbiter.routing.weighing import FARTHEST, NEAREST

SMOOTHING = 2_000
"""Words of general language that are added to the documents: fewer than for single terms, for these are groups."""


def nearness(counts: Counts) -> dict[str, float]:
    """How much more the documents speak of a word and its kin than general language does, as a decimal logarithm.

    Words that they hardly touch are left out.
    """
    # Tenths of the documents' words, by word and kin: of whole numbers a sum is the same in any order.
    met = Counter[str]()
    for word in counts.rates.keys() & _rates_with_kin().keys():
        met[word] += 10 * counts.rates[word]
        for other, tenths in related().get(word, ()):
            met[other] += tenths * counts.rates[word]
    total = counts.words + SMOOTHING
    near = {}
    for word, rate in _rates_with_kin().items():
        if word in met:
            level = round(log10((met[word] / 10 + SMOOTHING * rate) / total / rate), 1)
            if level > FARTHEST:
                near[word] = min(level, NEAREST)
    return near


@cache
def _rates_with_kin() -> Mapping[str, float]:
    """The rate of each word of general English together with its kin."""
    usual = general_rates("en")
    expected = defaultdict[str, float](float, usual)
    for word, kin in related().items():
        for other, tenths in kin:
            expected[word] += tenths / 10 * usual[other]
    return expected


@cache
def related() -> Mapping[str, Sequence[tuple[str, int]]]:
    """The words of like meaning of each word of general English, with the tenths of it that each stands for.

    Each line of the file: a word, then groups of words like it, each behind the tenths of their share; a pair once.
    """
    words: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for line in text_of("related-en.txt").splitlines():
        word, *rest = line.split()
        tenths = 0
        for token in rest:
            if token.isdecimal():
                tenths = int(token)
            else:
                words[word].append((token, tenths))
                words[token].append((word, tenths))
    return words
