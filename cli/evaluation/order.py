"""The order of an evaluation run as a person gives it, checked before anything is sent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from arbiter.evaluation.run.arms import MODES, default_arms
from arbiter.evaluation.run.cases import Cases, read_cases
from arbiter.modes import AUTO
from arbiter.runs import NAME_RULE, is_name
from cli.core.errors import CliError

CHUNK_BYTES = 1 << 20
TABLES = (".csv", ".tsv")


class Choices(TypedDict, total=False):
    """The choices for a run; one left out is the settings', or that of the run's earlier start."""

    modes: Sequence[str]
    models: Sequence[str]
    arms: Sequence[Mapping[str, Any]]
    judges: Sequence[str]
    pairwise: bool
    repeat: int | None
    max_cost_usd: float | None
    native_jobs: bool | None
    batch_answers: bool | None
    accept_unknown_cost: bool


def order_of(run: str, choices: Choices) -> dict[str, Any]:
    """The input of the pipeline."""
    named, models = choices.get("modes", ()), choices.get("models", ())
    modes = [mode for mode in named if mode != AUTO]
    wanted = {
        "arms": list(choices.get("arms", ())) or (_arms(modes, models) if modes or models else None),
        "judges": list(dict.fromkeys(choices.get("judges", ()))) or None,
        "pairwise": choices.get("pairwise") or None,
        "repeat": choices.get("repeat"),
        "max_cost_usd": choices.get("max_cost_usd"),
        "native_jobs": choices.get("native_jobs"),
        "batch_answers": choices.get("batch_answers"),
        "accept_unknown_cost": choices.get("accept_unknown_cost") or None,
        "auto": AUTO in named or None,
    }
    return {"run": run, **{name: value for name, value in wanted.items() if value is not None}}


def _arms(modes: Sequence[str], models: Sequence[str]) -> list[dict[str, Any]]:
    if unknown := [mode for mode in modes if mode not in MODES]:
        known = ", ".join((*MODES, AUTO))
        raise CliError(f"{', '.join(unknown)}: there is no such mode. Use {known}.", code="bad_mode")
    return default_arms(tuple(dict.fromkeys(modes)) or MODES, tuple(dict.fromkeys(models)))


def checked_cases(file: Path, run: str) -> Cases:
    """Read the cases of a file, each with its id.

    Raises:
        CliError: the run has no good name, or the file cannot be used; names every problem.
    """
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of questions (.jsonl or .csv).", code="no_file")
    read = read_file(file)
    if read.problems:
        problems = [{"problem": problem} for problem in read.problems]
        raise CliError(f"{file} cannot be used.", code="bad_cases", details={"problems": problems})
    return read


def read_file(file: Path) -> Cases:
    """Read a file of cases: JSON Lines, or a table by its name."""
    with file.open("rb") as content:
        chunks = iter(lambda: content.read(CHUNK_BYTES), b"")
        return read_cases(chunks, table=file.suffix.lower() in TABLES)
