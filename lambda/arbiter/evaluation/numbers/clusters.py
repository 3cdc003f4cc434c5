"""Questions about one document, which share its fate: they are as much evidence as their documents are."""

from collections import defaultdict
from collections.abc import Mapping
from math import sqrt
from statistics import fmean
from typing import NamedTuple

from arbiter.evaluation.numbers.statistics import deviation

Documents = Mapping[int, str]
"""The document that a question is about, by its index; a question without one stands alone."""
FEWEST_DOCUMENTS = 10
"""Fewer are no sample of the documents: the questions count one by one, and say nothing of other documents."""


class Evidence(NamedTuple):
    """Values of questions as independent ones."""

    values: list[float]
    """With the mean of the questions, and the spread of a mean that their documents leave."""
    sums: list[float]
    """Of each document, for flipping signs."""
    clusters: int | None = None
    """The number of documents and of questions without one; `None` where each question counts by itself."""


def evidence(values: Mapping[int, float], documents: Documents) -> Evidence:
    """Values by question, counted by document where questions on one go together.

    The values of documents are those of a ratio's linearisation (Cochran 1977, section 6.3): their mean is that of all
    questions, and their standard error the cluster-robust one (Liang & Zeger 1986). Of that and the plain one the
    larger is believed (Angrist & Pischke 2009, section 8.2.3).
    """
    ordered = sorted(values)
    single = [values[case] for case in ordered]
    if not documents:
        return Evidence(single, single)
    by_document = defaultdict[str | int, list[float]](list)
    for case in ordered:
        by_document[documents.get(case, case)].append(values[case])
    clusters, n = len(by_document), len(single)
    if not FEWEST_DOCUMENTS <= clusters < n:
        return Evidence(single, single)
    centre, sums = fmean(single), [sum(own) for own in by_document.values()]
    sizes = [len(own) for own in by_document.values()]
    shared = [centre + (total - size * centre) * clusters / n for total, size in zip(sums, sizes, strict=True)]
    if deviation(shared) / sqrt(clusters) <= deviation(single) / sqrt(n):
        return Evidence(single, single)
    return Evidence(shared, sums, clusters)


def clusters_of(cases: int, documents: Documents) -> int:
    """The documents that some questions are about, and the questions without one."""
    return cases - len(documents) + len(set(documents.values()))
