"""Pairs are kept when a second model finds them in their passage, and counted by reason when it does not."""

import json
from collections.abc import Callable

import pytest

from arbiter.answering.prompts import Passage, Prompt
from arbiter.answering.writer import Completion, Generation
from arbiter.costs.prices import Prices
from arbiter.errors import AccessDenied, ArbiterError, BadModelOutput, TooLarge
from arbiter.generation.drafting import Drafting, Purpose
from arbiter.generation.estimate import Share
from arbiter.generation.pairs import Drafts
from arbiter.generation.sources.passages import Excerpt
from arbiter.generation.spending import Reservation, ShareSpent, Spending
from tests.unit.arbiter.generation.fakes import (
    GENERATOR,
    PRICES,
    SUPPORTED,
    UNANSWERABLE,
    VERIFIER,
    ScriptedModel,
    written,
)

PASSAGES = [Excerpt(f"Kettle number {number} boils in {number} minutes. " * 5, 0, 200) for number in range(6)]
OTHER = Passage("Tents are lent for a week and must come back dry and folded.", "s3://documents/guides/tent.md", 0.5)
HELD_OUT = Passage("Ropes are retired after five years of use on the hill.", "s3://documents/kept/rope.md", 0.4)

Say = Callable[[Generation], str | ArbiterError]


def generator_says(reply: str, verdict: str = SUPPORTED) -> Say:
    return lambda asked: reply if asked.model == GENERATOR else verdict


def write(
    say: Say,
    *,
    pairs: int = 1,
    kinds: tuple[str, ...] = ("fact",),
    tokens: int = 10**6,
    usd: float | None = None,
    augmented: bool = False,
    drafts: Drafts | None = None,
) -> tuple[Drafts, ScriptedModel, Spending]:
    """Write the pairs of a document with a model that says so."""
    model, drafts = ScriptedModel(say), drafts or Drafts("guides/kettle.md", pairs)
    spending = Spending(tokens, usd, Prices(PRICES))

    def ask(name: str, prompt: Prompt, most_output: int, purpose: Purpose) -> Completion:
        return model.generate(Generation(name, prompt, most_output, None, purpose), 1)

    drafting = Drafting(
        ask=ask,
        search=lambda question: (OTHER, HELD_OUT),
        generator=GENERATOR,
        verifier=VERIFIER,
        kinds=kinds,
        augmented=augmented,
        may_show=lambda passage: "/kept/" not in passage.uri,
    )
    drafting.write(Share("id", "guides/kettle.md", pairs, tokens, usd), PASSAGES, drafts, spending, lambda: None)
    return drafts, model, spending


def test_a_supported_pair_is_kept_with_its_source_and_its_verdict() -> None:
    drafts, model, _ = write(generator_says(written(("fact", "How fast is kettle 0?", "0 minutes."))))

    (pair,) = drafts.pairs
    assert (pair.question, pair.answer, pair.document) == ("How fast is kettle 0?", "0 minutes.", "guides/kettle.md")
    assert (pair.passage, pair.verdict.reason) == (PASSAGES[0], "It stands there.")
    assert [call.mode.value for call in model.calls] == ["generate", "verify"]
    assert "How fast is kettle 0?" in model.calls[1].prompt.turns[0].text
    assert drafts.done


@pytest.mark.parametrize("verdict", ["unsupported", "contradicted", "off_topic"])
def test_a_pair_that_the_verifier_does_not_find_is_dropped_by_its_reason(verdict: str) -> None:
    reply = json.dumps({"reason": "No.", "verdict": verdict})
    drafts, _, _ = write(generator_says(written(("fact", "Q?", "Made up.")), reply))

    assert drafts.pairs == []
    assert drafts.dropped == {verdict: len(PASSAGES)}


def test_prose_is_given_back_once_and_then_is_no_pair() -> None:
    drafts, model, _ = write(generator_says("Of course! Here is a question about kettles."))

    assert (drafts.pairs, drafts.dropped) == ([], {"unreadable_reply": len(PASSAGES)})
    assert [len(call.prompt.turns) for call in model.calls] == [1, 3] * len(PASSAGES)


def test_a_reply_that_is_mended_counts() -> None:
    replies = iter(["Sure: {", written(("fact", "Q?", "A."))])
    drafts, _, _ = write(lambda asked: next(replies) if asked.model == GENERATOR else SUPPORTED)
    assert [pair.question for pair in drafts.pairs] == ["Q?"]


def test_a_verdict_that_cannot_be_read_keeps_no_pair() -> None:
    drafts, model, _ = write(generator_says(written(("fact", "Q?", "A.")), "Looks fine to me"))

    assert (drafts.pairs, drafts.dropped) == ([], {"unverified": len(PASSAGES)})
    assert sum(call.model == VERIFIER for call in model.calls) == 2 * len(PASSAGES)


@pytest.mark.parametrize(
    ("question", "reason"),
    [("What is said in the passage?", "points_at_passage"), ("What does User: mean?", "refused_by_check")],
)
def test_what_is_of_no_use_is_not_even_verified(question: str, reason: str) -> None:
    drafts, model, _ = write(generator_says(written(("fact", question, "A."))))

    assert drafts.dropped == {reason: len(PASSAGES)}
    assert {call.model for call in model.calls} == {GENERATOR}


def test_that_nothing_answers_a_question_is_judged_over_what_the_knowledge_base_finds() -> None:
    reply = written(("out_of_scope", "Who painted kettle 0?", ""))
    drafts, model, _ = write(generator_says(reply, UNANSWERABLE), kinds=("out_of_scope",))

    assert drafts.pairs[0].answer.startswith("I do not know")
    assert OTHER.text in model.calls[1].prompt.turns[0].text


def test_only_augmented_pairs_carry_other_passages_and_none_of_a_document_kept_for_evaluation() -> None:
    reply = written(("fact", "How fast is kettle 0?", "0 minutes."))
    plain, augmented = (write(generator_says(reply), augmented=augmented)[0].pairs[0] for augmented in (False, True))

    assert plain.distractors == ()
    assert augmented.distractors == (OTHER,)


def test_further_passages_make_up_for_what_is_dropped() -> None:
    verdicts = iter([json.dumps({"reason": "No.", "verdict": "unsupported"}), SUPPORTED])
    questions = iter("ABCDEF")
    drafts, _, _ = write(
        lambda asked: written(("fact", f"{next(questions)}?", "A.")) if asked.model == GENERATOR else next(verdicts)
    )
    assert ([pair.question for pair in drafts.pairs], drafts.passages_read) == (["B?"], 2)


def test_the_share_is_never_exceeded() -> None:
    reply = written(("fact", "Q?", "A."))
    for most in (100, 900, 2_000, 3_000):
        drafts, _, spending = write(generator_says(reply), pairs=50, tokens=most)
        assert (drafts.share_spent, drafts.done) == (True, True)
        assert spending.total() <= most


def test_the_share_of_dollars_ends_it_too() -> None:
    drafts, _, spending = write(generator_says(written(("fact", "Q?", "A."))), pairs=50, usd=0.0025)

    assert drafts.share_spent
    assert drafts.pairs
    assert (spending.cost_of(spending.used) or 1) <= 0.0025


@pytest.mark.parametrize("error", [TooLarge("too long"), BadModelOutput("cut")])
def test_a_passage_that_a_model_cannot_take_costs_its_pairs_alone(error: ArbiterError) -> None:
    errors = iter([error])
    reply = written(("fact", "Q?", "A."))
    drafts, _, _ = write(lambda asked: next(errors, reply) if asked.model == GENERATOR else SUPPORTED)

    assert (len(drafts.pairs), drafts.dropped) == (1, {"unreadable_reply": 1})


def test_a_lacking_permission_is_no_bad_pair() -> None:
    with pytest.raises(AccessDenied):
        write(lambda asked: AccessDenied("no"))


def test_a_broken_run_goes_on_with_the_next_passage() -> None:
    reply = generator_says(written(("fact", "Q?", "A."), ("fact", "R?", "A.")))
    begun = Drafts("guides/kettle.md", 8, passages_read=4)
    drafts, model, _ = write(reply, pairs=8, drafts=begun)

    asked = [call for call in model.calls if call.model == GENERATOR]
    assert len(asked) == len(PASSAGES) - 4
    assert Drafts.parse(json.loads(json.dumps(drafts.dump()))) == drafts


@pytest.mark.parametrize("kind", [Spending, Reservation])
def test_a_call_that_may_reason_beyond_the_share_is_not_made(kind: type[Spending]) -> None:
    spending = kind(5_000, None, Prices({}))
    spending.require("amazon.nova-lite-v1:0", 100, 500)
    with pytest.raises(ShareSpent):
        kind(4_600, None, Prices({})).require("us.anthropic.claude-sonnet-5-5", 100, 500)
