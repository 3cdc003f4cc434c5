"""The summary of a made-up run, as the pipeline would write it."""

import json

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.summary.document import Summary, load
from arbiter.evaluation.summary.summary import summarise
from tests.unit.cli.reporting.synthetic_run import Synthetic


def summarised(made: Synthetic) -> Summary:
    """`summary.json` as it is read."""
    tags = {case["id"]: case["tags"] for case in made.records.cases}
    summary = summarise(
        made.plan,
        tags,
        map(extraction.answer, made.records.answers),
        map(extraction.verdicts, made.records.verdicts),
        map(extraction.pair, made.records.pairs),
    )
    return load(json.loads(json.dumps(summary)))
