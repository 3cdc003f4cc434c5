"""Where the profile of the documents leaves it open, the passages of the folder answer."""

from dataclasses import replace
from functools import cache

import pytest

from arbiter.answering.decision import Profiles
from arbiter.modes import Mode
from arbiter.routing.knowledge import PREFERENCES, Bounds, KnowledgeProfile
from arbiter.routing.making import building
from arbiter.routing.making.general import background
from cli.routing.decided import decided
from cli.routing.looking import Passages

PAGES = (
    "Dogs need the consent of the board. Parking a caravan in the yard costs 40 euros a month. " * 3,
    "The sauna is heated on Friday. Batteries are taken by the recycling bus. Tenants air their rooms. " * 3,
)


@cache
def searched() -> Passages:
    """The passages of the pages; what the background requests score in them is found out once."""
    passages = Passages()
    for page in PAGES:
        passages.add(page)
    return passages


@cache
def built() -> KnowledgeProfile:
    return building.build(PAGES)


@cache
def doubtful() -> KnowledgeProfile:
    """A profile that leaves every request open."""
    profile = built()
    bounds = {
        language: Bounds(unsure=-1.0, grounded=dict.fromkeys(each.grounded, 1.0), sure=1.0)
        for language, each in profile.bounds.items()
    }
    return replace(profile, bounds=bounds)


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("May I park my caravan in the yard?", Mode.RAG),
        ("Does the recycling bus take batteries?", Mode.RAG),
        ("Brauche ich für Hunde die Zustimmung vom Vorstand?", Mode.RAG),
        ("Who painted the ceiling of the chapel?", Mode.BASE),
        ("What is 15% of 80?", Mode.BASE),
    ],
)
def test_the_best_passage_decides(question: str, mode: Mode) -> None:
    one = decided(question, [], Profiles(doubtful()), "quality", searched())

    assert one.look is not None
    assert (one.mode, one.look.best > one.look.limit) == (mode, mode is Mode.RAG)


def test_a_follow_up_is_searched_with_the_message_it_leans_on() -> None:
    alone = decided("And for two?", [], Profiles(doubtful()), "quality", searched())
    after = decided("And for two?", ["Where do I park a caravan in the yard?"], Profiles(doubtful()), "quality",
                    searched())  # fmt: skip

    assert (alone.mode, after.mode) == (Mode.BASE, Mode.RAG)


def test_the_limit_lets_one_in_fifty_of_the_background_requests_pass() -> None:
    profiles, passages = Profiles(doubtful()), searched()
    requests = background()["en"]
    hits = sum(decided(text, [], profiles, "quality", passages).mode.grounded for text in requests)

    assert 0 < hits <= 0.02 * len(requests)


def test_an_exam_question_is_not_looked_for() -> None:
    exam = "Where is the caravan parked? A. in the yard B. in the sauna C. on the bus D. in the rooms"

    assert decided(exam, [], Profiles(doubtful()), "quality", searched()).look is None
    assert decided("Where is it? A. In the yard.", [], Profiles(doubtful()), "quality", searched()).look is not None


def test_a_no_is_looked_for_except_for_latency_and_of_exams() -> None:
    bounds = {"en": Bounds(unsure=1.0, grounded=dict.fromkeys(PREFERENCES, 1.0), sure=1.0)}
    refusing = Profiles(replace(doubtful(), bounds=bounds))
    question = "May I park my caravan in the yard?"
    exam = f"{question} A. never B. always C. on Friday D. on Monday"
    one = decided(question, [], refusing, "quality", searched())

    assert (one.assessment.grounded.outcome, one.mode) == ("no", Mode.RAG)
    assert decided(exam, [], refusing, "quality", searched()).look is None
    assert decided(question, [], refusing, "latency", searched()).look is None


def test_latency_and_certainty_take_no_look() -> None:
    certain = Profiles(built())

    assert decided("May I park my caravan?", [], Profiles(doubtful()), "latency", searched()).look is None
    assert decided("Does a caravan need consent of the board?", [], certain, "quality", searched()).look is None


@pytest.mark.parametrize(("sure", "looks"), [(1.0, True), (0.0, False)])
def test_a_yes_that_is_not_quite_sure_is_looked_for(sure: float, looks: bool) -> None:
    bounds = Bounds(unsure=0.0, grounded=dict.fromkeys(PREFERENCES, 0.0), sure=sure)
    profile = replace(doubtful(), bounds={"en": bounds})
    one = decided("May I park my caravan in the yard?", [], Profiles(profile), "quality", searched())

    assert (one.assessment.grounded.outcome, one.mode, one.look is not None) == ("yes", Mode.RAG, looks)


def test_without_passages_an_open_question_does_without_documents() -> None:
    one = decided("May I park my caravan in the yard?", [], Profiles(doubtful()), "quality")

    assert (one.mode, one.look, one.dump()["look"]) == (Mode.BASE, None, None)


def test_in_another_language_the_dictionarys_yes_is_looked_for_up_to_the_rarest_score() -> None:
    bounds = built().bounds

    assert all(bounds[language].sure > bounds[language].grounded["quality"] for language in ("de", "es"))
