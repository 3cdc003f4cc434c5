"""A deployment measured: its traffic by mode, how often its documents change, and what it has already."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from arbiter.modes import AUTO, Mode
from arbiter.tuned_models.service.promotion import IN_SERVICE
from cli.core.deployment import Deployment
from cli.models.service import pointed_to
from cli.reporting.run.listing import list_runs

NAMESPACE, DAYS, MONTH = "Arbiter", 30, 30.4
DAY_SECONDS = 86_400
ASKED = (*(mode.value for mode in Mode), AUTO)
FEWEST_SYNCS = 2
"""Syncs that changed something, from which an interval between them can be told."""
BANDS = ((3, "daily"), (14, "weekly"), (60, "monthly"))
"""Days between changes, at the most, of each answer; beyond them it is `yearly`."""


class Deployed(NamedTuple):
    """Answers that a deployment gives without being asked."""

    environment: str
    traffic: Mapping[str, float]
    """Requests by mode of the last thirty days, as the router counted them under the mode that was asked for."""
    days: int
    """Days of them since the first request."""
    documents: int
    changes: str | None
    """The answer to how often the knowledge changes, by the history of syncs; `None` where it is too short."""
    tuned: bool
    run: str | None
    """The latest evaluation run with a summary."""

    @property
    def requests_a_month(self) -> float | None:
        return sum(self.traffic.values()) / self.days * MONTH if self.days else None

    @property
    def done(self) -> frozenset[str]:
        """The steps of the roadmap that it has behind it."""
        known = {"documents": self.documents > 0, "tuned": self.tuned, "examples": self.tuned, "run": bool(self.run)}
        return frozenset(name for name, true in known.items() if true)

    def answers(self) -> dict[str, tuple[Any, str]]:
        """The questions that it answers: each with the answer, and what was measured in words."""
        answers: dict[str, tuple[Any, str]] = {}
        if self.requests_a_month:
            by_mode = ", ".join(f"{mode} {count:,.0f}" for mode, count in self.traffic.items() if count)
            words = f"{sum(self.traffic.values()):,.0f} requests in {self.days} days of {self.environment}: {by_mode}"
            answers["requests_a_month"] = (round(self.requests_a_month), words)
        if self.changes:
            answers["knowledge_changes"] = (self.changes, f"history of the syncs of {self.environment}")
        return answers


def read_deployed(deployment: Deployment, now: datetime | None = None) -> Deployed:
    """Measure a deployment.

    Raises:
        CliError: it is not deployed, or not to its end.
    """
    now = now or datetime.now(UTC)
    traffic, days = _traffic(deployment, now)
    syncs = _syncs(deployment)
    summarised = (one.run for one in list_runs(deployment) if one.summarised)
    return Deployed(
        deployment.environment,
        traffic,
        days,
        syncs[0]["statistics"].get("numberOfDocumentsScanned", 0) if syncs else 0,
        _changes([job["startedAt"] for job in syncs if _changed(job)]),
        bool(IN_SERVICE in pointed_to(deployment)),
        next(summarised, None),
    )


def _traffic(deployment: Deployment, now: datetime) -> tuple[dict[str, float], int]:
    client = deployment.client("cloudwatch")
    traffic: dict[str, float] = {}
    first = now
    for mode in ASKED:
        points = client.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName="Requests",
            Dimensions=[
                {"Name": "Environment", "Value": deployment.environment},
                {"Name": "Mode", "Value": mode},
            ],
            StartTime=now - timedelta(days=DAYS),
            EndTime=now,
            Period=DAY_SECONDS,
            Statistics=["Sum"],
        )["Datapoints"]
        traffic[mode] = sum(point["Sum"] for point in points)
        first = min([first, *(point["Timestamp"] for point in points if point["Sum"])])
    return traffic, (now - first).days + 1 if any(traffic.values()) else 0


def _syncs(deployment: Deployment) -> list[dict[str, Any]]:
    """The latest completed ingestion jobs, the newest first."""
    summaries = deployment.client("bedrock-agent").list_ingestion_jobs(
        knowledgeBaseId=deployment.output("KnowledgeBaseId"),
        dataSourceId=deployment.output("DataSourceId"),
        sortBy={"attribute": "STARTED_AT", "order": "DESCENDING"},
        maxResults=100,
    )["ingestionJobSummaries"]
    return [one for one in summaries if one["status"] == "COMPLETE" and "statistics" in one]


def _changed(job: Mapping[str, Any]) -> bool:
    counted = ("numberOfNewDocumentsIndexed", "numberOfModifiedDocumentsIndexed", "numberOfDocumentsDeleted")
    return any(job["statistics"].get(name, 0) for name in counted)


def _changes(starts: list[datetime]) -> str | None:
    """How often documents change, by the mean interval between the syncs that changed something."""
    if len(starts) < FEWEST_SYNCS:
        return None
    days = (max(starts) - min(starts)).total_seconds() / DAY_SECONDS / (len(starts) - 1)
    if days < 1 / 24:
        # All within one setting up: they tell nothing of the months to come.
        return None
    return next((band for most, band in BANDS if days <= most), "yearly")
