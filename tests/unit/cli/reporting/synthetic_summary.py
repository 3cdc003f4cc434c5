"""The summary of a made-up run, as the pipeline would write it."""

import json
from typing import Any

from arbiter.evaluation.numbers import records
from arbiter.evaluation.summary.summary import summarise
from tests.unit.cli.reporting.synthetic_run import Synthetic


def summarised(made: Synthetic) -> dict[str, Any]:
    """The content of `summary.json`."""
    tags = {case["id"]: case["tags"] for case in made.records.cases}
    summary = summarise(
        made.run,
        tags,
        map(records.answer, made.records.answers),
        map(records.verdicts, made.records.verdicts),
        map(records.pair, made.records.pairs),
    )
    found: dict[str, Any] = json.loads(json.dumps(summary))
    return found
