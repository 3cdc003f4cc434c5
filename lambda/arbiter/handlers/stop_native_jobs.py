"""The function that stops the native evaluation jobs of an execution that will not read their results."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arbiter import log
from arbiter.aws.evaluation_jobs import EvaluationJobs
from arbiter.aws.objects import Objects
from arbiter.evaluation.native.bedrock import Jobs
from arbiter.evaluation.native.records import NativeRecords
from arbiter.runs import is_name
from arbiter.settings.evaluating import StopNativeJobsSettings
from arbiter.store import Store


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Stop what an execution left: *Step Functions Execution Status Change*, as EventBridge sends it."""
    return _stopping().stop(event["detail"])


@cache
def _stopping() -> "Stopping":
    settings = StopNativeJobsSettings.from_environment(os.environ)
    return Stopping(Objects.connect(settings.results_bucket), EvaluationJobs.connect())


@dataclass(frozen=True)
class Stopping:
    """Stops every job of a run that no other execution has taken over."""

    results: Store
    jobs: Jobs

    def stop(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """Stop them; says which. The results of a job that has ended by itself are the run's next start's."""
        run, execution = _run(detail), str(detail["name"])
        if run is None:
            return {"stopped": []}
        records = NativeRecords(self.results, run)
        # Before the jobs are looked for: those started meanwhile are found by who starts them.
        records.end(execution)
        stopped = records.stop(self.jobs, execution, f"its run has ended: {detail['status']}")
        log.write("native evaluation jobs stopped", run=run, execution=execution, jobs=len(stopped))
        return {"stopped": stopped}


def _run(detail: Mapping[str, Any]) -> str | None:
    """The run of an execution; none where its input names none, for then it had no jobs."""
    try:
        given = json.loads(detail["input"])
    except (KeyError, TypeError, ValueError):
        return None
    run = given.get("run") if isinstance(given, dict) else None
    return run if isinstance(run, str) and is_name(run) else None
