"""The questionnaire at a terminal: one question after the other, each answer kept as soon as it is given."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.advice.scenario.fields import FIELDS, Field
from cli.advice.scenario.reading import scenario_of
from cli.advice.scenario.scenario import DEFAULTS, Scenario
from cli.advice.scenario.writing import as_yaml
from cli.core.outputs import write_whole

Ask = Callable[[str], str]
"""Shows a prompt, and returns the line that was typed."""


class Questionnaire:
    """Asks, checks and keeps.

    Args:
        console: where questions are shown.
        ask: reads one line.
        file: where the answers are kept after each question.
    """

    def __init__(self, console: Console, ask: Ask, file: Path) -> None:
        self._console = console
        self._ask = ask
        self._file = file

    def run(self, start: Scenario, measured: Collection[str] = ()) -> Scenario:
        """Ask everything that was neither answered before nor measured; an interruption leaves what was answered."""
        known = {*start.given, *measured}
        asked = [field for field in FIELDS if field.main and field.name not in known]
        further = [field for field in FIELDS if not field.main and field.name not in known]
        self._console.print(
            Text(
                f"{len(asked)} questions. Enter skips one: its default counts, and the record says so. "
                f"Answers are kept in {self._file} after each.",
                style="dim",
            )
        )
        scenario = self._all(asked, start, 0, len(asked))
        if further and self._yes(f"{len(further)} more on limits and figures?"):
            scenario = self._all(further, scenario, 0, len(further))
        return scenario

    def _all(self, fields: list[Field], scenario: Scenario, done: int, total: int) -> Scenario:
        for position, field in enumerate(fields, done + 1):
            self._show(field, position, total)
            value = self._answer(field)
            if value is not None:
                scenario = replace(scenario, **{field.name: value}, given=scenario.given | {field.name})
                self._keep(scenario)
        return scenario

    def _keep(self, scenario: Scenario) -> None:
        """Write all answers, so that an interruption leaves the old file or the new one, and never a half."""
        write_whole(self._file, as_yaml(scenario).encode())

    def _show(self, field: Field, position: int, total: int) -> None:
        self._console.print(Text.assemble("\n", (f"{position} of {total}  ", "dim"), (field.question, "bold")))
        self._console.print(Text(field.why, style="dim"))
        for number, (value, meaning) in enumerate(field.allowed.items(), 1):
            self._console.print(Text(f"  {number:>2}  {meaning}  ({value})"))
        if field.kind == "choices":
            self._console.print(Text("Several, with commas between them, what matters most first.", style="dim"))

    def _answer(self, field: Field) -> Any:
        """A value that the question allows; `None` where it was skipped."""
        default = DEFAULTS.answers()[field.name]
        shown = ", ".join(default) or "none" if isinstance(default, list) else str(default)
        if field.kind == "flag":
            shown = "yes" if default else "no"
        while True:
            typed = self._ask(f"[{shown}] > ").strip()
            if not typed:
                return None
            document = {field.name: _value(field, typed)}
            scenario, problems = scenario_of(document)
            if not problems:
                return getattr(scenario, field.name)
            for problem in problems:
                self._console.print(Text(f"{problem.problem}; allowed: {problem.allowed}", style="yellow"))

    def _yes(self, question: str) -> bool:
        return self._ask(f"\n{question} [y/N] > ").strip().lower() in ("y", "yes")


def _value(field: Field, typed: str) -> Any:
    """The line as YAML would hold it: numbers of choices become their names."""
    names = list(field.allowed)
    if field.kind == "choices":
        return [_named(part.strip(), names) for part in typed.split(",") if part.strip()]
    if field.kind == "choice":
        return _named(typed, names)
    if field.kind == "flag":
        return {"y": True, "yes": True, "n": False, "no": False}.get(typed.lower(), typed)
    if field.kind == "number":
        try:
            number = float(typed.replace(",", "").replace("_", ""))
        except ValueError:
            return typed
        return int(number) if number.is_integer() else number
    return typed


def _named(typed: str, names: list[str]) -> str:
    if typed.isdecimal() and 1 <= int(typed) <= len(names):
        return names[int(typed) - 1]
    return typed
