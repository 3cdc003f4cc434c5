"""A sample shows no passage of a document that evaluation questions are made from."""

import json
from dataclasses import replace

import pytest

from arbiter.answering.prompts import Passage
from arbiter.generation.order import drafts_key
from arbiter.training_data.split import held_out
from tests.unit.arbiter.generation.fakes import FixedSearch, MemoryObjects, ScriptedModel
from tests.unit.arbiter.generation.test_runs import facts, generator, item

HELD_OUT = next(name for number in range(99) if held_out(name := f"a{number}.md", 20))
TRAINED = next(name for number in range(99) if not held_out(name := f"a{number}.md", 20))


@pytest.mark.parametrize(
    ("document", "swapped", "shown"),
    [(TRAINED, None, True), (HELD_OUT, None, False), (TRAINED, TRAINED, False), (HELD_OUT, HELD_OUT, True)],
)
def test_a_distractor_is_of_a_document_that_is_trained_on(document: str, swapped: str | None, shown: bool) -> None:
    results = MemoryObjects("results")
    uri = MemoryObjects("documents").uri(document)
    search = FixedSearch((Passage("Lockers open with a code from the booking app.", uri, 0.6),))
    known = replace(generator(results, ScriptedModel(facts)), knowledge_base=search)
    asked = item(pairs=1) | {"target": "combined"}
    asked["share"] |= {"swapped": swapped}
    known.generate(asked, lambda: 900.0)

    (pair,) = json.loads(results.contents[drafts_key("run-1", "d1")])["pairs"]
    assert bool(pair["distractors"]) is shown
