"""Alarms that say what to do, and a dashboard of what the router writes."""

import json
import re
from pathlib import Path

from arbiter.edge.errors import IssuerUnavailable, NotAuthenticated, StoreUnavailable
from arbiter.evaluation.run.arms import MODES
from tests.stacks.resolved import Deployment

RUNBOOK = re.compile(r"docs/runbooks/[a-z-]+\.md")


SHOWN = (
    ("Requests Errors", (*MODES, "auto")),
    ("Degraded CostUsd Latency RetrieveLatency GenerateLatency InputTokens OutputTokens EvaluationQuality", MODES),
)
COUNTS = {"Requests", "Errors", "Degraded", "CostUsd"}
"""Added up; of all else the middle, a high one or the mean is shown."""
HOSTING = {"docs/runbooks/hosting-by-the-hour.md", "docs/runbooks/hosted-model-expired.md"}


def named(deployment: Deployment) -> list[str]:
    """The runbooks that the alarms name."""
    alarms = deployment.resources("AWS::CloudWatch::Alarm")
    return [match for alarm in alarms for match in RUNBOOK.findall(alarm.properties["AlarmDescription"])]


def test_every_alarm_has_its_runbook_and_every_runbook_its_alarm(
    hosted: Deployment, everything: Deployment, root: Path
) -> None:
    for deployment in (hosted, everything):
        found = named(deployment)
        assert len(found) == len(set(found)) == len(list(deployment.resources("AWS::CloudWatch::Alarm")))
    assert {*named(hosted), *named(everything)} == {
        f"docs/runbooks/{file.name}" for file in (root / "docs/runbooks").glob("*.md")
    }


def test_hosting_by_the_hour_is_watched_where_it_is_possible(hosted: Deployment, deployment: Deployment) -> None:
    assert set(named(hosted)) - set(named(deployment)) == HOSTING


def test_hosting_alarms_stand_on_what_the_function_writes(hosted: Deployment) -> None:
    for name, metric in (("HostingByTheHour", "HostedModelUnits"), ("HostedModelExpired", "HostingExpiredInService")):
        alarm = hosted.one("AWS::CloudWatch::Alarm", name).properties
        assert (alarm["Namespace"], alarm["MetricName"]) == ("Arbiter", metric)
        assert alarm["Dimensions"] == [{"Name": "Environment", "Value": "hosted"}]
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


def test_alarms_of_the_api_stand_on_what_its_gate_and_its_function_count(everything: Deployment) -> None:
    counted = {r.properties["MetricTransformations"][0]["MetricName"]: r.properties["FilterPattern"]
               for r in everything.resources("AWS::Logs::MetricFilter")}  # fmt: skip
    codes = {re.escape(code) for code in (StoreUnavailable.code, IssuerUnavailable.code, NotAuthenticated.code)}
    assert codes == {code for pattern in counted.values() for code in re.findall(r'"(\w+)"', pattern)}
    for name in ("ApiUnavailable", "ApiCallersRefused"):
        alarm = everything.one("AWS::CloudWatch::Alarm", name).properties
        assert alarm["MetricName"] in counted
        assert alarm["Dimensions"] == [{"Name": "Environment", "Value": "everything"}]
    shares = everything.one("AWS::CloudWatch::Alarm", "ApiErrors").properties["Metrics"]
    api = everything.one("AWS::ApiGateway::RestApi").properties["Name"]
    named_apis = [m["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for m in shares if "MetricStat" in m]
    assert named_apis == [api] * 2


def test_alarms_notify_where_somebody_is_named(everything: Deployment, prod: Deployment) -> None:
    for alarm in everything.resources("AWS::CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"] == ["<Operations.Alerts>"]
        assert alarm.properties.get("ActionsEnabled", True) is True
    assert not any("AlarmActions" in a.properties for a in prod.resources("AWS::CloudWatch::Alarm"))
    assert list(prod.resources("AWS::SNS::Topic", "AWS::Budgets::Budget")) == []


def test_alarms_may_publish_to_the_topic(everything: Deployment) -> None:
    policy = everything.one("AWS::SNS::TopicPolicy").properties["PolicyDocument"]
    (allowed,) = (s for s in policy["Statement"] if s["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"


def test_an_alarm_stays_within_what_cloudwatch_evaluates(deployment: Deployment) -> None:
    """At most ten metrics in the mathematics of one alarm."""
    for alarm in deployment.resources("AWS::CloudWatch::Alarm"):
        metrics = [m for m in alarm.properties.get("Metrics", []) if "MetricStat" in m]
        assert len(metrics) <= 10, alarm.name


def test_the_dashboard_shows_every_mode_of_this_environment(deployment: Deployment) -> None:
    body = json.loads(deployment.one("AWS::CloudWatch::Dashboard").properties["DashboardBody"])
    lines = [(widget, line) for widget in body["widgets"] for line in widget["properties"]["metrics"]]
    shown = {tuple(line[:6]) for _, line in lines}
    for widget, line in lines:
        statistic = {"stat": "Average", **widget["properties"], **line[-1]}["stat"]
        assert (statistic == "Sum") is (line[1] in COUNTS), line[1]
    for names, modes in SHOWN:
        for name in names.split():
            for mode in modes:
                assert ("Arbiter", name, "Environment", deployment.environment, "Mode", mode) in shown, name
