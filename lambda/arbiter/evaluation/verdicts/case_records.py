"""The records of cases in the results bucket: answers and verdicts as they are, a batch of them in numbers."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from arbiter.evaluation.numbers.condensed import Condensed, condense, condensed_key, dump
from arbiter.evaluation.run.keys import answer_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.evaluation.verdicts.document import Verdict, Verdicts
from arbiter.evaluation.verdicts.subjects import Subject
from arbiter.store import Store, exists


class Judged(NamedTuple):
    """The records of a case as they are now."""

    case: str
    answers: list[Record]
    verdicts: list[Verdicts]
    """On answers and on pairs of them."""


class CaseRecords:
    """The records of one run."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store, self._plan = store, plan

    def answers(self, case: str) -> dict[str, Record]:
        """The records of the answers to a case, by arm."""
        there = self._listed("answers", case)
        keys = {arm.name: answer_key(self._plan.run, case, arm.name) for arm in self._plan.arms}
        return {name: self._read(key) for name, key in keys.items() if key in there}

    def verdicts(self, case: str, subjects: Iterable[Subject]) -> dict[str, list[Verdict]]:
        """The verdicts that are there already, by the key of their record."""
        there = self._listed("verdicts", case)
        if self._plan.pairwise:
            there |= self._listed("pairs", case)
        keys = [subject.key for subject in subjects]
        return {key: self._read(key)["verdicts"] if key in there else [] for key in keys}

    def write(self, key: str, record: Record | Verdicts) -> None:
        self._store.write(key, json.dumps(record, indent=2).encode(), content_type="application/json")

    def reopen(self, offset: int) -> None:
        """Void the numbers of a batch that is judged again: should this end half-way, they would lag its records."""
        key = condensed_key(self._plan.run, offset)
        if exists(self._store, key):
            self._store.write(key, dump(Condensed((), (), (), ()), self._plan.start), content_type="application/json")

    def condense(self, offset: int, judged: Sequence[Judged], report: Callable[[Exception], None]) -> None:
        """Keep the numbers of a batch; where a record is none, the summary reads them one by one, and names it."""
        answers = [record for one in judged for record in one.answers]
        records = [record for one in judged for record in one.verdicts]
        verdicts, pairs = ([one for one in records if ("arm" in one) is single] for single in (True, False))
        try:
            numbers = condense([one.case for one in judged], answers, verdicts, pairs)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            report(error)
            return
        content, key = dump(numbers, self._plan.start), condensed_key(self._plan.run, offset)
        self._store.write(key, content, content_type="application/json")

    def _listed(self, kind: str, case: str) -> set[str]:
        return {item.key for item in self._store.listing(f"evaluations/{self._plan.run}/{kind}/{case}/")}

    def _read(self, key: str) -> Record:
        record: Record = json.loads(self._store.read(key))
        return record
