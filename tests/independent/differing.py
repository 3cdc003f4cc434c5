"""Where two summaries differ, number by number; sentences are not compared."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

TOLERANCE = 1e-6
LOOSE = {"smallest_detectable": 0.02}
"""Student's quantiles are approximated: half a percent at three degrees of freedom, far less above."""


def differences(theirs: Any, ours: Any, path: str = "summary") -> Iterator[str]:
    """Where a summary is not what the records say; its sentences are not compared."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in sorted((ours.keys() | theirs.keys()) - {"sentence", "caveats", "conclusion", "doubts"}):
            if name not in ours or name not in theirs:
                yield f"{path}.{name} is only in {'the summary' if name in theirs else 'the records'}"
            else:
                yield from differences(theirs[name], ours[name], f"{path}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif not same(theirs, ours, LOOSE.get(path.rpartition(".")[2], TOLERANCE)):
        yield f"{path} is {theirs!r}, the records say {ours!r}"


def same(theirs: Any, ours: Any, tolerance: float) -> bool:
    """Whether two values are the same; numbers up to a relative or absolute tolerance."""
    if isinstance(ours, bool) or ours is None or isinstance(ours, str) or theirs is None or isinstance(theirs, str):
        return bool(theirs == ours)
    if isinstance(ours, list) or isinstance(theirs, list):
        return False
    return math.isclose(theirs, ours, rel_tol=tolerance, abs_tol=tolerance if tolerance > TOLERANCE else 1e-8)
