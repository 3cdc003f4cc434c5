"""What is to be known of an account before anything is paid for; the `deployment` has tried every model by then."""

import json

import pytest

from cli.asking.question import ask
from cli.core.deployment import Deployment
from tests.local.asking import until

pytestmark = pytest.mark.live

LOGGED_WITHIN = 120


def test_the_runtime_tells_its_botocore(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    reply = ask(deployment, {"question": "Name a river.", "mode": "base"})
    assert reply.response, reply.error
    logs, group = deployment.client("logs"), deployment.output("RouterLogGroup")
    line = "function initialised"
    lines: list[str] = []

    def logged() -> bool:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=f'"{line}"')
        lines.extend(event["message"] for page in pages for event in page["events"] if line in event["message"])
        return bool(lines)

    until(logged, "the router's log has the line of a cold start", seconds=LOGGED_WITHIN, pause=10)
    with capsys.disabled():
        print(f"\nThe runtime's botocore: {json.loads(lines[-1])['botocore']}")  # noqa: T201
    assert json.loads(lines[-1])["botocore"]
