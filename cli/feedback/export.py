"""Rated answers of the router's log, as new questions and as candidates for training."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from arbiter.feedback import PREFIX, Feedback, Pair, Rated, given_in, joined, paired
from arbiter.store import ObjectMissingError
from cli.core.deployment import Deployment

RATED = '{ $.message = "feedback" || $.message = "answered" }'
SHADOWED = '{ $.message = "answered" || $.message = "shadowed" }'
ANSWERING = ("RouterLogGroup", "FrontLogGroup", "StreamLogGroup")
"""The outputs that name the logs of what answers: the function, and those of the API where there is one."""
DAY = 24 * 3600


def rated(deployment: Deployment, days: int) -> list[Rated]:
    """The rated answers of so many days whose texts the settings let be kept, in the log or beside it."""
    kept = list(_kept(deployment, days))
    return joined(_records(deployment, ANSWERING, RATED, days), kept)


def _kept(deployment: Deployment, days: int) -> Iterator[Feedback]:
    from arbiter.aws.objects import Objects  # boto3 is slow to import, and `--help` needs none.

    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    for item in results.listing(PREFIX):
        if item.modified_at.timestamp() < time.time() - days * DAY:
            continue
        with suppress(ObjectMissingError):  # Its days ended meanwhile.
            if given := given_in(results.read(item.key)):
                yield given


def shadowed(deployment: Deployment, days: int) -> list[Pair]:
    """The questions of so many days that were answered in another mode, too."""
    return paired(_records(deployment, (*ANSWERING, "ShadowLogGroup"), SHADOWED, days))


def _records(deployment: Deployment, groups: Iterable[str], pattern: str, days: int) -> Iterator[Mapping[str, Any]]:
    """The records of several log groups; of those that are deployed."""
    for group in groups:
        if group == "RouterLogGroup" or deployment.optional(group):
            yield from records(deployment, group, pattern, days)


def records(deployment: Deployment, output: str, pattern: str, days: int) -> Iterator[Mapping[str, Any]]:
    """The records of a log group, by the output that names it, that match a pattern."""
    pages = deployment.client("logs").get_paginator("filter_log_events")
    since = int((time.time() - days * DAY) * 1000)
    group = deployment.output(output)
    for page in pages.paginate(logGroupName=group, startTime=since, filterPattern=pattern):
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


def cases(pairs: Sequence[Pair]) -> bytes:
    """Every question that was answered twice as a case of an evaluation, tagged with both modes."""
    return _lines({"question": one.question, "tags": ["shadow", one.mode, one.other]} for one in pairs)


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
