"""The function behind the API."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.request import features_of
from arbiter.answering.retrieval import Retriever
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.journal import Journal
from arbiter.answering.writer import Model
from arbiter.aws.clients import Client, new_session
from arbiter.aws.edge.admission import callers
from arbiter.aws.edge.answers import model_and_delivery
from arbiter.aws.edge.table import EdgeTable
from arbiter.aws.feedback.kept import keeping
from arbiter.aws.pointer import tuned_models
from arbiter.aws.prompting.stored import prompter
from arbiter.aws.routing.function import offers_of
from arbiter.aws.routing.profiles import StoredProfiles
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.edge.front import Front, Path, respond
from arbiter.edge.receipts import Receipts
from arbiter.settings.answering import EdgeSettings


@cache
def front() -> Front:
    """The front of this function, by its settings."""
    settings = EdgeSettings.from_environment(os.environ)
    session = new_session()
    runtime, knowledge, objects = (Client(session, name) for name in ("bedrock-runtime", "bedrock-agent-runtime", "s3"))
    tuned = tuned_models(settings, session)
    profiles, prompts = StoredProfiles.of(settings, objects), prompter(settings, objects)

    def build(model: Model, retriever: Retriever) -> Answerer:
        return Answerer(
            settings,
            model=model,
            retriever=retriever,
            tuned_models=tuned,
            clock=time.monotonic,
            backoff=Backoff(),
            profiles=(lambda: profiles) if settings.profiles_bucket else None,
            prompts=lambda: prompts,
        )

    table = EdgeTable(Client(session, "dynamodb").ready(), settings.table)
    model, deliver = model_and_delivery(settings, runtime.ready())
    path = Path(settings, features_of(settings), model, KnowledgeBase.of(settings, session, knowledge.ready()), build)
    return Front(
        path,
        callers=callers(settings, table),
        ledger=table,
        receipts=Receipts(table, print),
        journal=Journal(settings, write=print, now=lambda: datetime.now(UTC), keep=keeping(settings, objects)),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        write=print,
        deliver=deliver,
        offers=offers_of(settings, Client(session, "lambda"), print),
    )


def handler(event: object, context: object) -> Mapping[str, Any]:
    """Serve one call of the API."""
    return respond(event, context, front, print)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # As the router: initialised before its first call, which fails again and says why where that fails.
    with suppress(Exception):
        front()
