"""Hosting that has expired is deleted, and what it costs until then is counted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from arbiter.settings.tuning import ExpireHostingSettings
from arbiter.tuned_models.hosting.expirer import Expirer
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG, EXPIRY_TAG, Throughput
from arbiter.tuned_models.hosting.retirement import Refused, Resource
from arbiter.tuned_models.service.promotion import Pointer
from tests.unit.arbiter.tuned_models.model_fakes import NEW, NOW, Pointers


class Hosting:
    """Throughput that can be deleted, unless it refuses."""

    def __init__(self, *found: Throughput, refuses: bool = False) -> None:
        self.found, self.refuses = found, refuses
        self.deleted: list[str] = []

    def throughputs(self, environment: str) -> list[Throughput]:
        return [one for one in self.found if one.tags[ENVIRONMENT_TAG] == environment and one.arn not in self.deleted]

    def delete(self, resource: Resource) -> None:
        if self.refuses:
            raise Refused("DeleteProvisionedModelThroughput says AccessDeniedException: no")
        self.deleted.append(resource.arn)


def throughput(arn: str, hours: int, committed_hours: int | None = None, environment: str = "dev") -> Throughput:
    return Throughput(
        arn=arn,
        name=arn,
        base_model="amazon.nova-micro-v1:0:128k",
        custom_model="arn:custom-model/x",
        model_units=1,
        status="InService",
        committed_until=None if committed_hours is None else NOW + timedelta(hours=committed_hours),
        tags={ENVIRONMENT_TAG: environment, EXPIRY_TAG: (NOW + timedelta(hours=hours)).isoformat()},
    )


def expire(hosting: Hosting, in_service: Pointer | None = None) -> dict[str, Any]:
    settings = ExpireHostingSettings(
        environment="dev", in_service_parameter="s", usd_per_unit_hour={"amazon.nova-micro-v1:0:128k": 20.0}
    )
    return Expirer(hosting, Pointers(None, in_service or Pointer()), settings, lambda: NOW).expire()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_has_expired_is_deleted_and_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    hosting = Hosting(throughput("old", -1), throughput("new", 1), throughput("theirs", -1, environment="prod"))
    assert expire(hosting) == {"deleted": ["old"], "model_units": 1, "usd_per_hour": 20.0}
    assert hosting.deleted == ["old"]
    last = told(capsys)[-1]
    (directive,) = last["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Environment"]]
    names = {metric["Name"] for metric in directive["Metrics"]}
    assert {name: last[name] for name in names} == {
        "HostedModelUnits": 1,
        "HostingUsdPerHour": 20.0,
        "HostingExpiredInService": 0,
    }


def test_where_nothing_is_hosted_nothing_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert expire(Hosting(throughput("theirs", -1, environment="prod"))) == {
        "deleted": [],
        "model_units": 0,
        "usd_per_hour": 0,
    }
    assert told(capsys) == []


def test_a_commitment_is_never_ended_early_and_said_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    hosting = Hosting(throughput("committed", -1, committed_hours=1))
    assert expire(hosting)["usd_per_hour"] == 20.0
    assert hosting.deleted == []
    assert told(capsys)[0]["message"] == "hosting expired but committed"


def test_that_the_model_in_service_lost_its_hosting_is_an_error_and_a_metric(
    capsys: pytest.CaptureFixture[str],
) -> None:
    expire(Hosting(throughput(NEW.model, -1)), Pointer(NEW))
    lines = told(capsys)
    assert ("ERROR", "hosting expired in service") in [(line["level"], line["message"]) for line in lines]
    assert lines[-1]["HostingExpiredInService"] == 1


def test_what_cannot_be_deleted_is_said_and_still_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert expire(Hosting(throughput("old", -1), refuses=True)) == {
        "deleted": [],
        "model_units": 1,
        "usd_per_hour": 20.0,
    }
    assert told(capsys)[0]["reason"].startswith("DeleteProvisionedModelThroughput says AccessDenied")
