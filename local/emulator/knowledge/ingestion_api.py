"""The API of ingestion: jobs, and what became of each document."""

import contextvars
import threading
from collections.abc import Sequence
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.knowledge import ingestion
from local.emulator.knowledge.data_sources import DataSource, Document
from local.emulator.knowledge.knowledge_bases import find, find_source, new_id, now

_UNDER_WAY = ("STARTING", "IN_PROGRESS", "STOPPING")
_STATISTICS = (
    "numberOfDocumentsScanned",
    "numberOfMetadataDocumentsScanned",
    "numberOfNewDocumentsIndexed",
    "numberOfModifiedDocumentsIndexed",
    "numberOfMetadataDocumentsModified",
    "numberOfDocumentsDeleted",
    "numberOfDocumentsFailed",
)


def install() -> None:
    """Serve the API."""
    source = r"^/knowledgebases/([^/]+)/datasources/([^/]+)"
    serve(
        "bedrock-agent",
        [
            ("PUT", source + r"/ingestionjobs/?$", _start),
            ("POST", source + r"/ingestionjobs/?$", _list),
            ("GET", source + r"/ingestionjobs/([^/]+)/?$", _get),
            ("POST", source + r"/ingestionjobs/([^/]+)/stop/?$", _stop),
            ("POST", source + r"/documents/?$", _list_documents),
            ("POST", source + r"/documents/getDocuments/?$", _get_documents),
        ],
    )


def _start(request: Request, identifier: str, source_id: str) -> Reply:
    knowledge_base = find(identifier)
    source = find_source(knowledge_base, source_id)
    token = request.body.get("clientToken")
    for job in source.jobs.values():
        if token and job["_token"] == token:
            return reply({"ingestionJob": _public(job)}, 202)
    running = [job for each in knowledge_base.sources.values() for job in each.jobs.values()]
    busy = next((job["ingestionJobId"] for job in running if job["status"] in _UNDER_WAY), None)
    if busy:
        raise ServiceError(
            "ConflictException",
            f"There is already an ongoing ingestion job for this knowledge base (job {busy}). Wait for it to finish.",
            409,
        )
    job = {
        "knowledgeBaseId": knowledge_base.id,
        "dataSourceId": source_id,
        "ingestionJobId": new_id(),
        "description": request.body.get("description", ""),
        "status": "STARTING",
        "statistics": dict.fromkeys(_STATISTICS, 0),
        "failureReasons": [],
        "startedAt": now(),
        "updatedAt": now(),
        "_token": token,
    }
    source.jobs[job["ingestionJobId"]] = job
    answer = reply({"ingestionJob": _public(job)}, 202)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(ingestion.run, knowledge_base, source, job), daemon=True).start()
    return answer


def _public(job: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in job.items() if not key.startswith("_")}


def _job(identifier: str, source_id: str, job_id: str) -> dict[str, Any]:
    job = find_source(find(identifier), source_id).jobs.get(job_id)
    if job is None:
        raise ServiceError("ResourceNotFoundException", f"Ingestion job {job_id} does not exist", 404)
    return job


def _get(_: Request, identifier: str, source_id: str, job_id: str) -> Reply:
    return reply({"ingestionJob": _public(_job(identifier, source_id, job_id))})


def _stop(_: Request, identifier: str, source_id: str, job_id: str) -> Reply:
    job = _job(identifier, source_id, job_id)
    if job["status"] not in _UNDER_WAY:
        raise ServiceError("ConflictException", f"Ingestion job {job_id} is {job['status']} and cannot be stopped", 409)
    job["status"] = "STOPPING"
    return reply({"ingestionJob": _public(job)}, 202)


def _list(request: Request, identifier: str, source_id: str) -> Reply:
    jobs = list(find_source(find(identifier), source_id).jobs.values())
    for condition in request.body.get("filters") or []:
        jobs = [job for job in jobs if job["status"] in condition["values"]]
    ordering = request.body.get("sortBy") or {"attribute": "STARTED_AT", "order": "DESCENDING"}
    field = {"STARTED_AT": "startedAt", "STATUS": "status"}[ordering["attribute"]]
    jobs.sort(key=lambda job: str(job[field]), reverse=ordering["order"] == "DESCENDING")
    hidden = ("failureReasons",)
    summaries = [{key: value for key, value in _public(job).items() if key not in hidden} for job in jobs]
    return reply(_page(request, "ingestionJobSummaries", summaries, largest=1000))


def _detail(identifier: str, source_id: str, source: DataSource, key: str) -> dict[str, Any]:
    document = source.documents.get(key) or Document(("", None), "NOT_FOUND", updated=now())
    detail = {
        "knowledgeBaseId": identifier,
        "dataSourceId": source_id,
        "status": document.status,
        "identifier": {"dataSourceType": "S3", "s3": {"uri": f"s3://{source.bucket}/{key}"}},
        "updatedAt": document.updated,
    }
    return {**detail, "statusReason": document.reason} if document.reason else detail


def _list_documents(request: Request, identifier: str, source_id: str) -> Reply:
    source = find_source(find(identifier), source_id)
    page = _page(request, "documentDetails", sorted(source.documents), largest=1000)
    details = [_detail(identifier, source_id, source, key) for key in page["documentDetails"]]
    return reply({**page, "documentDetails": details})


def _get_documents(request: Request, identifier: str, source_id: str) -> Reply:
    source = find_source(find(identifier), source_id)
    uris = [document["s3"]["uri"] for document in request.body["documentIdentifiers"]]
    keys = [uri.removeprefix(f"s3://{source.bucket}/") for uri in uris]
    return reply({"documentDetails": [_detail(identifier, source_id, source, key) for key in keys]})


def _page(request: Request, name: str, items: Sequence[Any], *, largest: int) -> dict[str, Any]:
    start = int(request.body.get("nextToken") or 0)
    size = min(int(request.body.get("maxResults") or 100), largest)
    page: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        page["nextToken"] = str(start + size)
    return page
