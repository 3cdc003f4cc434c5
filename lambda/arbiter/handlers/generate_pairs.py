"""The function that writes and verifies the pairs of one document."""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.answering.retry import Backoff
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.batch_inference.models import RepliedModel
from arbiter.generation.generator import Generator
from arbiter.settings.generating import GeneratePairsSettings

PATIENT = Backoff(first=1.0, longest=20.0)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Write the pairs of one document: `{"run", "target", "kinds", "share": a line of the plan}`.

    With `"defer": "generator" | "verifier"` that model is not called: what it would be asked is written down.
    """
    ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    return _generator().generate(event, lambda: ends - time.monotonic())


@cache
def _generator() -> Generator:
    settings = GeneratePairsSettings.from_environment(os.environ)
    session = new_session()
    return Generator(
        settings,
        documents=Objects.connect(settings.documents_bucket),
        results=Objects.connect(settings.results_bucket),
        model=RepliedModel(ConverseModel(Client(session, "bedrock-runtime"))),
        knowledge_base=KnowledgeBase(
            Client(session, "bedrock-agent-runtime"),
            settings.knowledge_base_id,
            managed=bool(settings.managed_search),
        ),
        backoff=PATIENT,
        clock=time.monotonic,
    )
