"""A log line: one JSON object with a constant message and its data in fields."""

import json
from datetime import UTC, datetime
from typing import Any


def entry(message: str, *, level: str = "INFO", now: datetime | None = None, **fields: Any) -> str:
    """The line for standard output, where the Lambda runtime takes it as it is."""
    timestamp = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
    return json.dumps({"timestamp": timestamp, "level": level, "message": message, **fields}, default=str)


def write(message: str, *, level: str = "INFO", now: datetime | None = None, **fields: Any) -> None:
    """Write the line to standard output."""
    print(entry(message, level=level, now=now, **fields))


def metrics(environment: str, now: datetime, counts: dict[str, float]) -> dict[str, Any]:
    """The fields that make CloudWatch read counts out of a log line (embedded metric format)."""
    definition = {
        "Namespace": "Arbiter",
        "Dimensions": [["Environment"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    timestamp = int(now.timestamp() * 1000)
    return {"_aws": {"Timestamp": timestamp, "CloudWatchMetrics": [definition]}, "Environment": environment, **counts}
