"""Words that the documents do not hold, by whether they speak of what those mean: "trash" where they say "rubbish"."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from math import log10

from arbiter.routing.grounding import FARTHEST, NEAREST
from arbiter.routing.making.counting import Counts
from arbiter.routing.making.general import general_rates, text_of

SMOOTHING = 2_000
"""Words of general language that are added to the documents: fewer than for single terms, for these are groups."""


def nearness(counts: Counts) -> dict[str, float]:
    """How much more the documents speak of a word and its kin than general language does, as a decimal logarithm.

    Words that they hardly touch are left out.
    """
    usual = general_rates("en")
    met, expected = defaultdict[str, float](float), defaultdict[str, float](float)
    for word, rate in usual.items():
        met[word] += counts.rates.get(word, 0)
        expected[word] += rate
    for word, kin in related().items():
        for other, share in kin:
            met[word] += share * counts.rates.get(other, 0)
            expected[word] += share * usual[other]
    total = counts.words + SMOOTHING
    near = {}
    for word, rate in expected.items():
        if met[word]:
            level = round(log10((met[word] + SMOOTHING * rate) / total / rate), 1)
            if level > FARTHEST:
                near[word] = min(level, NEAREST)
    return near


@cache
def related() -> Mapping[str, Sequence[tuple[str, float]]]:
    """The words of like meaning of each word of general English, with the share of it that each stands for.

    Each line of the file: a word, then groups of words like it, each behind the tenths of their share; a pair once.
    """
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for line in text_of("related-en.txt").splitlines():
        word, *rest = line.split()
        share = 0.0
        for token in rest:
            if token.isdecimal():
                share = int(token) / 10
            else:
                found[word].append((token, share))
                found[token].append((word, share))
    return found
