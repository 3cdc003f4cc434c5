"""The cost of a run is counted before it starts, from known prices alone; what is unknown is named."""

import math
from typing import Any

import pytest

from arbiter.answering.retrieval import BOUNDS
from arbiter.answering.writer import STEP_TOKENS
from arbiter.costs.prices import GUARDRAIL, UNIT_CHARACTERS, Prices
from arbiter.costs.tokens import estimated_tokens as tokens
from arbiter.costs.use import PASSAGE_BYTES
from arbiter.evaluation.native.jobs import MOST_PROMPTS
from arbiter.evaluation.native.request import instructions
from arbiter.evaluation.planning.answering import Sizes, passages
from arbiter.evaluation.planning.estimate import Asked, Estimate, Spending, estimate
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.verdicts.judging import VERDICT_TOKENS
from arbiter.model_parameters import REASONING_TOKENS
from arbiter.modes import Mode

SIZES = Sizes(results=5, passage_tokens=300, answer_tokens=512)
ARMS = [Arm("base", Mode.BASE), Arm("rag", Mode.RAG)]
CASE = {"id": "1", "question": "How long is it?", "reference": "Two metres."}
PRICE = {"input_per_1k": 1.0, "output_per_1k": 10.0}
SEARCHING = {"embedding_per_1k": 1.0, "queries_per_1m": 1000.0, "rerank_per_1k": 2000.0}


def made(cases: int = 10, arms: Any = ARMS, **changes: Any) -> Estimate:
    values: dict[str, Any] = {"judges": ["j.one", "j.two"], "prices": ["b.base", "j.one", "j.two"], "ceiling": None}
    values |= {"repeat": 1, "pairwise": False, "native": False, **changes}
    beside = {**values.get("searching", {"search": SEARCHING}), **values.get("screening", {})}
    prices = Prices({**dict.fromkeys(values["prices"], PRICE), **beside})
    spending = Spending("b.base", "custom:t", {}, values["judges"], prices, values["ceiling"])
    asked = Asked(repeat=values["repeat"], pairwise=values["pairwise"], native=values["native"])
    return estimate([changes.get("case", CASE)] * cases, arms, sizes=SIZES, spending=spending, asked=asked)


def test_every_call_is_counted() -> None:
    assert (made().answers, made().verdicts) == (20, 40)
    assert made(repeat=3).verdicts == 120
    assert made(pairwise=True).verdicts == 40 + 10 * 2 * 2
    four = [Arm(str(number), Mode.BASE) for number in range(4)]
    assert made(arms=four, pairwise=True).verdicts == 10 * 4 * 2 + 10 * 6 * 2 * 2


def test_a_follow_up_is_rewritten_by_one_more_call_in_the_arm_that_does_so() -> None:
    turns = [{"role": "user", "text": "The tent?"}, {"role": "assistant", "text": "Which one?"}]
    arms = [[Arm("rag", Mode.RAG)], [Arm("rag.rewrite", Mode.RAG, retrieval={"rewrite": True})]]
    alone, rewritten = (made(arms=arm, case={**CASE, "history": turns}) for arm in arms)
    first_questions = [made(arms=arm) for arm in arms]

    assert rewritten.output_tokens - alone.output_tokens == 10 * STEP_TOKENS
    assert rewritten.known_usd > alone.known_usd > first_questions[0].known_usd
    assert first_questions[0] == first_questions[1]
    assert arms[1][0].planned


def test_it_grows_with_the_cases_in_proportion() -> None:
    small, large = made(10), made(1000)
    assert (large.input_tokens, large.output_tokens) == (100 * small.input_tokens, 100 * small.output_tokens)
    assert large.usd == pytest.approx(100 * (small.usd or 0), rel=1e-4)


def test_a_script_of_many_tokens_a_character_is_not_counted_as_english() -> None:
    assert tokens("多少钱呢" * 100) >= 300
    assert tokens("How much?" * 100) < 300


def test_passages_are_paid_for_by_the_answer_and_by_each_of_its_judges() -> None:
    plain, grounded = made(arms=[ARMS[0]]), made(arms=[ARMS[1]])
    assert grounded.input_tokens - plain.input_tokens >= 10 * 3 * 5 * 300
    fewer = made(arms=[Arm("rag", Mode.RAG, retrieval={"results": 1})])
    assert fewer.input_tokens < grounded.input_tokens


def planned(strategy: str) -> Arm:
    return Arm("rag", Mode.RAG, retrieval={"strategy": strategy})


def test_replies_that_plan_searches_are_counted_with_the_passages_that_they_read() -> None:
    basic, parts, judged = (made(arms=[planned(strategy)], judges=[]) for strategy in BOUNDS)

    assert parts.output_tokens - basic.output_tokens == 10 * STEP_TOKENS
    assert judged.output_tokens - basic.output_tokens == 2 * 10 * STEP_TOKENS
    assert judged.input_tokens - parts.input_tokens > 10 * 2 * 5 * 300
    tuned = Arm("t", Mode.COMBINED, retrieval={"strategy": "adaptive"})
    assert made(arms=[tuned], judges=[], prices=["b.base"]).known_usd > 10 * 2 * STEP_TOKENS / 100, "the base model's"


def test_searches_are_counted_with_what_they_embed_and_rerank() -> None:
    embedded, query, ranking = tokens(CASE["question"]) / 1000, 0.001, 2.0
    known, unknown = made(arms=[ARMS[1]]), made(arms=[ARMS[1]], searching={})
    assert known.known_usd - unknown.known_usd == pytest.approx(10 * (embedded + query))
    assert (unknown.usd, unknown.unknown_prices) == (None, ("search",))

    reranked = made(arms=[Arm("rag", Mode.RAG, retrieval={"rerank": True})])
    assert reranked.known_usd - known.known_usd == pytest.approx(10 * ranking)
    several = made(arms=[planned("multi_step")])
    replied = (several.input_tokens - known.input_tokens) / 1000 + (several.output_tokens - known.output_tokens) / 100
    assert several.known_usd - known.known_usd == pytest.approx(3 * 10 * (embedded + query) + replied)
    assert made(arms=[ARMS[0]], searching={}).unknown_prices == ()


def test_an_unknown_price_makes_the_sum_unknown_and_is_named() -> None:
    found = made(prices=["b.base", "j.one"])
    assert (found.usd, found.unknown_prices) == (None, ("j.two",))
    assert found.known_usd > 0
    assert made(arms=[Arm("fine_tuned", Mode.FINE_TUNED)]).unknown_prices == ("custom:t",)


def test_only_what_is_known_is_held_against_the_ceiling() -> None:
    usd = made().usd or 0
    assert not made(ceiling=usd).too_much
    assert made(ceiling=usd * 0.99).too_much
    assert not made(ceiling=0.01, prices=[], searching={}).too_much


def test_native_jobs_are_about_one_more_verdict_of_each_judge_an_answer() -> None:
    without, found = made(), made(native=True)
    assert (without.native_verdicts, found.native_verdicts, found.verdicts) == (0, 40, without.verdicts)
    assert (found.usd or 0) > (without.usd or 0)
    assert found.output_tokens - without.output_tokens == 40 * VERDICT_TOKENS
    assert found.input_tokens - without.input_tokens >= 40 * (
        SIZES.answer_tokens + tokens(instructions(referenced=True))
    )


def test_native_jobs_are_counted_as_far_as_they_judge() -> None:
    assert made(1_500, native=True).native_verdicts == 4 * MOST_PROMPTS
    short, bare = {**CASE, "reference": "Two."}, {"id": "0", "question": "How long?"}
    mixed = estimate_of([CASE, short, *[bare] * 3])
    assert mixed.native_verdicts == 4 * 2
    assert estimate_of([bare] * 3).native_verdicts == 4 * 3
    long = {**CASE, "reference": "Two metres. " * 500}
    last, first = estimate_of([*[CASE] * 1_000, long]), estimate_of([long, *[CASE] * 1_000])
    assert last == first, "which answers fail is not known before: the longest cases are counted"


def test_native_jobs_are_held_against_the_ceiling() -> None:
    usd = made().usd or 0
    assert made(ceiling=usd, native=True).too_much
    assert made(prices=["b.base"], native=True).unknown_prices == ("j.one", "j.two")


def estimate_of(cases: Any) -> Estimate:
    spending = Spending("b.base", "custom:t", {}, ["j.one", "j.two"], Prices({}), None)
    asked = Asked(repeat=1, pairwise=False, native=True)
    return estimate(cases, ARMS, sizes=SIZES, spending=spending, asked=asked)


def test_what_a_model_may_spend_on_reasoning_is_counted_for_each_of_its_calls() -> None:
    thinking = "us.anthropic.claude-sonnet-5-5"
    plain, judge = made(judges=["j.one", "j.two"]), made(judges=["j.one", thinking])
    assert judge.output_tokens - plain.output_tokens == 10 * len(ARMS) * REASONING_TOKENS
    answering = made(arms=[Arm("thinks", Mode.BASE, model=thinking), ARMS[1]])
    assert answering.output_tokens - plain.output_tokens == 10 * REASONING_TOKENS
    pairs = made(judges=["j.one", thinking], pairwise=True).output_tokens - made(pairwise=True).output_tokens
    assert pairs == 10 * (len(ARMS) + 2) * REASONING_TOKENS


def test_a_guardrail_is_paid_for_by_each_begun_unit_of_each_policy() -> None:
    policies = {"content_per_1k": 1.0, "grounding_per_1k": 1.0}
    answer = math.ceil(SIZES.answer_tokens * PASSAGE_BYTES / UNIT_CHARACTERS)
    for arm, grounding in ((ARMS[0], 0), (ARMS[1], 1)):
        bare = made(arms=[arm]).usd or 0
        content = (made(arms=[arm], screening={"guardrail": {"content_per_1k": 1.0}}).usd or 0) - bare
        both = (made(arms=[arm], screening={"guardrail": policies}).usd or 0) - bare
        assert content == pytest.approx(10 * (1 + answer) / 1_000)
        quoted = math.ceil(passages(arm, SIZES) * PASSAGE_BYTES / UNIT_CHARACTERS)
        assert both == pytest.approx(content + grounding * 10 * (1 + answer + quoted) / 1_000)
    several = Arm("several", Mode.RAG, retrieval={"strategy": "multi_step"})
    assert (made(arms=[several], screening={"guardrail": policies}).usd or 0) > (made(arms=[several]).usd or 0) + both
    assert GUARDRAIL in made(screening={"guardrail": {"content_per_1k": None}}).unknown_prices
