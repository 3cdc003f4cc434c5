"""The function that answers cases of an evaluation in every arm, by the code that serves requests."""

import os
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.request import features_of
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.writer import Model
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.aws.prompting.stored import prompter
from arbiter.aws.routing.profiles import StoredProfiles
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.batch_inference.models import RepliedModel
from arbiter.evaluation.answers.case import Conditions, PinnedModel
from arbiter.evaluation.answers.case_answers import Answering
from arbiter.evaluation.answers.routing import Routing
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.throttling import HonestModel, HonestRetriever, Pace
from arbiter.settings.evaluating import AnswerCaseSettings
from arbiter.tuned_models.service.pointer import TunedModel


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer a batch: `{"run", "batch": {"offset", "bytes"}, "last"?, "retry_failed"?}`; says whether it is done.

    With `"defer": true` what would be asked is written down for batch inference, as far as a job can answer it.

    Raises:
        Throttled: throttling outlasts every attempt; with `last` that is recorded instead.
    """
    return {"done": _answering().answer(event, Invocation(event, context))}


@cache
def _answering() -> Answering:
    settings = AnswerCaseSettings.from_environment(os.environ)
    session = new_session()
    runtime, knowledge = Client(session, "bedrock-runtime"), Client(session, "bedrock-agent-runtime")
    objects = Client(session, "s3")
    # What an example answers is no proof of what a model can.
    prompts = prompter(settings, objects, unseen=True)
    # Made here and not by the first answer, whose latency would hold it.
    _ = runtime.botocore, knowledge.botocore

    def build(arm: Arm, tuned: TunedModel | None, asked: Model) -> Answerer:
        own = settings.searching(arm.knowledge_base)
        return Answerer(
            replace(own, base_model=arm.model or settings.base_model),
            model=HonestModel(asked),
            retriever=HonestRetriever(KnowledgeBase.of(own, session, knowledge)),
            tuned_models=PinnedModel(tuned),
            clock=time.monotonic,
            backoff=Backoff(),
            prompts=lambda: prompts,
        )

    features, own = features_of(settings), settings.knowledge_base_id
    results = Objects.connect(settings.results_bucket)
    profiles = StoredProfiles.of(settings, objects) if settings.profiles_bucket else None
    return Answering(
        results=results,
        build=build,
        replied=RepliedModel(ConverseModel(runtime, settings.guardrail)),
        conditions=Conditions(features, settings.answer_seconds, time.monotonic, settings.knowledge_bases, own),
        pace=Pace(time.sleep, random.random),
        routing=Routing(results, settings, profiles, time.monotonic),
    )
