"""A deployment tells its traffic by mode and how often its documents change, and nothing that it does not know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.advice.measuring import deployed
from cli.advice.measuring.deployed import Deployed, read_deployed
from cli.core.deployment import Deployment

NOW = datetime(2026, 11, 28, tzinfo=UTC)


class Client:
    """CloudWatch and Bedrock as far as they are asked."""

    def __init__(self, requests: dict[str, list[tuple[int, float]]], syncs: list[tuple[int, int]]) -> None:
        self._requests = requests
        self._syncs = syncs

    def get_metric_statistics(self, **asked: Any) -> Any:
        [mode] = [one["Value"] for one in asked["Dimensions"] if one["Name"] == "Mode"]
        days = self._requests.get(mode, [])
        return {"Datapoints": [{"Timestamp": NOW - timedelta(days=ago), "Sum": count} for ago, count in days]}

    def list_ingestion_jobs(self, **asked: Any) -> Any:
        counted = [{"numberOfDocumentsScanned": 23, "numberOfModifiedDocumentsIndexed": new} for _, new in self._syncs]
        return {
            "ingestionJobSummaries": [
                {"status": "COMPLETE", "startedAt": NOW - timedelta(days=ago), "statistics": statistics}
                for (ago, _), statistics in zip(self._syncs, counted, strict=True)
            ]
        }


class Fake(Deployment):
    def __init__(self, client: Client) -> None:
        self.environment = "dev"
        self._only = client

    def client(self, service: str, **options: Any) -> Any:
        return self._only

    def output(self, name: str) -> str:
        return name


def read(
    monkeypatch: pytest.MonkeyPatch,
    requests: dict[str, list[tuple[int, float]]] | None = None,
    syncs: list[tuple[int, int]] | None = None,
) -> Deployed:
    monkeypatch.setattr(deployed, "list_runs", lambda deployment: [])
    monkeypatch.setattr(deployed, "pointed_to", lambda deployment: {})
    return read_deployed(Fake(Client(requests or {}, syncs or [])), NOW)


def test_traffic_is_counted_by_mode_and_reckoned_to_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, {"rag": [(1, 300), (9, 100)], "base": [(2, 100)]})
    assert found.days == 10
    value, words = found.answers()["requests_a_month"]
    assert value == round(500 / 10 * 30.4)
    assert "rag 400" in words


def test_without_traffic_and_syncs_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)
    assert found.answers() == {}
    assert found.done == frozenset()


@pytest.mark.parametrize(
    ("syncs", "changes"),
    [
        ([(0, 1), (1, 1), (2, 1)], "daily"),
        ([(0, 1), (7, 2), (14, 1)], "weekly"),
        ([(0, 1), (3, 0), (31, 2)], "monthly"),
        ([(0, 1), (200, 2)], "yearly"),
        ([(5, 3)], None),
        ([(0, 0), (1, 0), (2, 0)], None),
    ],
)
def test_syncs_that_changed_something_tell_how_often_knowledge_changes(
    monkeypatch: pytest.MonkeyPatch, syncs: list[tuple[int, int]], changes: str | None
) -> None:
    assert read(monkeypatch, syncs=syncs).changes == changes


def test_what_is_there_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, syncs=[(0, 1)]).done == {"documents"}
