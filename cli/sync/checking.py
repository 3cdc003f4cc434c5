"""A folder and a bucket compared with the knowledge base; nothing is changed."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects, StoredObject
from arbiter.documents.ingestion import KnownDocument
from arbiter.documents.standing import METADATA, MISSING, NOT_SENT, STALE, SURPLUS, DocumentProblem, problems_of
from cli.core.deployment import Deployment
from cli.core.progress import Progress, silent
from cli.sync.places import documents_of, ingestion_of
from cli.sync.sidecars import Reading, read
from cli.sync.upload import Plan, compare

ASKING = "Asking the knowledge base"


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """Every document that is not in the knowledge base as it is in the folder, or in the bucket."""

    environment: str
    folder: str | None
    """`None` where only the bucket was compared."""
    bucket: str
    documents: int
    problems: tuple[DocumentProblem, ...]
    others: int
    """Objects of the bucket that the folder does not have."""
    seconds: float

    @property
    def complete(self) -> bool:
        return not self.problems

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def check(deployment: Deployment, folder: Path | None, reading: Reading, progress: Progress = silent) -> CheckResult:
    """Compare the folder with the bucket and the bucket with the knowledge base, document by document.

    Raises:
        CliError: there is no such folder.
    """
    begun = time.monotonic()
    objects = documents_of(deployment)
    manifest = read(folder, reading, progress) if folder else None
    stored = list(objects.listing())
    plan = (
        compare(objects, manifest.documents, kept=manifest.keys, listed=stored, progress=progress) if manifest else None
    )
    progress(ASKING)
    known = {document.uri: document for document in ingestion_of(deployment).documents()}
    keys = {item.key for item in manifest.documents} if manifest else {item.key for item in stored}
    refused = (*manifest.unfit, *(plan.unread if plan else ())) if manifest else ()
    problems = {item.key: DocumentProblem(item.key, NOT_SENT, item.reason) for item in refused}
    for problem in (*_differing(plan), *_indexed(stored, known, objects, keys)):
        problems.setdefault(problem.document, problem)
    return CheckResult(
        environment=deployment.environment,
        folder=str(folder) if folder else None,
        bucket=objects.bucket,
        documents=sum(not key.endswith((METADATA, "/")) for key in keys) + (len(manifest.unfit) if manifest else 0),
        problems=tuple(problems.values()),
        others=len(plan.others) if plan else 0,
        seconds=round(time.monotonic() - begun, 1),
    )


def _differing(plan: Plan | None) -> Iterator[DocumentProblem]:
    """Documents that the bucket lacks, or has otherwise than the folder, by themselves or by their metadata."""
    for change in plan.changes if plan else ():
        key = change.document.key
        if not change.document.is_metadata and change.is_new:
            yield DocumentProblem(key, MISSING, "it is not in the bucket: send it by `arbiter sync`")
        else:
            part = "its metadata" if change.document.is_metadata else "it"
            reason = f"{part} changed since it was sent: send it again by `arbiter sync`"
            yield DocumentProblem(key.removesuffix(METADATA), STALE, reason)


def _indexed(
    stored: Sequence[StoredObject], known: Mapping[str, KnownDocument], objects: Objects, keys: Collection[str]
) -> Iterator[DocumentProblem]:
    """Documents of the bucket that are not indexed as they are, and indexed ones that are gone."""
    for problem in problems_of(stored, known, objects.uri):
        key = problem.document.removeprefix(objects.uri(""))
        if key in keys or problem.status == SURPLUS:
            yield replace(problem, document=key)
