"""Reading what a run left in the bucket, many objects at a time: in numbers, batch by batch, or record by record."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from arbiter.evaluation.numbers import condensed, extraction
from arbiter.evaluation.numbers.condensed import Condensed
from arbiter.evaluation.numbers.records import Answer, Pair, Verdicts
from arbiter.store import ReadableStore

READERS = 32
AT_ONCE = 1_000

Record = TypeVar("Record")


class Numbers(NamedTuple):
    """The numbers of a run's records."""

    answers: list[Answer]
    verdicts: list[Verdicts]
    pairs: list[Pair]

    def drained(self) -> tuple[Iterator[Answer], Iterator[Verdicts], Iterator[Pair]]:
        """Each list, emptied as it is read: nothing is held twice."""
        return _drained(self.answers), _drained(self.verdicts), _drained(self.pairs)


def _drained(part: list[Record]) -> Iterator[Record]:
    part.reverse()
    while part:
        yield part.pop()


@dataclass
class Reading:
    """Reads records many at a time; keeps the names of those that are none."""

    store: ReadableStore
    read: int = 0
    unreadable: list[str] = field(default_factory=list)

    def numbers(self, run: str, start: str, cases: Collection[str]) -> Numbers:
        """The batches that were condensed since this start, and the records of the cases that none of them holds."""
        numbers, done = Numbers([], [], []), set[str]()
        for batch in self.condensed(run, start):
            done.update(batch.cases)
            numbers.answers.extend(batch.answers)
            numbers.verdicts.extend(batch.verdicts)
            numbers.pairs.extend(batch.pairs)
            self.read += len(batch.answers) + len(batch.verdicts) + len(batch.pairs)
        if any(case not in done for case in cases):
            folder = f"evaluations/{run}/"
            numbers.answers.extend(self.all(f"{folder}answers/", extraction.answer, done))
            numbers.verdicts.extend(self.all(f"{folder}verdicts/", extraction.verdicts, done))
            numbers.pairs.extend(self.all(f"{folder}pairs/", extraction.pair, done))
        return numbers

    def condensed(self, run: str, start: str) -> Iterator[Condensed]:
        """The batches of a run that are condensed, and not out of date."""
        keys = (item.key for item in self.store.listing(condensed.condensed_prefix(run)))
        for _, batch in self._each(keys, partial(condensed.load, start=start)):
            if batch is not None:
                yield batch

    def all(
        self, prefix: str, parsed: Callable[[Mapping[str, Any]], Record], without: Collection[str] = ()
    ) -> Iterator[Record]:
        """The records below a prefix, but those of some cases; parsed by the readers: no text outlives its record."""
        keys = (item.key for item in self.store.listing(prefix))
        wanted = (key for key in keys if key.removeprefix(prefix).partition("/")[0] not in without)
        for key, record in self._each(wanted, lambda content: parsed(json.loads(content))):
            self.read += 1
            if record is None:
                self.unreadable.append(key)
            else:
                yield record

    def _each(
        self, keys: Iterable[str], parsed: Callable[[bytes], Record | None]
    ) -> Iterator[tuple[str, Record | None]]:
        """Each object, or nothing where it cannot be read."""
        left = iter(keys)
        with ThreadPoolExecutor(READERS) as readers:
            while some := list(islice(left, AT_ONCE)):
                yield from zip(some, readers.map(partial(self._one, parsed), some), strict=True)

    def _one(self, parsed: Callable[[bytes], Record | None], key: str) -> Record | None:
        try:
            return parsed(self.store.read(key))
        except (ValueError, KeyError, TypeError, AttributeError, LookupError):
            return None
