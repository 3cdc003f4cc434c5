"""Profiles survive being written and read, and a damaged one is refused."""

import json

import pytest

from arbiter.routing import knowledge, tuned
from arbiter.routing.artefact import DamagedProfileError
from arbiter.routing.making import building

DOCUMENTS = ("The Skarn tent is packed with twelve pegs. " * 20, "A Lynx rope is retired after ninety hill days. " * 20)
SAMPLES = [("Classify: the rope is wet.", "Complaint")] * 3 + [("Is it open?", "Hello from the desk. We are. Bye now!")]


def test_a_profile_of_the_documents_is_read_as_it_was_written() -> None:
    profile = building.build(DOCUMENTS)

    assert knowledge.loads(profile.dumps()) == profile
    assert knowledge.loads(profile.looked_up(0.4).dumps().encode()).passage_score == 0.4
    assert (profile.documents, profile.languages) == (2, ("en",))


def test_a_word_of_the_documents_weighs_by_how_rare_it_is_elsewhere() -> None:
    weights = building.build(DOCUMENTS).terms

    assert weights["skarn"] > weights["rope"] > weights["hill"] > (0, 0)
    assert "the" not in weights


def test_a_profile_of_a_model_is_read_as_it_was_written() -> None:
    profile = tuned.build(SAMPLES, everybody=True)

    assert tuned.loads(profile.dumps()) == profile
    assert profile.tasks == {"classify": 0.75}
    assert profile.formats == {"label": 0.75}


def test_documents_without_a_word_have_no_profile() -> None:
    with pytest.raises(building.EmptyKnowledgeError):
        building.build(["", " - "])


def test_a_damaged_profile_is_refused() -> None:
    text = building.build(DOCUMENTS).dumps()
    other_version = json.loads(text) | {"version": 99}
    flaws = {
        "is not JSON": text[:-9],
        "does not match its checksum": text.replace('"skarn":', '"scarn":'),
        "has version 99": json.dumps(other_version),
        "is not a tuned model profile": text,
    }
    for flaw, damaged in flaws.items():
        loads = tuned.loads if "tuned" in flaw else knowledge.loads
        with pytest.raises(DamagedProfileError, match=flaw):
            loads(damaged)
