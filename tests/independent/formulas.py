"""The formulas of an evaluation's summary, written apart from Arbiter with numpy and scipy."""

import itertools
import math
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import scipy

Json = dict[str, Any]


def interval(values: Sequence[float], seed: str, lowest: float) -> list[float] | None:
    """The smoothed bootstrap-t with the summary's own random numbers, or the Cornish-Fisher expansion."""
    n = len(values)
    if n < 3:
        return None
    data = np.asarray(values)
    mean, deviation = data.mean(), data.std(ddof=1)
    if deviation < 1e-12:
        return [mean, mean]
    if n > 200:
        z, t = scipy.stats.norm.ppf(0.975), scipy.stats.t.ppf(0.975, n - 1)
        shift = -scipy.stats.skew(data) * (2 * z * z + 1) / (6 * math.sqrt(n))
        quantiles = np.array([shift - t, shift + t])
    else:
        quantiles = np.quantile(
            studentised(data - mean, 0.6 * deviation, random.Random(seed)), [0.025, 0.975], method="weibull"
        )
    error = deviation / math.sqrt(n)
    return [max(lowest, mean - quantiles[1] * error), min(10.0, mean - quantiles[0] * error)]


def studentised(centred: Any, noise: float, source: random.Random) -> list[float]:
    """1,999 studentised means of resamples with normal noise."""
    n, drawn, normal = len(centred), [], []
    for _ in range(1_999):
        drawn.append(source.choices(range(n), k=n))
        normal.append((source.gauss(0, 1), source.gammavariate((n - 2) / 2, 2), source.gauss(0, 1)))
    resamples, (along, across, shift) = centred[np.array(drawn)], np.array(normal).T
    within = resamples.std(axis=1) * math.sqrt(n)
    squares = (within + noise * along) ** 2 + noise**2 * across
    means = resamples.mean(axis=1) + noise * shift / math.sqrt(n)
    return list(means / np.sqrt(squares / (n - 1) / n))


def sign_flip(differences: Sequence[float]) -> float:
    """All sign flips, by convolving the two values of each difference; the normal limit for very many."""
    steps = np.rint(np.asarray(differences) * 360).astype(int)
    steps = steps[steps != 0]
    if not len(steps):
        return 1.0
    steps = steps // np.gcd.reduce(np.abs(steps))
    if len(steps) > 400:
        return float(2 * scipy.stats.norm.sf(abs(steps.sum()) / math.sqrt((steps**2).sum())))
    total = int(np.abs(steps).sum())
    distribution = np.zeros(2 * total + 1)
    distribution[total] = 1.0
    for step in np.abs(steps):
        distribution = (np.roll(distribution, step) + np.roll(distribution, -step)) / 2
    sums = np.arange(-total, total + 1)
    return float(min(1.0, distribution[np.abs(sums) >= abs(int(steps.sum()))].sum()))


def by_document(values: Mapping[str, float], documents: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Values with the mean of all cases and the cluster-robust variance of it, and the sums to flip; or the values."""
    single, names = np.array(list(values.values())), [documents[case] for case in values]
    order = list(dict.fromkeys(names))
    n, m = len(single), len(order)
    if m < 10 or m == n:
        return list(single), list(single)
    positions = np.array([order.index(name) for name in names])
    sums, residuals = np.bincount(positions, single), np.bincount(positions, single - single.mean())
    robust = math.sqrt(m / (m - 1) * (residuals**2).sum()) / n
    if robust <= single.std(ddof=1) / math.sqrt(n):
        return list(single), list(single)
    return list(single.mean() + residuals * m / n), list(sums)


def comparisons(
    parts: Mapping[str, Mapping[str, Mapping[str, float]]],
    documents: Mapping[str, Any],
    *,
    with_base: bool = False,
    confounded: Collection[tuple[str, str]] = (),
) -> dict[str, list[Json]]:
    """All pairs of arms, or those with base (or else the first arm), with Holm's correction over what can be told.

    `parts` of the questions, and what is found in each, are named by their seeds.
    """
    by_seed = {}
    for seed, scores in parts.items():
        pairs = list(itertools.combinations(scores, 2))
        if with_base:
            base = "base" if "base" in scores else next(iter(scores))
            pairs = [pair for pair in pairs if base in pair]
        family = len(parts) * len([pair for pair in pairs if pair not in confounded])
        by_seed[seed] = [comparison(a, b, scores, documents, seed, family) for a, b in pairs]
    found = [row for rows in by_seed.values() for row in rows]
    for row in found:
        row["p"] = None if (row["a"], row["b"]) in confounded else row["p"]
    known = sorted((row for row in found if row["p"] is not None), key=lambda row: row["p"])
    highest = 0.0
    for rank, row in enumerate(known):
        highest = max(highest, min(1.0, row["p"] * (len(known) - rank)))
        row["p_adjusted"] = highest
    for row in found:
        least = next(n for n in range(10, 100) if n >= 10 and 2 * 0.5**n * family <= 0.05)
        significant = row["p_adjusted"] is not None and row["p_adjusted"] <= 0.05
        row["verdict"] = ("better" if row["difference"] > 0 else "worse") if significant else "not_distinguishable"
        if (row["a"], row["b"]) in confounded:
            row["verdict"] = "confounded"
        elif row["n"] < least:
            row["verdict"] = "too_few"
    return by_seed


def comparison(
    a: str, b: str, scores: Mapping[str, Mapping[str, float]], documents: Mapping[str, Any], seed: str, family: int
) -> Json:
    """One pair, uncorrected."""
    by_case = {case: scores[a][case] - scores[b][case] for case in scores[a] if case in scores[b]}
    d, (values, sums) = list(by_case.values()), by_document(by_case, documents)
    m, spread = len(values), np.std(values, ddof=1) if len(values) > 1 else 0.0
    smallest = None
    if m >= 3 and spread > 0:
        quantiles = scipy.stats.t.ppf(1 - 0.025 / max(1, family), m - 1) + scipy.stats.t.ppf(0.8, m - 1)
        smallest = float(quantiles * spread / math.sqrt(m))
    return {
        "a": a,
        "b": b,
        "n": len(d),
        **({"clusters": m} if m < len(d) else {}),
        "difference": float(np.mean(d)) if d else None,
        "interval": interval(values, f"{seed}/{a}/{b}", -10.0),
        "p": sign_flip(sums) if len(sums) > 1 else None,
        "p_adjusted": None,
        "wins": sum(x > 1e-9 for x in d),
        "ties": sum(abs(x) <= 1e-9 for x in d),
        "losses": sum(x < -1e-9 for x in d),
        "smallest_detectable": smallest,
    }


def judge_pair(a: str, b: str, own: Mapping[str, Mapping[Any, float]]) -> Json:
    """Two judges on the answers that both judged."""
    both = [cell for cell in own[a] if cell in own[b]]
    x, y = (np.array([own[judge][cell] for cell in both]) for judge in (a, b))
    found: Json = {"a": a, "b": b, "n": len(both), "spearman": None, "kendall": None, "weighted_kappa": None}
    if len(both) < 20:
        return found
    if x.std() > 0 and y.std() > 0:
        found |= {"spearman": float(scipy.stats.spearmanr(x, y)[0]), "kendall": float(scipy.stats.kendalltau(x, y)[0])}
    rows, columns = np.floor(x + 0.5), np.floor(y + 0.5)
    expected = ((rows[:, None] - columns[None, :]) ** 2).mean() if both else 0.0
    if expected > 0:
        found["weighted_kappa"] = float(1 - ((rows - columns) ** 2).mean() / expected)
    return found
