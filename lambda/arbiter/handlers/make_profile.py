"""The function that makes the profile of the knowledge base after each sync."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.aws.clients import Client, new_session
from arbiter.aws.objects import Objects
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.documents.profiling import Profiling
from arbiter.settings.answering import ProfileSettings

SECONDS = 10.0
"""The time that one search may take."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, bool]:
    """Make the profile anew, whatever the event; says whether there is one."""
    return {"made": _profiling().run()}


@cache
def _profiling() -> Profiling:
    settings = ProfileSettings.from_environment(os.environ)
    client = Client(new_session(), "bedrock-agent-runtime")
    store = KnowledgeBase(client, settings.knowledge_base_id, managed=bool(settings.managed_search))

    def best(question: str) -> float | None:
        passages = store.retrieve(Query(question, 1, Retrieval()), SECONDS)
        return max((passage.score for passage in passages if passage.score is not None), default=None)

    return Profiling(
        documents=Objects.connect(settings.documents_bucket),
        results=Objects.connect(settings.results_bucket),
        knowledge_base_id=settings.knowledge_base_id,
        best=best,
    )
