"""Rated answers of the router's log, as new questions and as candidates for training."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arbiter.feedback import Rated, joined
from cli.core.deployment import Deployment

PATTERN = '{ $.message = "feedback" || $.message = "answered" }'
DAY = 24 * 3600


def rated(deployment: Deployment, days: int) -> list[Rated]:
    """The rated answers of so many days whose texts the settings let the log keep."""
    return joined(_records(deployment, days))


def _records(deployment: Deployment, days: int) -> Iterator[Mapping[str, Any]]:
    pages = deployment.client("logs").get_paginator("filter_log_events")
    since = int((time.time() - days * DAY) * 1000)
    group = deployment.output("RouterLogGroup")
    for page in pages.paginate(logGroupName=group, startTime=since, filterPattern=PATTERN):
        for event in page["events"]:
            try:
                record = json.loads(event["message"])
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record


def questions(answers: Sequence[Rated]) -> bytes:
    """Every rated question as a case of an evaluation; the text to a bad answer is its reference."""
    return _lines(
        {
            "question": one.question,
            **({"reference": one.text} if one.rating == "bad" and one.text else {}),
            "tags": ["feedback", one.rating],
        }
        for one in answers
    )


def candidates(answers: Sequence[Rated]) -> bytes:
    """The good answers, and those that were put right, as pairs for training."""
    right = ((one.question, one.answer if one.rating == "good" else one.text) for one in answers)
    return _lines({"question": question, "answer": answer} for question, answer in right if answer)


def write(path: Path, content: bytes) -> int:
    """Write a file of lines; returns how many."""
    path.write_bytes(content)
    return content.count(b"\n")


def _lines(records: Iterator[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)
