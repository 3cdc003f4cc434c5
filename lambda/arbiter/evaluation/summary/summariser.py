"""Summarising a run where it is kept: its records read, its summary written beside them, its metrics logged."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import NotRequired, TypedDict

from arbiter import log
from arbiter.evaluation.numbers.reading import Reading
from arbiter.evaluation.run.keys import cases_key, plan_key, routing_prefix
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary import standing
from arbiter.evaluation.summary.document import Summary, summary_key
from arbiter.evaluation.summary.native import native_job, why_no_scores
from arbiter.evaluation.summary.routing import measured_modes, routed
from arbiter.evaluation.summary.standing import LATEST_KEY, Latest
from arbiter.evaluation.summary.summary import summarise
from arbiter.jsonl import LineError, lines, parse
from arbiter.routing.artefact import MEASURED_KEY
from arbiter.store import Store, exists

MOST_UNREADABLE = 0.05
"""Share of a run's records; above it, the summary would describe another run."""
NAMED = 20
JSON = "application/json"


class InvalidEvaluationRun(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A run whose cases or records cannot be read; the message names them."""


class Summarised(TypedDict):
    """The end of a run as its pipeline keeps it: with many tags a summary is longer than its data may be."""

    summary_uri: str
    run: str
    complete: bool
    conclusion: list[str]
    doubts: list[str]
    native_lacking: NotRequired[int]
    """Native evaluation jobs that gave no scores, where there are any."""


@dataclass(frozen=True)
class Summariser:
    """Summarises runs of one environment."""

    store: Store
    environment: str
    now: Callable[[], datetime]

    def summarise(self, run: str) -> Summarised:
        """Write `summary.json`, log the run's metrics, and keep them for the next run to be compared with.

        Raises:
            InvalidEvaluationRun: naming what cannot be read.
        """
        plan, reading = self._plan(plan_key(run)), Reading(self.store)
        tags, documents = self._cases(cases_key(run))
        numbers = reading.numbers(run, plan.start, tags)
        native = list(reading.all(f"evaluations/{run}/native/", native_job))
        choices = reading.all(routing_prefix(run), routed) if plan.auto else ()
        routing = [choice for batch in choices for choice in batch]
        self._check(reading)
        summary = summarise(
            plan,
            tags,
            *numbers.drained(),
            documents=documents,
            native=native,
            routing=routing,
            unreadable=reading.unreadable,
        )
        self._write(summary_key(run), summary)
        self._record(summary, plan, reading)
        if summary["complete"] and (measured := measured_modes(summary, plan.arms)):
            body = json.dumps({"run": run, "modes": measured}).encode()
            self.store.write(MEASURED_KEY, body, content_type=JSON)
        return self._result(summary)

    def _plan(self, key: str) -> Plan:
        try:
            return Plan.parse(self.store.read(key))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidEvaluationRun(f"{self.store.uri(key)} is no plan of an evaluation: {error!r}") from error

    def _cases(self, key: str) -> tuple[dict[str, Sequence[str]], dict[str, str]]:
        """The tags of every case by its id, and its document if it has one; the questions are not kept."""
        tags, documents = dict[str, Sequence[str]](), dict[str, str]()
        for line in lines(self.store.stream(key)):
            if line.content.strip():
                try:
                    case = parse(line)
                    tags[str(case["id"])] = tuple(dict.fromkeys(map(str, case.get("tags") or ())))
                    if case.get("document"):
                        documents[str(case["id"])] = intern(str(case["document"]))
                except (LineError, KeyError, TypeError, AttributeError) as error:
                    raise InvalidEvaluationRun(f"{self.store.uri(key)}, line {line.number}: {error!r}") from error
        return tags, documents

    def _check(self, reading: Reading) -> None:
        """Refuse a run of which too much cannot be read."""
        if len(reading.unreadable) > MOST_UNREADABLE * reading.read:
            named = ", ".join(map(self.store.uri, reading.unreadable[:NAMED]))
            raise InvalidEvaluationRun(f"{len(reading.unreadable)} of {reading.read} records cannot be read: {named}")

    def _write(self, key: str, document: Summary | Latest) -> None:
        self.store.write(key, json.dumps(document, indent=2).encode(), content_type=JSON)

    def _record(self, summary: Summary, plan: Plan, reading: Reading) -> None:
        run, now, latest, kind = plan.run, self.now(), self._latest(), standing.kind_of(plan)
        log.write(
            "evaluation summarised",
            now=now,
            run=run,
            complete=summary["complete"],
            cases=summary["cases"],
            records=reading.read,
            unreadable=reading.unreadable[:NAMED],
        )
        for mode, values in standing.metrics(summary, standing.before(latest, kind, run), plan).items():
            log.write("mode evaluated", now=now, run=run, **standing.embedded(self.environment, mode, values, now))
        if new := standing.standing(summary, now, plan):
            self._write(LATEST_KEY, standing.remembering(latest, kind, new))

    def _latest(self) -> Latest:
        """The last runs; none of them where what is kept cannot be read."""
        none: Latest = {"latest": "", "kinds": {}}
        if not exists(self.store, LATEST_KEY):
            return none
        try:
            return standing.load(json.loads(self.store.read(LATEST_KEY)))
        except (LookupError, ValueError, TypeError):
            return none

    def _result(self, summary: Summary) -> Summarised:
        result: Summarised = {
            "summary_uri": self.store.uri(summary_key(summary["run"])),
            "run": summary["run"],
            "complete": summary["complete"],
            "conclusion": [*summary["caveats"], *summary["conclusion"]],
            "doubts": summary["doubts"],
        }
        if lacking := sum(bool(why_no_scores(job)) for job in summary.get("native", ())):
            result["native_lacking"] = lacking
        return result
