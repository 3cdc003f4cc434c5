"""The function that answers a share of the requests of `auto` again, in another mode, where nobody waits for it."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.request import features_of
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.serving.shadow import DailyBudget, Shadow
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.aws.pointer import tuned_models
from arbiter.aws.prompting.stored import prompter
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.settings.answering import ShadowSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, bool]:
    """Answer `{"request", "request_id"}`; says whether that was done."""
    return {"answered": _shadow().answer(event, Invocation(event, context).seconds)}


@cache
def _shadow() -> Shadow:
    settings = ShadowSettings.from_environment(os.environ)
    session = new_session()
    objects = Client(session, "s3")
    answerer = Answerer(
        settings,
        model=ConverseModel(Client(session, "bedrock-runtime"), settings.guardrail),
        retriever=KnowledgeBase.of(settings, session, Client(session, "bedrock-agent-runtime")),
        tuned_models=tuned_models(settings, session),
        clock=time.monotonic,
        backoff=Backoff(),
        prompts=cache(lambda: prompter(settings, objects)),
    )
    features = features_of(settings)
    budget = DailyBudget(Objects.connect(settings.results_bucket), settings.shadow_daily_usd)
    return Shadow(
        settings, answerer, features, budget, time.monotonic, lambda: datetime.now(UTC).date().isoformat(), print
    )
