"""The order of an evaluation run as a person gives it, checked before anything is sent."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, cast, get_args

from arbiter.answering.request import Preference, read_limits, read_retrieval
from arbiter.aws.objects import Objects
from arbiter.base_models import facts_of
from arbiter.errors import Problem
from arbiter.evaluation.run.arms import DEFAULT, MODES, PROMPTINGS
from arbiter.evaluation.run.cases import Cases, read_cases
from arbiter.evaluation.run.grid import default_arms
from arbiter.fields import Read, flag
from arbiter.modes import AUTO
from arbiter.runs import is_name
from arbiter.tuned_models.training.record import MalformedRecordError
from arbiter.tuned_models.training.records import Records
from cli.asking.question import json_format
from cli.core.errors import CliError, together

CHUNK_BYTES = 1 << 20
TABLES = (".csv", ".tsv")
WORDS: Mapping[str, Any] = {"true": True, "false": False}


class Choices(TypedDict, total=False):
    """The choices for a run; one left out is the settings', or that of the run's earlier start."""

    modes: Sequence[str]
    models: Sequence[str]
    tuned: Sequence[str]
    """Training runs whose models answer beside their own base models, in place of the one in service."""
    prompting: Sequence[str]
    retrieval: Sequence[str]
    """Each a set of options: `results=10,rerank=true`, a JSON object, or `default`."""
    limits: Sequence[str]
    """Each a set of limits, as `max_cost_usd=0.001,degrade=true`, or `default` for none."""
    knowledge_bases: Sequence[str]
    """Each the name of one, or `default`."""
    prefer: str | None
    """The preference that `auto` goes by."""
    asked: Mapping[str, Any]
    """Further fields of every request: `system`, `format`, `limits`, `degrade`."""
    schema: Path | None
    """A file with the JSON schema of every answer, in place of a `format`."""
    arms: Sequence[Mapping[str, Any]]
    judges: Sequence[str]
    pairwise: bool
    repeat: int | None
    max_cost_usd: float | None
    native_jobs: bool | None
    batch_answers: bool | None
    accept_unknown_cost: bool


def order_of(run: str, choices: Choices, find_bases: Callable[[], Mapping[str, str]] = dict) -> dict[str, Any]:
    """The input of the pipeline; `find_bases` gives the base model of each training run that is named.

    Raises:
        CliError: naming everything that there is no technique of.
    """
    wanted = {
        "arms": list(choices.get("arms", ())) or _arms(choices, find_bases),
        "judges": list(dict.fromkeys(choices.get("judges", ()))) or None,
        "pairwise": choices.get("pairwise") or None,
        "repeat": choices.get("repeat"),
        "max_cost_usd": choices.get("max_cost_usd"),
        "native_jobs": choices.get("native_jobs"),
        "batch_answers": choices.get("batch_answers"),
        "accept_unknown_cost": choices.get("accept_unknown_cost") or None,
        "auto": AUTO in choices.get("modes", ()) or None,
        "prefer": choices.get("prefer"),
    }
    return {"run": run, **{name: value for name, value in wanted.items() if value is not None}}


def _arms(choices: Choices, find_bases: Callable[[], Mapping[str, str]]) -> list[dict[str, Any]] | None:
    """Every combination of what is named; `None` where nothing is, which leaves it to the deployment."""
    named, models = _once(choices.get("modes", ())), _once(choices.get("models", ()))
    modes = [mode for mode in named if mode != AUTO]
    prompting, problems = _once(choices.get("prompting", ())), list[Problem]()
    retrieval, limits = (
        [_options(text, f"--{name}", read, problems) for text in _once(cast("Sequence[str]", choices.get(name, ())))]
        for name, read in (("retrieval", read_retrieval), ("limits", _read_limits))
    )
    prefer = _once(filter(None, [choices.get("prefer")]))
    for option, words, known in (
        ("--modes", named, (*MODES, AUTO)),
        ("--prompting", prompting, PROMPTINGS),
        ("--prefer", prefer, get_args(Preference)),
    ):
        if unknown := [word for word in words if word not in known]:
            problems.append(Problem(option, f"names {', '.join(unknown)}", ", ".join(known)))
    if prefer and AUTO not in named:
        problems.append(Problem("--prefer", "is what auto goes by, and --modes names no auto", f"--modes {AUTO},…"))
    tuned, asked, _ = together(find_bases, lambda: _asked(choices), lambda: _refuse(problems))
    bases = _once(choices.get("knowledge_bases", ()))
    if not (modes or models or tuned or prompting or retrieval or limits or asked or bases):
        return None
    return default_arms(
        modes or MODES, models, tuned=tuned, prompting=prompting, retrieval=retrieval, limits=limits, asked=asked,
        knowledge_bases=bases,
    )  # fmt: skip


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        sentence = "; ".join(f"{problem.path} {problem.problem} (allowed: {problem.allowed})" for problem in problems)
        raise CliError(f"There is no such technique: {sentence}.", code="bad_mode")


def _asked(choices: Choices) -> dict[str, Any] | None:
    schema = choices.get("schema")
    return {**choices.get("asked", {}), **({"format": json_format(schema)} if schema else {})} or None


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _options(text: str, option: str, read: Read, problems: list[Problem]) -> dict[str, Any]:
    """A set of options as a person writes them: as JSON, where one holds more than a word or a number."""
    if text.strip() == DEFAULT:
        return {}
    pairs = [part.partition("=") for part in text.split(",")]
    given: Any = {name.strip(): WORDS.get(value.strip(), value.strip()) for name, _, value in pairs}
    typed = {name: _number(value) for name, value in given.items()}
    if text.lstrip().startswith("{"):
        try:
            typed = json.loads(text)
        except ValueError as error:
            problems.append(Problem(option, f"is no JSON ({error})", """'{"filter": {"service": "s3"}}'"""))
            return {}
    options: dict[str, Any] = read(typed, option, problems)
    return options


def _read_limits(value: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    """Limits of a request, with `degrade` beside them."""
    limits = {name: one for name, one in value.items() if name != "degrade"}
    read: dict[str, Any] = read_limits(limits, path, problems)
    return {**read, **({"degrade": flag(value["degrade"], f"{path}.degrade", problems)} if "degrade" in value else {})}


def _number(value: Any) -> Any:
    """A number, where a person writes one; any other value as it is."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return value


def tuned_bases(results: Objects, runs: Sequence[str]) -> dict[str, str]:
    """The base model of each training run's model, by the id that it is called by.

    Raises:
        CliError: naming every run that left no record.
    """
    records, bases = Records(results), dict[str, str]()
    for run in _once(runs):
        try:
            if is_name(run) and (record := records.find(run)):
                bases[run] = facts_of(record.base_model).invocation_id
        except MalformedRecordError:
            continue  # It is named below, as one that cannot be evaluated.
    if unknown := [run for run in _once(runs) if run not in bases]:
        raise CliError(
            f"There is no training run {', '.join(unknown)}: `arbiter train list` names them.", code="no_run"
        )
    return bases


def checked_cases(file: Path) -> Cases:
    """Read the cases of a file, each with its id.

    Raises:
        CliError: the file cannot be used; names every problem.
    """
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of questions (.jsonl, .json or .csv).", code="no_file")
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
