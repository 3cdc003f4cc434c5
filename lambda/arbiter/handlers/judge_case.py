"""The function that has the answers of an evaluation judged."""

import os
import random
import time
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from arbiter.answering.serving.invocation import Invocation
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.batch_inference.models import RepliedModel
from arbiter.costs.prices import Prices
from arbiter.evaluation.run.throttling import Pace
from arbiter.evaluation.verdicts.case_verdicts import Judging, report_defect
from arbiter.evaluation.verdicts.panel import Judge
from arbiter.settings.evaluating import JudgeCaseSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Judge a batch: `{"run", "batch": {"offset", "bytes"}, "last"?, "retry_failed"?}`; says whether it is done.

    With `"defer": true` the judges' questions are written down for batch inference, and not asked.

    Raises:
        Throttled: throttling outlasts every attempt; with `last` that is recorded instead.
    """
    return {"done": _judging().judge(event, Invocation(event, context))}


@cache
def _judging() -> Judging:
    settings = JudgeCaseSettings.from_environment(os.environ)
    runtime = Client(new_session(), "bedrock-runtime")
    _ = runtime.botocore  # Made before the threads are: a botocore session does not bear two at once.
    model, prices = RepliedModel(ConverseModel(runtime)), Prices(settings.prices)

    @cache
    def judge_named(name: str) -> Judge:
        return Judge(
            name, model, Pace(time.sleep, random.random), prices, partial(report_defect, "verdict not given", name)
        )

    replied = model if settings.batch_inference else None
    results = Objects.connect(settings.results_bucket)
    return Judging(results=results, judge_named=judge_named, clock=time.monotonic, replied=replied)
