"""A file of labelled questions, and how often `auto` decides as they say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from arbiter.answering.decision import Profiles
from arbiter.answering.request import Preference
from arbiter.json_values import values
from arbiter.jsonl import Line, LineError, parse
from arbiter.modes import Mode
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.routing.decided import Decided, decided
from cli.routing.limiting import Limited
from cli.routing.looking import Passages

CHUNK_BYTES = 1 << 20
GROUPS = ("kind", "category", "corpus")
"""Fields by which false retrieval is told apart, the first that a file has."""


class Labelled(NamedTuple):
    """A question and the mode that it should get."""

    question: str
    earlier: Sequence[str]
    mode: Mode
    group: str


class Judged(NamedTuple):
    """Labelled questions with the decisions for them."""

    cases: Sequence[Labelled]
    decisions: Sequence[Decided]

    @property
    def pairs(self) -> list[tuple[Mode, Mode]]:
        """The mode that each question should get, and the one that it gets."""
        return [(case.mode, one.mode) for case, one in zip(self.cases, self.decisions, strict=True)]

    def dump(self) -> dict[str, Any]:
        pairs = self.pairs
        return {
            "questions": len(pairs),
            "accuracy": _share(sum(wanted == got for wanted, got in pairs), len(pairs)),
            "macro_f1": macro_f1(pairs),
            "recall": {mode.value: _recall(pairs, mode) for mode in Mode},
            "grounded": _confusion([(wanted.grounded, got.grounded) for wanted, got in pairs]),
            "specialised": _confusion([(wanted.specialised, got.specialised) for wanted, got in pairs]),
            "false_retrieval": self.false_retrieval(),
            "looked": sum(one.look is not None for one in self.decisions),
            "unsure": sum(one.assessment.grounded.outcome == "unsure" for one in self.decisions),
            "modes": {wanted.value: {got.value: pairs.count((wanted, got)) for got in Mode} for wanted in Mode},
            "wrong": [
                {"line": number, "wanted": wanted.value, **one.dump()}
                for number, ((wanted, got), one) in enumerate(zip(pairs, self.decisions, strict=True), start=1)
                if wanted != got
            ],
        }

    def false_retrieval(self) -> dict[str, float | None]:
        """By group, the share of the questions without need of documents that are retrieved for."""
        asked: Counter[str] = Counter()
        retrieved: Counter[str] = Counter()
        for case, (wanted, got) in zip(self.cases, self.pairs, strict=True):
            if not wanted.grounded:
                asked.update({"all": 1, case.group: 1} if case.group else {"all": 1})
                retrieved.update({"all": int(got.grounded), case.group: int(got.grounded)})
        return {group: _share(retrieved[group], count) for group, count in asked.items()}


def judge(
    cases: Sequence[Labelled],
    profiles: Profiles,
    prefer: Preference,
    passages: Passages | None = None,
    progress: Progress = silent,
    limited: Limited | None = None,
) -> Judged:
    """Decide for labelled questions."""
    decisions = []
    for number, case in enumerate(cases):
        if number % 100 == 0:
            progress("Deciding", number, len(cases))
        decisions.append(decided(case.question, case.earlier, profiles, prefer, passages, limited))
    return Judged(cases, decisions)


def read_labelled(file: Path) -> list[Labelled]:
    """The questions of a file, one JSON object a line with `question`, `history`, and `mode` or both answers.

    Raises:
        CliError: naming every problem of the file.
    """
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of labelled questions (.jsonl).", code="no_file")
    cases, problems = [], []
    for number, value in _values(file):
        try:
            if isinstance(value, LineError):
                raise ValueError(f"{value.problem}; {value.remedy}")
            cases.append(_labelled(value))
        except ValueError as error:
            problems.append({"line": number, "problem": str(error)})
    if problems or not cases:
        empty = "" if problems else " It holds no question."
        raise CliError(f"{file} cannot be used.{empty}", code="bad_questions", details={"problems": problems})
    return cases


def macro_f1(pairs: Sequence[tuple[Mode, Mode]]) -> float | None:
    """The mean of F1 over the modes that a question should get or does get."""
    met = {mode for pair in pairs for mode in pair}
    scores = []
    for mode in met:
        wanted, got = sum(pair[0] == mode for pair in pairs), sum(pair[1] == mode for pair in pairs)
        scores.append(2 * pairs.count((mode, mode)) / (wanted + got))
    return round(sum(scores) / len(scores), 4) if scores else None


def _values(file: Path) -> Iterator[tuple[int, Any]]:
    number = 1
    with file.open("rb") as content:
        try:
            for line in values(iter(lambda: content.read(CHUNK_BYTES), b"")):
                number = line.number
                if line.content.strip():
                    yield number, _parsed(line)
        except LineError as error:
            yield number, error


def _parsed(line: Line) -> Any:
    try:
        return parse(line)
    except LineError as error:
        return error


def _labelled(value: Any) -> Labelled:
    """Raise ValueError with everything that a line lacks."""
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object with a question and its labels")
    flaws = []
    if not isinstance(value.get("question"), str) or not value["question"].strip():
        flaws.append("question: a text is needed")
    turns = value.get("history") or []
    listed = turns if isinstance(turns, list) else [None]
    if not all(isinstance(turn, dict) and isinstance(turn.get("text"), str) for turn in listed):
        flaws.append('history: a list of {"role", "text"} is needed')
    mode = _mode(value)
    if mode is None:
        flaws.append("grounded and specialised: true or false is needed, or a mode")
    if flaws or mode is None:
        raise ValueError("; ".join(flaws))
    earlier = [turn["text"] for turn in turns if turn.get("role") == "user"]
    group = next((value[name] for name in GROUPS if isinstance(value.get(name), str)), "")
    return Labelled(value["question"], earlier, mode, group)


def _mode(value: dict[str, Any]) -> Mode | None:
    if value.get("mode") in list(Mode):
        return Mode(value["mode"])
    grounded, specialised = value.get("grounded"), value.get("specialised")
    if isinstance(grounded, bool) and isinstance(specialised, bool):
        return Mode.of(grounded=grounded, specialised=specialised)
    return None


def _confusion(pairs: Sequence[tuple[bool, bool]]) -> dict[str, float | int | None]:
    counts = Counter(pairs)
    met, missed, alarms = counts[True, True], counts[True, False], counts[False, True]
    return {
        "true_yes": met,
        "false_no": missed,
        "false_yes": alarms,
        "true_no": counts[False, False],
        "recall": _share(met, met + missed),
        "false_alarms": _share(alarms, alarms + counts[False, False]),
    }


def _recall(pairs: Sequence[tuple[Mode, Mode]], mode: Mode) -> float | None:
    return _share(pairs.count((mode, mode)), sum(wanted == mode for wanted, _ in pairs))


def _share(part: int, total: int) -> float | None:
    return round(part / total, 4) if total else None
