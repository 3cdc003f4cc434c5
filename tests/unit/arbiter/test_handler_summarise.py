"""The summary of a run is read from its records and written beside them."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from arbiter.aws.objects import ObjectMissingError, Objects, StoredObject
from arbiter.handlers.summarise import InvalidEvaluationRun, Summariser


class Bucket(Objects):
    """A bucket in memory."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        super().__init__(None, "results")
        self.contents = contents

    def stream(self, key: str) -> Iterator[bytes]:
        if key not in self.contents:
            raise ObjectMissingError(f"There is no {self.uri(key)}.")
        yield from io.BytesIO(self.contents[key])

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        now = datetime.now(UTC)
        return (StoredObject(key, 1, "", now) for key in self.contents if key.startswith(prefix))

    def write(self, key: str, body: Any, **options: Any) -> datetime:
        self.contents[key] = body
        return datetime.now(UTC)


CASES = b'{"id": "1", "question": "a?"}\n{"id": "2", "question": "b?"}\n'


def run(**records: object) -> Bucket:
    contents = {"evaluations/r/cases.jsonl": CASES}
    for name, record in records.items():
        contents[f"evaluations/r/answers/1/{name}.json"] = json.dumps(record).encode()
    return Bucket(contents)


def test_the_summary_is_written_and_returned() -> None:
    bucket = run(base={"run": "r", "case": {"id": "1"}, "mode": "base", "error": {"code": "throttled"}})
    summary = Summariser(bucket).summarise("r", "evaluations/r/cases.jsonl", ["base", "rag"])
    assert summary["summary_uri"] == "s3://results/evaluations/r/summary.json"
    written = json.loads(bucket.contents["evaluations/r/summary.json"])
    assert written["modes"]["base"]["failed"] == {"throttled": 1}
    assert (written["cases"], written["modes"]["base"]["missing"], written["modes"]["rag"]["missing"]) == (2, 1, 2)


@pytest.mark.parametrize("record", [[], {}, {"mode": "base"}, {"mode": "base", "case": {}}, "text"])
def test_an_object_that_is_no_record_is_named(record: object) -> None:
    with pytest.raises(
        InvalidEvaluationRun, match=r"s3://results/evaluations/r/answers/1/base.json is no answer record"
    ):
        Summariser(run(base=record)).summarise("r", "evaluations/r/cases.jsonl", ["base"])


def test_missing_cases_are_named() -> None:
    with pytest.raises(ObjectMissingError, match="s3://results/elsewhere"):
        Summariser(run()).summarise("r", "elsewhere", ["base"])
