"""The function that answers questions."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.decision import ProfileSource
from arbiter.answering.request import features_of
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.journal import Journal
from arbiter.answering.serving.router import Router, respond
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.pointer import tuned_models
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.settings.answering import RouterSettings

if TYPE_CHECKING:
    from arbiter.answering.prompting.prompter import Prompter


def _profiles(settings: RouterSettings, client: Client) -> ProfileSource:
    from arbiter.aws.routing.profiles import StoredProfiles  # Only `auto` goes by them.

    return StoredProfiles.of(settings, client)


def _prompts(settings: RouterSettings, client: Client) -> "Prompter":
    from arbiter.aws.prompting.stored import prompter  # Few requests show a model the owner's own prompts.

    return prompter(settings, client)


@cache
def _router() -> Router:
    settings = RouterSettings.from_environment(os.environ)
    session = new_session()
    runtime, knowledge, objects = (Client(session, name) for name in ("bedrock-runtime", "bedrock-agent-runtime", "s3"))
    # Made now, for almost every request needs them; the pointer's only where a tuned model is asked.
    _ = runtime.botocore, knowledge.botocore
    answerer = Answerer(
        settings,
        model=ConverseModel(runtime, settings.guardrail),
        retriever=KnowledgeBase.of(settings, session, knowledge),
        tuned_models=tuned_models(settings, session),
        clock=time.monotonic,
        backoff=Backoff(),
        profiles=cache(lambda: _profiles(settings, objects)) if settings.profiles_bucket else None,
        prompts=cache(lambda: _prompts(settings, objects)),
    )
    features = features_of(settings)
    offers = keep = None
    if settings.shadow_function or settings.feedback_bucket:  # Off by default.
        from arbiter.aws.feedback.kept import keeping
        from arbiter.aws.routing.function import offers_of

        offers, keep = offers_of(settings, Client(session, "lambda"), print), keeping(settings, objects)
    journal = Journal(settings, write=print, now=lambda: datetime.now(UTC), keep=keep)
    return Router(answerer, journal, features, time.monotonic, offers)


def handler(event: object, context: object) -> Mapping[str, Any]:
    """Answer one question."""
    if getattr(context, "client_context", None):
        from arbiter.edge.gateway import request_of  # Only agents come with one.

        event = request_of(event, context)
    return respond(event, context, _router, print)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Lambda initialises a function before its first call. Should that fail, the call fails again, and tells the caller.
    with suppress(Exception):
        _router()
