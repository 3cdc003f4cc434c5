"""The function that summarises an evaluation run."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.numbers.reading import READERS, Reading
from arbiter.evaluation.summary import standing
from arbiter.evaluation.summary.native import native_job, native_lacking
from arbiter.evaluation.summary.summary import summarise
from arbiter.jsonl import LineError, lines, parse
from arbiter.log import entry
from arbiter.settings.evaluating import SummariseSettings
from arbiter.store import ObjectMissingError

MOST_UNREADABLE = 0.05
"""Share of a run's records; above it, the summary would describe another run."""
NAMED = 20


class InvalidEvaluationRun(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A run whose cases or records cannot be read; the message names them."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Summarise one run: `{"run": …}`; returns where the summary is kept, its conclusion, and whether it is complete.

    Not the summary itself: with many tags it is longer than a state machine's data may be.
    """
    return _summariser().summarise(str(event["run"]))


@cache
def _summariser() -> "Summariser":
    settings = SummariseSettings.from_environment(os.environ)
    objects = Objects.connect(settings.results_bucket, connections=READERS)
    return Summariser(objects, settings.environment, now=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Summariser:
    """Reads what a run left in the bucket, writes its summary beside it, and its metrics to the log."""

    objects: Objects
    environment: str
    now: Callable[[], datetime]

    def summarise(self, run: str) -> dict[str, Any]:
        """Write `summary.json`.

        Raises:
            InvalidEvaluationRun: naming what cannot be read.
        """
        folder = f"evaluations/{run}/"
        plan = self._json(f"{folder}run.json")
        tags = self._tags(plan.get("cases_key") or f"{folder}cases.jsonl")
        reading = Reading(self.objects)
        numbers = reading.numbers(run, str(plan.get("start") or ""), tags)
        native = list(reading.all(f"{folder}native/", native_job))
        _check(self.objects, reading)
        summary = summarise(plan, tags, *numbers.drained(), native=native, unreadable=reading.unreadable)
        key = f"{folder}summary.json"
        self.objects.write(key, json.dumps(summary, indent=2).encode(), content_type="application/json")
        self._record(summary, plan, reading)
        kept = {name: summary[name] for name in ("run", "complete", "conclusion")}
        lacking = native_lacking(summary)
        return {"summary_uri": self.objects.uri(key), **kept, **({"native_lacking": lacking} if lacking else {})}

    def _json(self, key: str) -> dict[str, Any]:
        try:
            value = json.loads(self.objects.read(key))
            value["run"], [arm["name"] for arm in value["arms"]]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidEvaluationRun(f"{self.objects.uri(key)} is no plan of an evaluation: {error!r}") from error
        return dict(value)

    def _tags(self, key: str) -> dict[str, tuple[str, ...]]:
        """The tags of every case by its id; the questions are not kept."""
        tags: dict[str, tuple[str, ...]] = {}
        for line in lines(self.objects.stream(key)):
            if line.content.strip():
                try:
                    case = parse(line)
                    tags[str(case["id"])] = tuple(dict.fromkeys(map(str, case.get("tags") or ())))
                except (LineError, KeyError, TypeError, AttributeError) as error:
                    raise InvalidEvaluationRun(f"{self.objects.uri(key)}, line {line.number}: {error!r}") from error
        return tags

    def _record(self, summary: Mapping[str, Any], plan: Mapping[str, Any], reading: Reading) -> None:
        """Log the run and its metrics, then keep it for the next one to be compared with."""
        run, now, latest, kind = summary["run"], self.now(), self._latest(), standing.kind_of(plan)
        fields = {"cases": summary["cases"], "records": reading.read, "unreadable": reading.unreadable[:NAMED]}
        print(entry("evaluation summarised", now=now, run=run, complete=summary["complete"], **fields))
        for mode, values in standing.metrics(summary, standing.before(latest, kind, run), plan).items():
            fields = standing.embedded(self.environment, mode, values, now)
            print(entry("mode evaluated", now=now, run=run, **fields))
        if new := standing.standing(summary, now, plan):
            content = json.dumps(standing.remembering(latest, kind, new), indent=2).encode()
            self.objects.write(standing.LATEST_KEY, content, content_type="application/json")

    def _latest(self) -> dict[str, Any]:
        # Listed first: for an object that is missing S3 wants the permission to list the whole bucket.
        if not any(item.key == standing.LATEST_KEY for item in self.objects.listing(standing.LATEST_KEY)):
            return {}
        try:
            return dict(json.loads(self.objects.read(standing.LATEST_KEY)))
        except (ObjectMissingError, ValueError, TypeError):
            return {}


def _check(objects: Objects, reading: Reading) -> None:
    """Refuse a run of which too much cannot be read."""
    if len(reading.unreadable) > MOST_UNREADABLE * reading.read:
        named = ", ".join(map(objects.uri, reading.unreadable[:NAMED]))
        raise InvalidEvaluationRun(f"{len(reading.unreadable)} of {reading.read} records cannot be read: {named}")
