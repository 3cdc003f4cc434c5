"""`auto` goes by the profiles of the documents and of the tuned model, looks where it is unsure, and says so."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.decision import Profiles, decide
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Limits, Preference, Request, Retrieval
from arbiter.errors import AccessDenied, ArbiterError, DeadlineExceeded, ProfileUnavailable, Throttled
from arbiter.modes import Mode
from arbiter.routing import tuned as tuned_models
from arbiter.routing.knowledge import Bounds, KnowledgeProfile
from arbiter.routing.making import building
from arbiter.tuned_models.service.pointer import TunedModel
from tests.unit.arbiter.answering.router_fakes import TUNED, FakeRetriever, FakeTunedModels, World

DOCUMENTS = (
    "The Skarn 3 tent weighs 3.1 kg packed and has twelve pegs. Rinse the groundsheet after each hire. " * 9,
    "A Lynx 60 rope is retired after 110 hill days or 4 years. Harnesses and carabiners are inspected monthly. " * 9,
)
KNOWN, UNKNOWN = "When is a Lynx rope retired?", "Who painted the ceiling of the chapel?"


@cache
def knowledge() -> KnowledgeProfile:
    return building.build(DOCUMENTS).looked_up(0.55)


def doubtful() -> KnowledgeProfile:
    """A profile that no request is sure with, and every one that is counted unsure."""
    bounds = {name: Bounds(unsure=0.0, grounded=dict.fromkeys(each.grounded, 1.0))
              for name, each in knowledge().bounds.items()}  # fmt: skip
    return replace(knowledge(), bounds=bounds)


@dataclass
class Kept:
    """Profiles that are kept somewhere, or the failure to read them."""

    knowledge: KnowledgeProfile = field(default_factory=knowledge)
    tuned: tuned_models.TunedProfile | None = None
    failure: ArbiterError | None = None
    asked: list[TunedModel | None] = field(default_factory=list)
    modes: dict[str, Any] = field(default_factory=dict)

    def current(self, tuned: TunedModel | None, timeout: float) -> Profiles:
        self.asked.append(tuned)
        if self.failure:
            raise self.failure
        return Profiles(self.knowledge, self.tuned)

    def measured(self, timeout: float) -> dict[str, Any]:
        if self.failure:
            raise self.failure
        return self.modes


def test_a_question_about_the_documents_is_retrieved_for_and_no_other() -> None:
    kept = Kept()
    about, other = (World(profiles=kept).answer(question=question) for question in (KNOWN, UNKNOWN))

    assert (about.mode, other.mode) == (Mode.RAG, Mode.BASE)
    assert about.decision.policy == "default"
    assert "counted words in common with the documents" in about.decision.grounded.because
    assert not {"lynx", "rope"} & set(about.decision.grounded.because.lower().split())
    assert kept.asked == [TUNED, TUNED]


def test_an_explicit_mode_asks_for_no_profile() -> None:
    kept = Kept()
    for mode in Mode:
        World(profiles=kept).answer(mode=mode)

    assert kept.asked == []


@pytest.mark.parametrize("failure", [ProfileUnavailable("none"), Throttled("slow down"), DeadlineExceeded("late")])
def test_without_a_profile_rules_decide_and_the_answer_says_so(failure: ArbiterError) -> None:
    answer = World(profiles=Kept(failure=failure)).answer(question="How early may I come?")

    assert answer.decision == decide(Request("How early may I come?"))
    soon = "; a profile of them is made within minutes of a sync" if isinstance(failure, ProfileUnavailable) else ""
    assert answer.degraded == [f"{failure.code}: routed by rules that know nothing of the documents{soon}"]


def test_a_lacking_permission_is_not_routed_around() -> None:
    with pytest.raises(AccessDenied):
        World(profiles=Kept(failure=AccessDenied("no"))).answer()


@pytest.mark.parametrize("failure", [None, Throttled("slow down")])
def test_without_a_tuned_model_the_profile_of_the_documents_still_counts(failure: ArbiterError | None) -> None:
    models = FakeTunedModels(known=None, failures=[failure] if failure else [])
    kept = Kept()
    answer = World(profiles=kept, tuned_models=models).answer(question=KNOWN)

    assert (answer.mode, answer.degraded, kept.asked) == (Mode.RAG, [], [None])


@pytest.mark.parametrize(("best", "mode"), [(0.6, Mode.RAG), (0.55, Mode.BASE), (None, Mode.BASE)])
def test_an_unsure_request_looks_and_uses_what_it_found(best: float | None, mode: Mode) -> None:
    passages = [Passage("Ninety days.", "s3://docs/a.md", best)]
    world = World(profiles=Kept(doubtful()), retriever=FakeRetriever(passages=passages))
    answer = world.answer(question=KNOWN)

    assert (answer.mode, answer.decision.mode, answer.degraded) == (mode, mode, [])
    assert answer.passages == (passages if mode is Mode.RAG else [])
    assert len(world.retriever.queries) == 1
    assert "unsure, so the documents were searched" in answer.decision.grounded.because


def test_who_prefers_latency_never_waits_for_a_look() -> None:
    looks = {prefer: decide(Request(KNOWN, prefer=prefer), Profiles(doubtful())).look for prefer in PREFERENCES}

    assert looks == {"quality": 0.55, "cost": 0.55, "latency": None}


PREFERENCES: tuple[Preference, ...] = ("quality", "latency", "cost")


def test_a_store_that_was_not_measured_is_not_looked_into() -> None:
    profile = replace(doubtful(), passage_score=None)

    assert decide(Request(KNOWN), Profiles(profile)).look is None


def test_the_more_the_profile_knows_of_a_request_the_less_a_passage_has_to_tell() -> None:
    profile = replace(doubtful(), passage_slope=0.01)
    known, unknown = (decide(Request(question), Profiles(profile)).look for question in (KNOWN, UNKNOWN))

    assert known is not None
    assert unknown is not None
    assert known < unknown


def test_limits_that_rule_retrieval_out_rule_out_the_look() -> None:
    world = World(profiles=Kept(doubtful()))
    answer = world.answer(question=KNOWN, limits=Limits(max_latency_ms=500))

    assert (answer.mode, world.retriever.queries) == (Mode.BASE, [])


def test_limits_are_held_against_what_the_last_run_measured() -> None:
    modes = {"base": {"milliseconds": 150.0, "output_tokens": 20}, "rag": {"milliseconds": 450.0, "output_tokens": 30}}
    request: dict[str, Any] = {"question": KNOWN, "limits": Limits(max_latency_ms=500)}
    estimated, measured = (World(profiles=Kept(modes=known)).answer(**request) for known in ({}, modes))
    unknown = World(profiles=Kept(failure=Throttled("slow down"))).answer(**request)

    assert (estimated.mode, measured.mode) == (Mode.BASE, Mode.RAG)
    assert unknown.mode == Mode.BASE


def test_a_look_that_fails_is_told_and_answers_without() -> None:
    world = World(profiles=Kept(doubtful()), retriever=FakeRetriever(failures=[Throttled("slow"), Throttled("slow")]))
    answer = world.answer(question=KNOWN)

    assert (answer.mode, answer.degraded) == (Mode.BASE, ["throttled: answered without a look into the documents"])


def test_a_filter_asks_for_the_documents_whatever_the_question_says() -> None:
    filtered = Retrieval(filter={"equals": {"key": "team", "value": "desk"}})

    assert decide(Request(UNKNOWN, retrieval=filtered), Profiles(knowledge())).mode == Mode.RAG


def test_a_follow_up_goes_where_its_conversation_belongs() -> None:
    history = (Turn("user", KNOWN), Turn("assistant", "After 110 hill days."))

    assert decide(Request("And after how many years?", history=history), Profiles(knowledge())).mode == Mode.RAG


def test_a_model_for_everybody_answers_everybody() -> None:
    everybody = tuned_models.build((), everybody=True)

    assert decide(Request(UNKNOWN), Profiles(knowledge(), everybody)).mode == Mode.FINE_TUNED
    assert decide(Request(KNOWN), Profiles(knowledge(), everybody)).mode == Mode.COMBINED


@pytest.mark.parametrize(("above", "grounded_for"), [(0, []), (1, ["quality"]), (2, ["quality", "latency"])])
def test_each_preference_has_its_own_bound(above: int, grounded_for: list[str]) -> None:
    score = decide(Request(KNOWN), Profiles(knowledge())).grounded.score
    shares = [score - 0.01 if index < above else score + 0.01 for index in range(3)]
    bounds = dict.fromkeys(knowledge().bounds, Bounds(0.0, dict(zip(PREFERENCES, shares, strict=True))))
    profiles = Profiles(replace(knowledge(), bounds=bounds, passage_score=None))

    assert [p for p in PREFERENCES if decide(Request(KNOWN, prefer=p), profiles).mode.grounded] == grounded_for
