"""The function that summarises an evaluation run."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.cases import read_cases
from arbiter.evaluation.summary import MODES, summarise
from arbiter.log import entry
from arbiter.settings import SummariseSettings

READERS = 16


class InvalidEvaluationRun(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A run whose cases or records cannot be read; the message names them."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Summarise one run: `{"run": …, "cases_key"?: …, "modes"?: […]}`; returns the summary and where it is kept."""
    run = event["run"]
    return _summariser().summarise(run, event.get("cases_key") or cases_key(run), event.get("modes") or MODES)


@cache
def _summariser() -> "Summariser":
    settings = SummariseSettings.from_environment(os.environ)
    return Summariser(Objects.connect(settings.results_bucket, connections=READERS))


def cases_key(run: str) -> str:
    return f"evaluations/{run}/cases.jsonl"


@dataclass(frozen=True)
class Summariser:
    """Reads a run's answer records and writes their summary."""

    objects: Objects

    def summarise(self, run: str, cases: str, modes: Sequence[str]) -> dict[str, Any]:
        """Write `summary.json` beside the answers.

        Raises:
            InvalidEvaluationRun: naming what cannot be read.
        """
        read = read_cases(self.objects.stream(cases))
        if read.problems:
            raise InvalidEvaluationRun(f"{self.objects.uri(cases)}: " + "; ".join(read.problems[:50]))
        summary = summarise(run, self._records(run), modes, len(read.cases)).dump()
        key = f"evaluations/{run}/summary.json"
        self.objects.write(key, json.dumps(summary, indent=2).encode(), content_type="application/json")
        print(entry("evaluation summarised", run=run, cases=len(read.cases), modes=list(modes)))
        return {"summary_uri": self.objects.uri(key), **summary}

    def _records(self, run: str) -> Iterator[dict[str, Any]]:
        keys = [item.key for item in self.objects.listing(f"evaluations/{run}/answers/")]
        with ThreadPoolExecutor(READERS) as readers:
            yield from readers.map(self._record, keys)

    def _record(self, key: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self.objects.read(key))
            record["mode"], record["case"], record.get("error") or record["response"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidEvaluationRun(f"{self.objects.uri(key)} is no answer record: {error!r}") from error
        return record
