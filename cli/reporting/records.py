"""The records of an evaluation run, read from its bucket."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from arbiter.aws.objects import ObjectMissingError, Objects
from arbiter.training.run import NAME_RULE, is_name
from cli.deployment import Deployment
from cli.errors import CliError
from cli.progress import Progress, silent

READERS = 32
PARTS = ("answers", "verdicts", "pairs")
STAGE = "Reading the records"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """Everything that a run left for each of its cases, ordered by key."""

    cases: tuple[Record, ...] = ()
    answers: tuple[Record, ...] = ()
    verdicts: tuple[Record, ...] = ()
    pairs: tuple[Record, ...] = ()


@dataclass(frozen=True)
class StoredRun:
    """A run as its bucket holds it."""

    run: Record
    summary: Record
    records: Records


def read_run(deployment: Deployment, run: str, progress: Progress = silent) -> StoredRun:
    """Read a run with all its records.

    Raises:
        CliError: there is no such run, or it has no summary yet.
    """
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    client = deployment.client("s3", max_pool_connections=READERS)
    results = Objects(client, deployment.output("ResultsBucketName"))
    prefix = f"evaluations/{run}/"
    described = _document(
        results, f"{prefix}run.json", f"There is no evaluation run {run} in {deployment.environment}."
    )
    unfinished = f"The evaluation run {run} has no summary yet: run `arbiter evaluate` with --run {run} to finish it."
    summary = _document(results, f"{prefix}summary.json", unfinished)
    cases_key = described.get("cases_key") or f"{prefix}cases.jsonl"
    return StoredRun(described, summary, _records(results, prefix, str(cases_key), progress))


def _document(results: Objects, key: str, otherwise: str) -> Record:
    try:
        document: Record = json.loads(results.read(key))
    except ObjectMissingError as error:
        raise CliError(otherwise, code="no_run", details={"reason": str(error)}) from error
    return document


def _records(results: Objects, prefix: str, cases_key: str, progress: Progress) -> Records:
    keys = {part: sorted(item.key for item in results.listing(f"{prefix}{part}/")) for part in PARTS}
    wanted = [key for part in PARTS for key in keys[part]]
    found = dict(zip(wanted, _all(results, wanted, progress), strict=True))
    parts = {part: tuple(found[key] for key in keys[part]) for part in PARTS}
    return Records(cases=_cases(results, cases_key), **parts)


def _all(results: Objects, keys: Sequence[str], progress: Progress) -> Iterator[Record]:
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
