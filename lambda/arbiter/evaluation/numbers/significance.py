"""Whether a difference is more than chance: sign flips, corrected for being several, and what they could show."""

from collections.abc import Sequence
from math import erfc, fsum, gcd, sqrt

from arbiter.evaluation.numbers.statistics import (
    LEVEL,
    deviation,
    student_quantile,
)

SIGNIFICANCE = 1 - LEVEL
POWER = 0.8
GRID = 360
"""Steps of a point that differences are rounded to for the test: exact for any mean of up to six verdicts."""
EXACT_BITS = 1_000_000_000
"""Written at most to count out the distribution of all sign flips: about 600 questions, a tenth of a second."""


def sign_flip_p(differences: Sequence[float]) -> float:
    """The two-sided p-value of the paired sign-flip permutation test on the mean (Fisher 1935, section 21).

    All flips are counted out by convolution (Pagano & Tritchler 1983), here as the product of the polynomials
    1 + x^(2d) in one long integer; where that would be too long, the flips' normal limit is used (Lehmann 1975).
    """
    steps = [round(difference * GRID) for difference in differences]
    sizes = [abs(step) for step in steps if step]
    if not sizes:
        return 1.0
    unit = gcd(*sizes)
    sizes = [size // unit for size in sizes]
    seen, total = abs(sum(steps)) // unit, sum(sizes)
    width = len(sizes) + 1
    if (total + 1) * width * len(sizes) > EXACT_BITS:
        return erfc(seen / sqrt(2 * fsum(size * size for size in sizes)))
    flips = 1
    for size in sizes:
        flips += flips << (size * width)
    # The coefficient of x^k counts the flips whose positive part is k: their sum is 2k - total.
    tail = flips & ((1 << ((total - seen) // 2 + 1) * width) - 1)
    both_tails = 2 * _coefficients(tail, width)
    return min(1.0, both_tails / (1 << len(sizes)))


def _coefficients(polynomial: int, width: int) -> int:
    """The sum of a polynomial's coefficients, each `width` bits of it."""
    bits, mask, spare = polynomial.bit_length(), (1 << width) - 1, width // 8 + 2
    content = polynomial.to_bytes(bits // 8 + spare, "little")
    total = 0
    for position in range(0, bits, width):
        start, shift = divmod(position, 8)
        total += (int.from_bytes(content[start : start + spare], "little") >> shift) & mask
    return total


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The p-values adjusted for being several (Holm 1979); `None` stays and does not count."""
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, index) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        adjusted[index] = highest
    return adjusted


def smallest_detectable(differences: Sequence[float], *, tests: int = 1) -> float | None:
    """The difference that as many pairs, as noisy, show in 80 % of repetitions (Cohen 1988, section 2.4; Lehr 1992).

    `tests` is the number of comparisons that the error is shared among (Bonferroni, Holm's first step).
    """
    n, spread = len(differences), deviation(differences)
    if n < 3 or spread == 0.0:
        return None
    detected = student_quantile(1 - SIGNIFICANCE / 2 / max(1, tests), n - 1) + student_quantile(POWER, n - 1)
    return detected * spread / sqrt(n)
