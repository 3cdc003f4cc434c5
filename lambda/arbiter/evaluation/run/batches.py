"""The cases of a run in batches: ranges of their file, one for each child of the map."""

import itertools
import json
import math
from collections.abc import Sequence

from arbiter.evaluation.run.plan import Record

FEWEST_IN_BATCH = 4
MOST_BATCHES = 20_000
"""Children of one map: their outputs, a digit each, come back into the run's state, which holds 256 KB."""


def batches(content: bytes) -> list[dict[str, int]]:
    """Ranges of a file of cases, each some whole lines: what the children of the map are given.

    State data carry no question: a case may have 100 KB, they hold 256 KB, and their history is read by others.
    """
    ends = list(itertools.accumulate(len(line) + 1 for line in content.split(b"\n")[:-1]))
    size = batch_size(len(ends))
    bounds = [0, *ends[size - 1 :: size]]
    if bounds[-1] != ends[-1]:
        bounds.append(ends[-1])
    return [{"offset": start, "bytes": end - start} for start, end in itertools.pairwise(bounds)]


def batch_size(cases: int) -> int:
    """How many cases a child of the map is given."""
    return max(FEWEST_IN_BATCH, math.ceil(cases / MOST_BATCHES))


def read_batch(content: bytes) -> Sequence[Record]:
    """The cases of a batch."""
    return [json.loads(line) for line in content.split(b"\n") if line.strip()]
