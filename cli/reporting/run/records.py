"""The records of an evaluation run, read from its bucket."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.numbers.reading import READERS, Numbers, Reading
from arbiter.evaluation.run.keys import cases_key, plan_key
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary import document
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.verdicts.document import AnswerVerdicts, PairVerdicts, Verdict, Verdicts
from arbiter.store import ObjectMissingError
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import require_run_name
from cli.core.progress import Progress, silent
from cli.reporting.run.telling import asked, most_telling

MOST_SHOWN = 1_000
"""Questions that a page holds with all answers and verdicts: some megabytes. The others stay in the bucket."""
PARTS = ("answers", "verdicts", "pairs")
STAGE = "Reading the records"
READING = "Reading the numbers"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """The records of a run, ordered by key: everything, or for many cases all numbers and some records."""

    cases: tuple[Record, ...] = ()
    """All of them."""
    answers: tuple[Record, ...] = ()
    verdicts: tuple[AnswerVerdicts, ...] = ()
    pairs: tuple[PairVerdicts, ...] = ()
    numbers: Numbers | None = None
    """Of all cases, where there are records of some alone."""
    shown: frozenset[str] | None = None
    """The cases that there are records of; `None`: all."""


@dataclass(frozen=True)
class StoredRun:
    """A run as its bucket holds it."""

    plan: Plan
    summary: Summary
    records: Records


def read_run(deployment: Deployment, run: str, progress: Progress = silent) -> StoredRun:
    """Read a run with all its records.

    Raises:
        CliError: there is no such run, or it has no summary yet.
    """
    client = deployment.client("s3", max_pool_connections=READERS)
    results = Objects(client, deployment.output("ResultsBucketName"))
    plan, summary = Plan.load(_plan(results, deployment, run)), _summary(results, run)
    return StoredRun(plan, summary, _records(results, plan, _cases(results, cases_key(run)), progress))


def read_summary(deployment: Deployment, run: str) -> Summary:
    """Read what a run concludes, without its records.

    Raises:
        CliError: there is no such run, or it has no summary yet.
    """
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    _plan(results, deployment, run)
    return _summary(results, run)


def _plan(results: Objects, deployment: Deployment, run: str) -> Record:
    require_run_name(run)
    return _document(
        results,
        plan_key(run),
        f"There is no evaluation run {run} in {deployment.environment}; `arbiter report` lists those there are.",
    )


def _summary(results: Objects, run: str) -> Summary:
    unfinished = f"The evaluation run {run} has no summary yet: run `arbiter evaluate` with --run {run} to finish it."
    return document.load(_document(results, document.summary_key(run), unfinished))


def _document(results: Objects, key: str, otherwise: str) -> Record:
    try:
        content: Record = json.loads(results.read(key))
    except ObjectMissingError as error:
        raise CliError(otherwise, code="no_run", details={"reason": str(error)}) from error
    return content


def _records(results: Objects, plan: Plan, cases: tuple[Record, ...], progress: Progress) -> Records:
    if len(cases) <= MOST_SHOWN:
        folders = [f"evaluations/{plan.run}/{part}/" for part in PARTS]
        return replace(_parts(results, plan, folders, progress), cases=cases)
    progress(READING, 0, 1)
    numbers, ids = _numbers(results, plan), [case["id"] for case in cases]
    shown = frozenset(most_telling(plan, numbers, ids, MOST_SHOWN))
    folders = [f"evaluations/{plan.run}/{part}/{case}/" for part in PARTS for case in ids if case in shown]
    some = _parts(results, plan, folders, progress)
    return replace(some, cases=cases, numbers=numbers, shown=shown)


def _numbers(results: Objects, plan: Plan) -> Numbers:
    """The numbers of the batches that are condensed: all, unless some failed or the run is older than they are."""
    numbers = Numbers([], [], [])
    for batch in Reading(results).condensed(plan.run, plan.start):
        numbers.answers.extend(batch.answers)
        numbers.verdicts.extend(batch.verdicts)
    return numbers


def _parts(results: Objects, plan: Plan, folders: Sequence[str], progress: Progress) -> Records:
    """Answers, verdicts and choices, as far as the plan asks for them."""
    with ThreadPoolExecutor(READERS) as readers:
        listed = readers.map(lambda folder: [item.key for item in results.listing(folder)], folders)
        wanted = sorted(key for keys in listed for key in keys)
    records = dict(zip(wanted, _all(results, wanted, progress), strict=True))
    of = {part: [record for key, record in records.items() if key.split("/")[2] == part] for part in PARTS}
    verdicts: list[AnswerVerdicts] = of["verdicts"]
    pairs: list[PairVerdicts] = of["pairs"]
    for record in (*verdicts, *pairs):
        record["verdicts"] = _asked(plan, record)
    return Records((), tuple(of["answers"]), tuple(verdicts), tuple(pairs))


def _asked(plan: Plan, record: Verdicts) -> list[Verdict]:
    """The verdicts that the plan asks for."""
    return [verdict for verdict in record["verdicts"] if asked(plan, verdict["judge"], verdict.get("repeat", 0))]


def _all(results: Objects, keys: Sequence[str], progress: Progress) -> Iterator[Any]:
    progress(STAGE, 0, len(keys))
    with ThreadPoolExecutor(READERS) as readers:
        for done, content in enumerate(readers.map(results.read, keys), 1):
            progress(STAGE, done, len(keys))
            yield json.loads(content)


def _cases(results: Objects, key: str) -> tuple[Record, ...]:
    """The cases as they were asked; a run whose file is gone is still shown from its answers."""
    try:
        lines = results.read(key).split(b"\n")
    except ObjectMissingError:
        return ()
    return tuple(case for line in lines if line.strip() and "id" in (case := json.loads(line)))
