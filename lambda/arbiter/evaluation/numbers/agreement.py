"""How far judges agree: rank correlation, weighted kappa, severity, and each judge's own noise."""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, fsum, sqrt
from statistics import fmean

TOP_SCORE = 10


def spearman(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Spearman's rank correlation: Pearson's of the mid-ranks (Spearman 1904); `None` where either never varies."""
    return pearson(ranks(xs), ranks(ys))


def pearson(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's correlation (Pearson 1895); `None` where either never varies."""
    if len(xs) < 2:
        return None
    x_mean, y_mean = fmean(xs), fmean(ys)
    xx = fsum((x - x_mean) ** 2 for x in xs)
    yy = fsum((y - y_mean) ** 2 for y in ys)
    if xx == 0.0 or yy == 0.0:
        return None
    return fsum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / sqrt(xx * yy)


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranked = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            ranked[index] = (start + end + 1) / 2
        start = end
    return ranked


def kendall(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Kendall's tau-b (Kendall 1945), counted in n log n (Knight 1966); `None` where either never varies."""
    pairs = sorted(zip(xs, ys, strict=True))
    total = _pairs_of(len(pairs))
    tied_x, tied_y = _tied(x for x, _ in pairs), _tied(sorted(y for _, y in pairs))
    tied_both = _tied(pairs)
    if total in (tied_x, tied_y):
        return None
    discordant = _inversions([y for _, y in pairs])
    return (total - tied_x - tied_y + tied_both - 2 * discordant) / sqrt((total - tied_x) * (total - tied_y))


def _pairs_of(count: int) -> int:
    return count * (count - 1) // 2


def _tied(ordered: Iterable[object]) -> int:
    """The pairs of equal values in a sorted sequence."""
    tied, run, before = 0, 0, object()
    for value in ordered:
        run = run + 1 if value == before else 0
        tied += run
        before = value
    return tied


def _inversions(values: list[float]) -> int:
    """The pairs in falling order, by merging from the bottom."""
    count, width = 0, 1
    while width < len(values):
        merged: list[float] = []
        for start in range(0, len(values), 2 * width):
            left, right = values[start : start + width], values[start + width : start + 2 * width]
            taken = 0
            for value in right:
                while taken < len(left) and left[taken] <= value:
                    merged.append(left[taken])
                    taken += 1
                count += len(left) - taken
                merged.append(value)
            merged += left[taken:]
        values, width = merged, 2 * width
    return count


def weighted_kappa(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968) on scores 0 to 10, means rounded half up to whole points.

    `None` where both judges gave one and the same score throughout: no disagreement was possible by chance.
    """
    rows, columns = ([floor(value + 0.5) for value in values] for values in (xs, ys))
    n = len(rows)
    observed = sum((row - column) ** 2 for row, column in zip(rows, columns, strict=True))
    by_row, by_column = ([values.count(score) for score in range(TOP_SCORE + 1)] for values in (rows, columns))
    expected = sum(row * column * (i - j) ** 2 for i, row in enumerate(by_row) for j, column in enumerate(by_column))
    return 1 - observed * n / expected if expected else None


def severity(scores: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    """Each judge's mean over the same answers, and how far that is from the mean of all judges."""
    means = {judge: fmean(values) for judge, values in scores.items() if values}
    if not means:
        return {}
    centre = fmean(means.values())
    return {judge: (own, own - centre) for judge, own in means.items()}


def noise(repeats: Iterable[Sequence[float]]) -> float | None:
    """The standard deviation of a judge against itself: pooled within answers judged more than once (ANOVA)."""
    squares, freedom = [], 0
    for scores in repeats:
        centre = fmean(scores)
        squares += [(score - centre) ** 2 for score in scores]
        freedom += len(scores) - 1
    return sqrt(fsum(squares) / freedom) if freedom else None
