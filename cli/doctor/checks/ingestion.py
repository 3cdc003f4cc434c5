"""The last synchronisation of the documents."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from arbiter.aws.ingestion import Ingestion
from arbiter.documents.ingestion import JobReport
from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

STALLED = timedelta(hours=6)
"""Longer than a job that moves is at work without a person knowing of it."""


def checks(situation: Situation) -> Iterator[Check]:
    """The newest ingestion job."""
    if situation.settings.knowledge_base.existing is None:
        yield Check("ingestion", lambda: _look(situation))


def _look(situation: Situation) -> Looked:
    knowledge_base, source = situation.output("KnowledgeBaseId"), situation.output("DataSourceId")
    ingestion = Ingestion(situation.client("bedrock-agent"), knowledge_base, source)
    newest = ingestion.latest()
    if newest is None:
        return Looked("nothing was synchronised yet")
    report = ingestion.report(newest.id)
    seen = f"{report.job.status}, begun {newest.started_at:%Y-%m-%d %H:%M} UTC; {report.scanned:,} documents"
    return Looked(seen, tuple(problems(report, situation.now, situation.environment)))


def problems(report: JobReport, now: datetime, env: str) -> Iterator[Finding]:
    """Say what is wrong with the newest job: it failed, stands still, or left documents out."""
    job, again = report.job, f"arbiter sync FOLDER --env {env}"
    if job.status == "FAILED":
        reasons = " ".join(report.reasons) or "Bedrock gives no reason"
        consequence = "documents that changed since are not found: rag and combined answer without them"
        yield _finding("ingestion_failed", job.id, f"failed: {reasons.rstrip('.')}", consequence, again)
    elif job.running and now - job.started_at > STALLED:
        hours = (now - job.started_at).total_seconds() / 3600
        problem = f"is {job.status} for {hours:.0f} hours"
        consequence = "no other job can begin: later documents wait"
        yield _finding("ingestion_stalled", job.id, problem, consequence, again, "it tells where the job stands")
    elif report.failed:
        problem = f"left out {report.failed:,} of {report.scanned:,} documents"
        consequence = "what stands in them is not found"
        yield _finding("documents_failed", job.id, problem, consequence, again, "it names each, and why")


def _finding(code: str, job: str, problem: str, consequence: str, remedy: str, hint: str = "") -> Finding:
    return Finding(
        code=code,
        subject=f"ingestion job {job}",
        severity=Severity.WARNS,
        problem=f"the last ingestion job, {job}, {problem}",
        consequence=consequence,
        remedy=remedy,
        hint=hint,
    )
