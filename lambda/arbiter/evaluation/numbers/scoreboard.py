"""The numbers of one run, each counted once: answers, verdicts and choices by case and arm."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean

from arbiter.evaluation.numbers.clusters import Documents
from arbiter.evaluation.numbers.records import CRITERIA, Answer, Choice, Failure, Pair, Verdict, Verdicts

Cell = tuple[str, int]
"""An arm and the index of a case in the file."""


@dataclass
class Scoreboard:
    """Takes records in any order; one that comes twice counts once.

    What the run's plan does not ask for (any more) counts not at all: another case, arm, judge or repeat, and pairs.
    """

    cases: Mapping[str, int]
    arms: Sequence[str]
    judges: Sequence[str]
    repeat: int | None = None
    """How often each judge is asked; `None` where the plan does not say."""
    pairwise: bool = True
    documents: Documents = field(default_factory=dict)
    answers: dict[Cell, Answer] = field(default_factory=dict)
    verdicts: dict[Cell, tuple[Verdict, ...]] = field(default_factory=dict)
    pairs: dict[tuple[str, str, int], Pair] = field(default_factory=dict)
    _scores: dict[str, dict[int, float]] | None = None
    _cells: dict[Cell, Cell] = field(default_factory=dict)
    """Each once, however many records name it."""

    def add_answers(self, answers: Iterable[Answer]) -> None:
        for one in answers:
            if one.arm in self.arms and one.case in self.cases:
                self.answers[self._cell(one.arm, one.case)] = one

    def add_verdicts(self, verdicts: Iterable[Verdicts]) -> None:
        for one in verdicts:
            if one.arm in self.arms and one.case in self.cases:
                own = {(v.judge, v.repeat): v for v in one.verdicts if self._asked(v.judge, v.repeat)}
                kept = tuple(own[key] for key in sorted(own))
                # The record's own tuple where nothing is left out: a large run has half a million of them.
                self.verdicts[self._cell(one.arm, one.case)] = one.verdicts if kept == one.verdicts else kept

    def _cell(self, arm: str, case: str) -> Cell:
        cell = arm, self.cases[case]
        return self._cells.setdefault(cell, cell)

    def _asked(self, judge: str, repeat: int = 0) -> bool:
        return judge in self.judges and (self.repeat is None or repeat < self.repeat)

    def add_pairs(self, pairs: Iterable[Pair]) -> None:
        self._cells.clear()
        known = set(combinations(self.arms, 2)) if self.pairwise else set()
        for one in pairs:
            if (one.a, one.b) in known and one.case in self.cases:
                choices = tuple(choice for choice in one.choices if self._asked(choice.judge))
                self.pairs[one.a, one.b, self.cases[one.case]] = one._replace(choices=choices)

    def answers_of(self, arm: str) -> list[Answer]:
        """An arm's records, in the order of the cases."""
        return [answer for _, answer in sorted((cell[1], a) for cell, a in self.answers.items() if cell[0] == arm)]

    def judged(self) -> Iterable[tuple[Cell, dict[str, list[Verdict]]]]:
        """The valid verdicts on every answer that was given, by judge; a failed answer is never scored."""
        for cell in sorted(self.verdicts):
            given = self.answers.get(cell)
            if given is None or given.failure is not None:
                continue
            by_judge: dict[str, list[Verdict]] = {}
            for verdict in self.verdicts[cell]:
                if verdict.failure is None:
                    by_judge.setdefault(verdict.judge, []).append(verdict)
            yield cell, by_judge

    @property
    def scores(self) -> dict[str, dict[int, float]]:
        """By arm and case: the mean over the judges of each judge's mean, where every judge gave a verdict."""
        if self._scores is None:
            scores: dict[str, dict[int, float]] = {arm: {} for arm in self.arms}
            same: dict[float, float] = {}
            for (arm, case), by_judge in self.judged():
                if self.judges and len(by_judge) == len(set(self.judges)):
                    value = fmean(_mean_score(by_judge[judge]) for judge in sorted(by_judge))
                    scores[arm][case] = same.setdefault(value, value)
            self._scores = scores
        return self._scores

    def criteria(self) -> dict[str, dict[str, float | None]]:
        """By arm: the mean of each criterion over the cases that count; a criterion that never applied is `None`."""
        scores: dict[str, dict[str, list[float]]] = {arm: {name: [] for name in CRITERIA} for arm in self.arms}
        same: dict[float, float] = {}
        for (arm, case), by_judge in self.judged():
            if case not in self.scores[arm]:
                continue
            for index, name in enumerate(CRITERIA):
                own = [_mean_criterion(verdicts, index) for verdicts in by_judge.values()]
                if applied := [value for value in own if value is not None]:
                    value = fmean(applied)
                    scores[arm][name].append(same.setdefault(value, value))
        return {arm: {name: fmean(of) if of else None for name, of in by.items()} for arm, by in scores.items()}

    def judge_failures(self) -> dict[str, list[Failure]]:
        """The failures in place of verdicts, by judge: of answers in their order, then of choices between two."""
        failures: dict[str, list[Failure]] = {judge: [] for judge in self.judges}
        asked: list[Verdict | Choice] = [one for cell in sorted(self.verdicts) for one in self.verdicts[cell]]
        asked += [one for key in sorted(self.pairs) for one in self.pairs[key].choices]
        for one in asked:
            if one.failure is not None:
                failures.setdefault(one.judge, []).append(one.failure)
        return failures


def counts(failures: Iterable[Failure]) -> dict[str, int]:
    """The number of failures by code."""
    return dict(sorted(Counter(one.code for one in failures).items()))


def reasons(failures: Iterable[Failure]) -> dict[str, str]:
    """The message of the first failure of each code; none for a code whose records hold none."""
    first: dict[str, str] = {}
    for one in failures:
        if one.message:
            first.setdefault(one.code, one.message)
    return dict(sorted(first.items()))


def _mean_score(verdicts: Sequence[Verdict]) -> float:
    return fmean(verdict.score for verdict in verdicts if verdict.score is not None)


def _mean_criterion(verdicts: Sequence[Verdict], index: int) -> float | None:
    values = [value for verdict in verdicts if (value := verdict.criteria[index]) is not None]
    return fmean(values) if values else None
