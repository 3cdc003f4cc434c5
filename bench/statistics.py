"""`python -m bench.statistics`: planted differences are found, planted nothings are not, intervals cover."""

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import combinations
from random import Random
from statistics import fmean
from typing import NamedTuple

from arbiter.evaluation.numbers import statistics
from arbiter.evaluation.numbers.clusters import Documents, evidence
from arbiter.evaluation.numbers.significance import SIGNIFICANCE, holm, sign_flip_p
from arbiter.evaluation.numbers.statistics import HIGHEST, RESAMPLES, mean_interval
from bench.synthetic_judges import POPULATIONS, Judges, Scores

ARMS = ("base", "rag", "fine_tuned", "combined")
SIZES = (20, 30, 60, 100, 200)
TRUTH_DRAWS = 50_000


class Share(NamedTuple):
    """How often something happened in how many simulations."""

    name: str
    happened: int
    of: int

    @property
    def share(self) -> float:
        return self.happened / self.of

    @property
    def error(self) -> float:
        """The standard error of the share, for a true share of 95 % or 5 %."""
        return float((0.95 * 0.05 / self.of) ** 0.5)


def found(scores: Scores, documents: Documents | None = None) -> dict[tuple[str, str], bool]:
    """Which pairs of arms are told apart, as the summary's verdicts tell them."""
    pairs = list(combinations(scores, 2))
    differences = [{case: scores[a][case] - scores[b][case] for case in scores[a]} for a, b in pairs]
    p_values = [sign_flip_p(evidence(one, documents or {}).sums) for one in differences]
    return {pair: p is not None and p <= SIGNIFICANCE for pair, p in zip(pairs, holm(p_values), strict=True)}


def detected(runs: int, *, cases: int = 60, points: float = 1.0, judges: Judges | None = None, seed: int = 1) -> Share:
    """How often `rag`, better by `points` than three equal arms, is told from `base`, corrected over all six pairs."""
    judges, random = judges or Judges(), Random(seed)
    qualities = dict.fromkeys(ARMS, 5.5) | {"rag": 5.5 + points}
    hits = sum(found(judges.scores(qualities, cases, random))["base", "rag"] for _ in range(runs))
    return Share(f"difference of {points:g} found, n = {cases}", hits, runs)


def mistaken(runs: int, *, cases: int = 60, judges: Judges | None = None, seed: int = 2) -> Share:
    """How often any of four identical arms is told from another."""
    judges, random = judges or Judges(), Random(seed)
    qualities = dict.fromkeys(ARMS, 6.0)
    hits = sum(any(found(judges.scores(qualities, cases, random)).values()) for _ in range(runs))
    return Share(f"identical arms told apart, n = {cases}", hits, runs)


def mistaken_by_document(runs: int, *, cases: int = 60, named: bool = True, seed: int = 3) -> Share:
    """The same where an arm suits whole documents better or worse; not `named`: each question counts by itself."""
    judges, random = Judges(document=0.7), Random(seed)
    documents = {case: str(case // judges.per_document) for case in range(cases)} if named else {}
    qualities = dict.fromkeys(ARMS, 6.0)
    hits = sum(any(found(judges.scores(qualities, cases, random), documents).values()) for _ in range(runs))
    by = "document" if named else "question"
    return Share(f"identical arms told apart, n = {cases}, by {by}", hits, runs)


@cache
def truth(population: str) -> float:
    """The mean of a population, by drawing much more than any run has."""
    random, draw = Random(population), POPULATIONS[population]
    return fmean(draw(random) for _ in range(TRUTH_DRAWS))


def covered(population: str, cases: int, runs: int) -> Share:
    """How often the 95 % interval of a mean holds the truth."""
    random, draw, mean = Random(f"{population}/{cases}"), POPULATIONS[population], truth(population)
    lowest = -HIGHEST if population in ("difference", "repairs") else 0.0
    hits = 0
    for run in range(runs):
        values = [draw(random) for _ in range(cases)]
        interval = mean_interval(values, seed=f"{population}/{cases}/{run}", lowest=lowest)
        hits += interval is not None and interval[0] <= mean <= interval[1]
    return Share(f"interval covers, {population}, n = {cases}", hits, runs)


def everything(runs: int) -> Iterator[Callable[[], Share]]:
    """All simulations, to be run side by side."""
    for population in POPULATIONS:
        for cases in SIZES:
            yield partial(covered, population, cases, runs)
    for cases in (30, 60, 200):
        yield partial(detected, runs, cases=cases)
        yield partial(mistaken, runs, cases=cases)
    for named in (True, False):
        yield partial(mistaken_by_document, runs, named=named)


def resample(times: int) -> None:
    """Draw as many resamples an interval in this process: with fewer, more simulations fit into the time."""
    statistics.RESAMPLES = times


def main() -> int:
    """Run all, print a line each."""
    parser = argparse.ArgumentParser(prog="python -m bench.statistics", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="simulations of each kind")
    parser.add_argument("--resamples", type=int, default=RESAMPLES, help="of each interval")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.processes, initializer=resample, initargs=(arguments.resamples,)) as pool:
        for result in [pool.submit(simulation) for simulation in everything(arguments.runs)]:
            share = result.result()
            print(f"{share.name:44} {share.share:7.1%}  of {share.of} (standard error {share.error:.1%})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
