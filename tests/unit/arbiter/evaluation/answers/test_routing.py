"""A run that compares `auto` writes down what it would choose, and answers nothing for it."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.answering.decision import Profiles
from arbiter.evaluation.answers.routing import Routing
from arbiter.evaluation.run.keys import answer_key, routing_key
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.tuned_models.service.pointer import TunedModel
from tests.unit.arbiter.answering.router_fakes import settings
from tests.unit.arbiter.answering.test_auto import KNOWN, UNKNOWN, doubtful, knowledge
from tests.unit.arbiter.evaluation.answers.test_case_answers import World

CASES = [{"id": "about", "question": KNOWN}, {"id": "other", "question": UNKNOWN}]


class Kept:
    """Profiles that count how often they are asked for."""

    def __init__(self, profile: KnowledgeProfile) -> None:
        self.profile, self.asked = profile, 0

    def current(self, tuned: TunedModel | None, timeout: float) -> Profiles:
        self.asked += 1
        return Profiles(self.profile)

    def measured(self, timeout: float) -> dict[str, Any]:
        return {}


def run(profile: KnowledgeProfile, **plan: Any) -> World:
    world = World(CASES, **plan)
    routing = Routing(world.bucket, settings(), Kept(profile), world.clock)
    world.answering = replace(world.answering, routing=routing)
    assert world.answer()
    return world


def test_every_case_is_routed_and_no_answer_is_bought_for_it() -> None:
    routed, plain = run(knowledge(), auto=True), run(knowledge())
    decisions = routed.bucket.record(routing_key("r", 0))["decisions"]

    assert [(one["case"], one["mode"], one["degraded"]) for one in decisions] == [
        ("about", "rag", []),
        ("other", "base", []),
    ]
    assert decisions[0]["decision"]["grounded"]["score"] > decisions[1]["decision"]["grounded"]["score"]
    assert len(routed.model.calls) == len(plain.model.calls)
    assert len(routed.retriever.queries) == len(plain.retriever.queries)
    assert routing_key("r", 0) not in plain.bucket.contents


@pytest.mark.parametrize(("limit", "mode"), [(0.5, "rag"), (0.9, "base")])
def test_a_look_takes_the_passages_that_the_arm_with_retrieval_found(limit: float, mode: str) -> None:
    world = run(doubtful().looked_up(limit), auto=True)

    assert answer_key("r", "about", "rag") in world.bucket.contents
    assert world.bucket.record(routing_key("r", 0))["decisions"][0]["mode"] == mode


def test_the_preference_of_a_run_is_that_of_the_requests_which_auto_chooses_for() -> None:
    thresholds = {
        prefer: run(knowledge(), auto=True, prefer=prefer).bucket.record(routing_key("r", 0))["decisions"][0][
            "decision"
        ]
        for prefer in ("quality", "cost")
    }
    quality, cost = (thresholds[name]["specialised"]["threshold"] for name in ("quality", "cost"))
    assert quality != cost
