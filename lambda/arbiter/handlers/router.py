"""The function that answers questions."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.journal import Journal
from arbiter.answering.request import Features
from arbiter.answering.retry import Backoff
from arbiter.answering.router import Router, respond
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.pointer import TunedModelParameter
from arbiter.aws.retrieve import KnowledgeBase
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import FixedTunedModel


@cache
def _router() -> Router:
    settings = RouterSettings.from_environment(os.environ)
    session = new_session()
    pointer = TunedModelParameter(
        Client(session, "ssm"), settings.tuned_model_parameter, settings.tuned_model_ttl_seconds, time.time
    )
    answerer = Answerer(
        settings,
        model=ConverseModel(Client(session, "bedrock-runtime")),
        retriever=KnowledgeBase(
            Client(session, "bedrock-agent-runtime"), settings.knowledge_base_id, settings.rerank_model
        ),
        tuned_models=FixedTunedModel(settings.tuned_model) if settings.tuned_model else pointer,
        clock=time.monotonic,
        backoff=Backoff(),
    )
    journal = Journal(settings, write=print, now=lambda: datetime.now(UTC))
    features = Features(hybrid_search=settings.hybrid_search, rerank=settings.rerank_model is not None)
    return Router(answerer, journal, features, time.monotonic)


def handler(event: object, context: object) -> Mapping[str, Any]:
    """Answer one question."""
    return respond(event, context, _router, print)
