"""The function that plans a generation run, and says what it will take before anything is paid for."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.answering.access import access_through
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.costs.prices import Prices
from arbiter.generation.estimate import Ceiling
from arbiter.generation.plan import Planning
from arbiter.generation.planner import Planner
from arbiter.settings.generating import PlanGenerationSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Plan one run: `{"run", "purpose", "pairs", "target"?, "kinds"?, "max_tokens"?, "begins"?: true where it is
    followed by the run}`.

    Returns the run as the map needs it, and its estimate.
    """
    return _planner().plan(event)


@cache
def _planner() -> Planner:
    settings = PlanGenerationSettings.from_environment(os.environ)
    planning = Planning(
        generator=settings.generator,
        verifier=settings.verifier,
        prices=Prices(settings.prices),
        held_out_percentage=settings.held_out_percentage,
        passage_tokens=settings.passage_tokens,
        results=settings.results,
        ceiling=Ceiling(**settings.ceiling),
    )
    session = new_session()
    return Planner(
        Objects.connect(settings.documents_bucket),
        Objects.connect(settings.results_bucket),
        KnowledgeBase(
            Client(session, "bedrock-agent-runtime"),
            settings.knowledge_base_id,
            managed=bool(settings.managed_search),
        ),
        access_through(ConverseModel(Client(session, "bedrock-runtime").ready())),
        planning,
    )
