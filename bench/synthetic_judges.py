"""Judges whose truth is known: scores of arms with planted qualities, noise and differences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import fmean

Scores = dict[str, dict[int, float]]


@dataclass(frozen=True, kw_only=True)
class Judges:
    """How scores come about; all spreads are standard deviations in points of the scale of 0 to 10."""

    judges: int = 2
    difficulty: float = 1.5
    """Of the cases: common to all arms, so it cancels in paired differences."""
    fit: float = 1.0
    """Of an arm to a case: an arm is better on some cases than on others."""
    document: float = 0.0
    """Of an arm to a document: what all questions about it share, as where its text was read wrong."""
    per_document: int = 5
    """Questions about one document."""
    noise: float = 1.0
    """Of a single verdict, before it is rounded to a whole point."""

    def score(self, truth: float, random: Random) -> float:
        """The mean verdict on an answer of a quality."""
        return fmean(min(10, max(0, round(truth + random.gauss(0, self.noise)))) for _ in range(self.judges))

    def scores(self, qualities: Mapping[str, float], cases: int, random: Random) -> Scores:
        """A whole run: every arm on every case."""
        scores: Scores = {arm: {} for arm in qualities}
        shared = dict.fromkeys(qualities, 0.0)
        for case in range(cases):
            if self.document and case % self.per_document == 0:
                shared = {arm: random.gauss(0, self.document) for arm in qualities}
            ease = random.gauss(0, self.difficulty)
            for arm, quality in qualities.items():
                fit = random.gauss(0, self.fit) + shared[arm]
                scores[arm][case] = self.score(quality + ease + fit, random)
        return scores


def spread(random: Random) -> float:
    """Scores around 6, judged twice."""
    return Judges().score(random.gauss(6, 2), random)


def right_or_wrong(random: Random) -> float:
    """Five answers of nine are right, the others wrong: two humps."""
    truth = random.gauss(8.5, 0.8) if random.random() < 5 / 9 else random.gauss(2, 1)
    return Judges(noise=0.7).score(truth, random)


def mostly_right(random: Random) -> float:
    """Eight answers of ten are nearly perfect, the others wrong: pressed against the top of the scale."""
    truth = random.gauss(9, 0.8) if random.random() < 0.8 else random.gauss(2, 1)
    return Judges(noise=0.7).score(truth, random)


def rarely_wrong(random: Random) -> float:
    """One answer of ten is wrong: twenty cases hold none of them in one run of eight, and no method can know."""
    truth = random.gauss(9, 0.8) if random.random() < 0.9 else random.gauss(2, 1)
    return Judges(noise=0.7).score(truth, random)


def difference(random: Random) -> float:
    """The paired difference of two arms that differ by one point, with noise."""
    run = Judges().scores({"a": 6.5, "b": 5.5}, 1, random)
    return run["a"][0] - run["b"][0]


def repairs(random: Random) -> float:
    """The paired difference where one arm repairs a quarter of the other's answers and changes nothing else."""
    judges, truth = Judges(noise=0.7), random.gauss(8.5, 0.8)
    return judges.score(truth, random) - judges.score(2.0 if random.random() < 0.25 else truth, random)


POPULATIONS: dict[str, Callable[[Random], float]] = {
    "spread": spread,
    "right or wrong": right_or_wrong,
    "mostly right": mostly_right,
    "rarely wrong": rarely_wrong,
    "difference": difference,
    "repairs": repairs,
}
