"""The statistics of scores: their centre, their spread over the bands, and how well a mean is known."""

from collections.abc import Sequence
from math import fsum, pi, sqrt, tan
from operator import mul
from random import Random
from statistics import NormalDist, fmean

LEVEL = 0.95
RESAMPLES = 1_999
SMOOTHING = 0.6
"""Of the standard deviation. Chosen by simulation (`python -m bench.statistics`): coverage closest to 95 %."""
MANY = 200
"""Values from which the expansion replaces the resamples; there the two differ by less than resampling's own noise."""
BANDS = ("0-3", "4-6", "7-8", "9-10")
_BAND_ENDS = (3.5, 6.5, 8.5)
LOWEST, HIGHEST = 0.0, 10.0

Interval = tuple[float, float]


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; `None` of nothing."""
    return fmean(values) if values else None


def quantile(values: Sequence[float], share: float) -> float:
    """The quantile of some values, with linear interpolation (Hyndman & Fan 1996, type 7)."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of a sample, with n - 1 (Bessel); 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    centre = fmean(values)
    return sqrt(fsum((value - centre) ** 2 for value in values) / (len(values) - 1))


def bands(scores: Sequence[float]) -> dict[str, float]:
    """The share of scores in each band of the published case study, rounded half up to whole points."""
    counts = dict.fromkeys(BANDS, 0)
    for score in scores:
        counts[BANDS[sum(score >= end for end in _BAND_ENDS)]] += 1
    return {band: count / len(scores) if scores else 0.0 for band, count in counts.items()}


def mean_interval(
    values: Sequence[float], *, seed: str, lowest: float = LOWEST, highest: float = HIGHEST
) -> Interval | None:
    """The 95 % interval of a mean; `None` for fewer than three values.

    A smoothed bootstrap-t (Efron & Tibshirani 1993, section 12.5; smoothing: Silverman & Young 1987) up to `MANY`
    values; beyond, the Cornish-Fisher expansion that it approximates (Hall 1992, section 3.5).
    Values that are all equal have an interval without width: nothing in them tells how much they could vary.
    """
    if len(values) < 3:
        return None
    centre, spread = fmean(values), deviation(values)
    if spread <= 1e-12:
        return centre, centre
    lower, upper = _expansion(values, centre, spread) if len(values) > MANY else _resampled(values, spread, seed)
    error = spread / sqrt(len(values))
    return max(lowest, centre - upper * error), min(highest, centre - lower * error)


def share_interval(count: float, total: float) -> Interval:
    """The 95 % score interval of a share (Wilson 1927): it has width where all or none count, as it should."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, square = count / total, z * z / total
    centre = (share + square / 2) / (1 + square)
    reach = z * sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(LOWEST, centre - reach), min(1.0, centre + reach)


def _resampled(values: Sequence[float], spread: float, seed: str) -> Interval:
    """The quantiles of the studentised mean over the resamples.

    Normal noise on every value of a resample changes its mean by one normal variate, and its sum of squares to that
    of one normal variate along the resample and of a chi-squared one across it (Cochran): no draw a value is needed.
    """
    random, n, noise, centre = Random(seed), len(values), SMOOTHING * spread, fmean(values)  # noqa: S311 - no secret
    centred = [value - centre for value in values]
    studentised = []
    for _ in range(RESAMPLES):
        drawn = random.choices(centred, k=n)
        total = sum(drawn)
        within = sqrt(max(0.0, sum(map(mul, drawn, drawn)) - total * total / n))
        along = within + noise * random.gauss(0, 1)
        across = noise * noise * random.gammavariate((n - 2) / 2, 2)
        shifted = total / n + noise * random.gauss(0, 1) / sqrt(n)
        studentised.append(shifted / sqrt((along * along + across) / (n - 1) / n))
    studentised.sort()
    # The 50th of 1,999 from either end: no interpolation, no bias (Davison & Hinkley 1997, section 5.2).
    beyond = round((RESAMPLES + 1) * (1 - LEVEL) / 2)
    return studentised[beyond - 1], studentised[-beyond]


def _expansion(values: Sequence[float], centre: float, spread: float) -> Interval:
    n, z = len(values), NormalDist().inv_cdf((1 + LEVEL) / 2)
    skewness = fsum((value - centre) ** 3 for value in values) / n / (spread * sqrt((n - 1) / n)) ** 3
    shift = -skewness * (2 * z * z + 1) / (6 * sqrt(n))
    student = student_quantile((1 + LEVEL) / 2, n - 1)
    return shift - student, shift + student


def student_quantile(share: float, freedom: int) -> float:
    """A quantile of Student's t (Abramowitz & Stegun 1964, 26.7.5; closed forms for one and two degrees)."""
    if freedom == 1:
        return tan(pi * (share - 0.5))
    if freedom == 2:
        return (2 * share - 1) / sqrt(2 * share * (1 - share))
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, start=1)))
