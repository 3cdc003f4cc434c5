"""A folder synchronised with the knowledge base, and proof that every document arrived."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.objects import Objects, StoredObject
from arbiter.documents.standing import DocumentProblem
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import Manifest, Unfit
from cli.sync.ingestion import Follower
from cli.sync.sidecars import Reading, read
from cli.sync.upload import SENDERS, Plan, compare, transfer

RETRIES = {"mode": "standard", "total_max_attempts": 5}
NOT_SENT = "NOT_SENT"
AS_IT_IS = Reading()
Agree = Callable[[Sequence[StoredObject]], bool]


@dataclass(frozen=True)
class Item:
    """A document or object with its size in bytes, and why it is listed."""

    document: str
    bytes: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class SyncResult:
    """The result of a synchronisation, with every document that is not in the knowledge base."""

    environment: str
    folder: str
    bucket: str
    documents: int
    """Documents of the folder, unfit ones included."""
    uploaded: int
    unchanged: int
    deleted: int
    others: int
    left_out: int
    indexed: int
    job: str
    automatic: bool
    """Whether the upload started that job by itself, as it should."""
    problems: tuple[DocumentProblem, ...]
    remarks: tuple[str, ...] = ()
    """What is told of documents that were sent all the same."""
    doubtful: tuple[Item, ...] = ()
    """Documents that were sent although something in them looks like a secret."""
    unsearched: int = 0
    """Documents, such as PDF files, in which no secrets are looked for."""
    seconds: float

    @property
    def complete(self) -> bool:
        return not self.problems

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


@dataclass(frozen=True, kw_only=True)
class SyncPlan:
    """The changes that a synchronisation would make, and the documents that it would refuse."""

    environment: str
    folder: str
    bucket: str
    send: tuple[Item, ...]
    unchanged: int
    delete: tuple[Item, ...]
    refused: tuple[Item, ...]
    others: int
    """Objects of the bucket that the folder does not have, and that would stay there."""
    doubtful: tuple[Item, ...]
    unsearched: int

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def plan(
    deployment: Deployment, folder: Path, *, reading: Reading, delete: bool, progress: Progress = silent
) -> SyncPlan:
    """Say what a synchronisation would do; nothing is changed.

    Raises:
        CliError: there is no such folder.
    """
    manifest = read(folder, reading, progress)
    objects = documents_of(deployment)
    planned = compare(objects, manifest.documents, kept=manifest.keys, progress=progress)
    deleted = planned.others if delete else ()
    return SyncPlan(
        environment=deployment.environment,
        folder=str(folder),
        bucket=objects.bucket,
        send=tuple(
            Item(change.document.key, change.document.size, "new" if change.is_new else "changed")
            for change in planned.changes
        ),
        unchanged=len(planned.unchanged),
        delete=tuple(Item(item.key, item.size, "not in the folder") for item in deleted),
        refused=tuple(Item(item.key, item.size, _reason(item, planned)) for item in manifest.unfit),
        others=len(planned.others) - len(deleted),
        doubtful=tuple(Item(item.key, item.size, item.reason) for item in manifest.doubtful),
        unsearched=manifest.unsearched,
    )


def sync(
    deployment: Deployment,
    folder: Path,
    *,
    reading: Reading = AS_IT_IS,
    delete: bool = False,
    agree: Agree = lambda _: True,
    on_begin: Callable[[], None] = lambda: None,
    progress: Progress = silent,
) -> SyncResult:
    """Upload what changed, follow the ingestion, and compare the folder with what the knowledge base knows.

    Args:
        agree: asked about the objects that `delete` would remove, where there are any.
        on_begin: called before the first document is sent.

    Raises:
        CliError: there is nothing to synchronise, the deletion is not agreed to, or the ingestion job failed.
    """
    begun = time.monotonic()
    manifest = read(folder, reading, progress)
    _require_documents(manifest, folder)
    objects = documents_of(deployment)
    planned = compare(objects, manifest.documents, kept=manifest.keys, progress=progress)
    if delete and planned.others and not agree(planned.others):
        raise CliError("Nothing was sent and nothing deleted. Without --delete the bucket keeps them.", code="declined")
    transferred = transfer(objects, planned, delete=delete, on_begin=on_begin, progress=progress)
    follower = Follower(ingestion_of(deployment), progress)
    earlier = follower.newest()
    uris = [objects.uri(document.key) for document in manifest.documents if not document.is_metadata]
    expected = min(transferred.uploaded, len(uris))
    ingested = follower.ingest(transferred.changed_at, expected, uris, earlier=earlier)
    unfit = [DocumentProblem(item.key, NOT_SENT, _reason(item, planned)) for item in manifest.unfit]
    lost = [replace(problem, document=problem.document.removeprefix(objects.uri(""))) for problem in ingested.problems]
    return SyncResult(
        environment=deployment.environment,
        folder=str(folder),
        bucket=objects.bucket,
        documents=len(uris) + len(unfit),
        uploaded=transferred.uploaded,
        unchanged=transferred.unchanged,
        deleted=transferred.deleted,
        others=transferred.others,
        left_out=manifest.left_out,
        indexed=len(uris) - len(ingested.problems),
        job=ingested.job,
        automatic=ingested.automatic,
        problems=(*unfit, *lost),
        remarks=manifest.remarks,
        doubtful=tuple(Item(item.key, item.size, item.reason) for item in manifest.doubtful),
        unsearched=manifest.unsearched,
        seconds=round(time.monotonic() - begun, 1),
    )


def documents_of(deployment: Deployment) -> Objects:
    """The bucket of the documents, with a connection for each sender."""
    client = deployment.client("s3", max_pool_connections=SENDERS, retries=RETRIES)
    return Objects(client, deployment.output("DocumentsBucketName"))


def ingestion_of(deployment: Deployment) -> Ingestion:
    """The ingestion jobs and documents of the knowledge base."""
    client = deployment.client("bedrock-agent", retries=RETRIES)
    return Ingestion(client, deployment.output("KnowledgeBaseId"), deployment.output("DataSourceId"))


def _reason(item: Unfit, planned: Plan) -> str:
    stays = "; an earlier version of it stays in the knowledge base" if item.key in planned.earlier else ""
    return f"{item.reason}{stays}"


def _require_documents(manifest: Manifest, folder: Path) -> None:
    if manifest.documents:
        return
    if not manifest.unfit:
        raise CliError(f"{folder} holds no documents. Name a folder with documents.", code="no_documents")
    problems = [{"document": item.key, "problem": item.reason} for item in manifest.unfit]
    raise CliError(
        f"None of the {len(problems)} files of {folder} can be a document.",
        code="no_documents",
        details={"problems": problems},
    )
