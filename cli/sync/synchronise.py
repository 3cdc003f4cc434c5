"""A folder synchronised with the knowledge base, and proof that every document arrived."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.objects import Objects
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import Manifest, scan
from cli.sync.ingestion import DocumentProblem, Follower
from cli.sync.upload import SENDERS, upload

RETRIES = {"mode": "standard", "total_max_attempts": 5}


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
    remarks: tuple[str, ...]
    """What is told of documents that were sent all the same."""
    seconds: float

    @property
    def complete(self) -> bool:
        return not self.problems

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def sync(
    deployment: Deployment,
    folder: Path,
    *,
    delete: bool = False,
    ignore: Sequence[str] = (),
    on_begin: Callable[[], None] = lambda: None,
    progress: Progress = silent,
) -> SyncResult:
    """Upload what changed, follow the ingestion, and compare the folder with what the knowledge base knows.

    Args:
        on_begin: called before the first document is sent.

    Raises:
        CliError: there is nothing to synchronise, or the ingestion job failed.
    """
    begun = time.monotonic()
    manifest = scan(folder, ignore)
    _require_documents(manifest, folder)
    objects = Objects(
        deployment.client("s3", max_pool_connections=SENDERS, retries=RETRIES), deployment.output("DocumentsBucketName")
    )
    transfer = upload(objects, manifest.documents, delete=delete, on_begin=on_begin, progress=progress)
    follower = _follower(deployment, progress)
    earlier = follower.newest()
    uris = [objects.uri(document.key) for document in manifest.documents if not document.is_metadata]
    expected = min(transfer.uploaded, len(uris))
    ingested = follower.ingest(transfer.changed_at, expected, uris, earlier=earlier)
    unfit = [DocumentProblem(item.key, "NOT_SENT", item.reason) for item in manifest.unfit]
    lost = [replace(problem, document=problem.document.removeprefix(objects.uri(""))) for problem in ingested.problems]
    return SyncResult(
        environment=deployment.environment,
        folder=str(folder),
        bucket=objects.bucket,
        documents=len(uris) + len(unfit),
        uploaded=transfer.uploaded,
        unchanged=transfer.unchanged,
        deleted=transfer.deleted,
        others=transfer.others,
        left_out=manifest.left_out,
        remarks=manifest.remarks,
        indexed=len(uris) - len(ingested.problems),
        job=ingested.job,
        automatic=ingested.automatic,
        problems=(*unfit, *lost),
        seconds=round(time.monotonic() - begun, 1),
    )


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


def _follower(deployment: Deployment, progress: Progress) -> Follower:
    client = deployment.client("bedrock-agent", retries=RETRIES)
    return Follower(
        Ingestion(client, deployment.output("KnowledgeBaseId"), deployment.output("DataSourceId")), progress
    )
