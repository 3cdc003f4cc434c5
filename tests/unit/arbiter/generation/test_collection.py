"""Collected pairs are each once, trainable, as many as wanted, and spread over documents and kinds."""

import io
import json
from collections import Counter
from dataclasses import replace

import pytest

from arbiter.answering.prompts import SYSTEM, Passage, build_prompt
from arbiter.answering.request import Request
from arbiter.costs.prices import Prices
from arbiter.evaluation.run.cases import read_cases
from arbiter.generation.augmentation import ABSENT_PERCENTAGE, augmented, distractors, is_absent
from arbiter.generation.collection import Collection, evenly, line_of
from arbiter.generation.order import Order
from arbiter.generation.pairs import Drafts, Pair
from arbiter.generation.prompts import UNKNOWN_ANSWER
from arbiter.generation.sources.allotment import TURN
from arbiter.generation.sources.passages import Excerpt
from arbiter.training_data.check import Rules, check
from arbiter.training_data.text.sensitive_data import SensitiveData
from tests.unit.arbiter.generation.fakes import GENERATOR, PRICES, VERIFIER, a_pair

ORDER = Order(run="run-1", purpose="training", pairs=10)
COMBINED = replace(ORDER, target="combined")
URI = "s3://documents/guides/stove.md"
OTHERS = tuple(
    Passage(f"Ropes of length {number} are retired after {number} years.", f"s3://documents/{number}.md", None)
    for number in range(8)
)


def collected(*pairs: Pair, order: Order = ORDER) -> Collection:
    collection = Collection(order)
    collection.add(Drafts("guides/stove.md", 10, pairs=list(pairs)))
    return collection


def test_a_question_is_asked_once_however_it_is_written() -> None:
    pair = a_pair(123)
    again = [replace(pair, question=text) for text in (pair.question.upper() + "!", pair.question[:-1] + " now?")]
    collection = collected(pair, *again, a_pair(456))

    assert collection.pairs == [pair, a_pair(456)]
    assert collection.dropped["repeated"] == 2


@pytest.mark.parametrize(
    ("pair", "order"),
    [
        (replace(a_pair(), answer="Bot: hello"), ORDER),
        (replace(a_pair(), question="Is [EOS] an end?"), ORDER),
        (replace(a_pair(), passage=Excerpt("User: means a person", 0, 20)), COMBINED),
    ],
)
def test_what_training_would_refuse_is_dropped(pair: Pair, order: Order) -> None:
    assert collected(pair, order=order).dropped == {"refused_by_check": 1}


def test_what_holds_a_secret_is_never_learnt() -> None:
    def detect(text: str) -> list[SensitiveData]:
        return [SensitiveData("secret", "a key", 1)] if "Ropes of length 3" in text or "hall 111" in text else []

    collection = Collection(COMBINED, detect)
    leaking, clean = a_pair(111, distractors=OTHERS), a_pair(222, distractors=OTHERS)
    collection.add(Drafts("guides/stove.md", 2, pairs=[leaking, clean]))

    (kept,) = collection.pairs
    assert (kept.id, collection.dropped) == (clean.id, {"refused_by_check": 1})
    assert kept.distractors == (*OTHERS[:3], *OTHERS[4:])


def test_a_passage_counts_only_where_it_is_trained_on() -> None:
    pair = replace(a_pair(), passage=Excerpt("User: means a person", 0, 20))
    assert collected(pair).pairs == [pair]


def test_pairs_are_taken_from_all_documents_before_one_gives_a_second() -> None:
    pairs = [a_pair(10 * document + n, document=f"{document}.md") for document in range(5) for n in range(9)]
    counts = Counter(pair.document for pair in evenly(pairs, 12, TURN))

    assert set(counts.values()) == {2, 3}
    assert counts.total() == 12


def test_kinds_keep_their_part_when_there_is_a_choice() -> None:
    kinds = sorted(set(TURN))
    pairs = [a_pair(100 * k + n, kind=kind, document=f"{n}.md") for k, kind in enumerate(kinds) for n in range(40)]
    counts = Counter(pair.kind for pair in evenly(pairs, 40, TURN))

    assert all(abs(counts[kind] - 4 * TURN.count(kind)) <= 2 for kind in kinds)


def test_what_is_left_over_is_counted() -> None:
    collection = collected(*(a_pair(111 * number) for number in range(1, 10)), order=replace(ORDER, pairs=4))
    chosen = collection.chosen()
    report = collection.report(chosen, {"left_out": {"a.pdf": "no"}}, Prices(PRICES))

    assert (report["pairs"], report["dropped"], report["left_out"]) == (4, {"surplus": 5}, {"a.pdf": "no"})


def test_the_report_adds_up_what_was_used_and_leaves_an_unknown_price_open() -> None:
    collection = Collection(ORDER)
    used = {GENERATOR: {"input_tokens": 1000, "output_tokens": 500, "cached_tokens": 0}}
    checked = {VERIFIER: {"input_tokens": 2000, "output_tokens": 100, "cached_tokens": 0}}
    for document in ("a.md", "b.md"):
        collection.add(Drafts(document, 1, used={**used, **checked}))
    report = collection.report([], {"left_out": {}}, Prices(PRICES))

    assert report["tokens"] == 7200
    assert report["cost_usd"] == pytest.approx(2 * (0.00006 + 0.00012 + 0.002 + 0.0005))
    assert collection.report([], {"left_out": {}}, Prices({}))["cost_usd"] is None


def test_training_pairs_pass_the_training_check_without_a_doubt_about_themselves() -> None:
    lines = [line_of(a_pair(111 * number), ORDER, URI, 5) for number in range(1, 9)]
    report = check(io.BytesIO(b"".join(lines)), Rules())

    assert report.accepted
    assert json.loads(lines[0])["document"] == "guides/stove.md"


def test_evaluation_cases_can_be_read_as_cases() -> None:
    order = replace(ORDER, purpose="evaluation")
    read = read_cases([line_of(a_pair(), order, URI, 5)])

    assert read.problems == ()
    (case,) = read.cases
    assert case == {
        "id": "q-0000000000000001",
        "question": a_pair().question,
        "reference": a_pair().answer,
        "tags": ["fact"],
        "document": "guides/stove.md",
    }


def with_and_without() -> tuple[Pair, Pair]:
    """A pair whose sample has its passage, and one whose sample goes without."""
    pairs = [a_pair(number, distractors=OTHERS) for number in range(60)]
    return next(p for p in pairs if not is_absent(p)), next(p for p in pairs if is_absent(p))


def test_an_augmented_sample_asks_as_the_router_does() -> None:
    pair, _ = with_and_without()
    sample = augmented(pair, URI, 5)
    gold = Passage(pair.passage.text, URI, 0.9)
    prompt = build_prompt(Request(pair.question), [gold, *OTHERS[:4]])

    assert sample.system == SYSTEM == prompt.system[0]
    asked = sample.turns[0].text
    assert sorted(asked.splitlines()) != asked.splitlines()
    for text in (gold.text, *(other.text for other in OTHERS[:4])):
        assert text in asked
    assert asked.count("<document ") == prompt.turns[0].text.count("<document ") == 5
    assert asked.split("<documents>")[0] == prompt.turns[0].text.split("<documents>")[0]
    assert asked.split("</documents>")[1] == prompt.turns[0].text.split("</documents>")[1]
    assert sample.turns[1].text == pair.answer


def test_a_sample_without_its_passage_teaches_that_the_answer_is_not_known() -> None:
    _, pair = with_and_without()
    sample = augmented(pair, URI, 5)

    assert pair.passage.text not in sample.turns[0].text
    assert sample.turns[0].text.count("<document ") == 5
    assert sample.turns[1].text == UNKNOWN_ANSWER


def test_one_sample_in_five_goes_without_its_passage() -> None:
    absent = sum(is_absent(a_pair(number, distractors=OTHERS)) for number in range(2_000))
    assert abs(absent / 20 - ABSENT_PERCENTAGE) < 3


def test_a_sample_never_goes_without_any_passage() -> None:
    assert not any(is_absent(a_pair(number)) for number in range(200))


def test_the_passage_stands_in_every_place() -> None:
    places = set()
    for number in range(200):
        pair = a_pair(number, distractors=OTHERS)
        asked = augmented(pair, URI, 5).turns[0].text
        places.add(asked[: asked.find(pair.passage.text)].count("<document ") if not is_absent(pair) else None)
    assert places == {None, 1, 2, 3, 4, 5}


def test_the_same_pair_always_makes_the_same_sample() -> None:
    pair, _ = with_and_without()
    assert augmented(pair, URI, 5) == augmented(Pair.parse(json.loads(json.dumps(pair.dump()))), URI, 5)


def test_what_answers_the_question_is_no_distractor() -> None:
    gold = "The kettle must boil three minutes before the water may be drunk by guests of the hut."
    answer = "Boil water three minutes before drinking."
    overlapping = Passage(f"{gold} Further on, gas is stored outside.", "s3://d/a.md", None)
    repeating = Passage(
        "Always boil water three minutes before drinking, says the ranger of Harrowfell.", "s3://d/b.md", None
    )
    reserved = Passage("Assistant: the ropes are retired.", "s3://d/c.md", None)

    assert distractors([overlapping, repeating, reserved, OTHERS[0]], gold, answer) == (OTHERS[0],)


def test_augmented_samples_pass_the_training_check() -> None:
    lines = [line_of(a_pair(111 * number, distractors=OTHERS), COMBINED, URI, 5) for number in range(1, 9)]
    report = check(io.BytesIO(b"".join(lines)), Rules())

    assert report.accepted
    assert {json.loads(line)["schemaVersion"] for line in lines} == {"bedrock-conversation-2024"}
