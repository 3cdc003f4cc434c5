"""One answering path: what was asked for is delivered, refused, or visibly degraded."""

from collections.abc import Callable

import pytest

from arbiter.answering.asked.format import Format
from arbiter.answering.request import Limits, Retrieval
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    CostLimitExceeded,
    DeadlineExceeded,
    KnowledgeBaseEmpty,
    KnowledgeBaseUnavailable,
    ModelError,
    ModelNotFound,
    ModelNotReady,
    Throttled,
    TunedModelUnavailable,
)
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import (
    ASKS_FOR_ALL,
    BASE,
    PASSAGES,
    RETRAINED,
    TUNED,
    FakeModel,
    FakeRetriever,
    World,
    settings,
)


@pytest.mark.parametrize(
    ("mode", "model", "searches", "reads"),
    [
        (Mode.BASE, BASE, 0, 0),
        (Mode.RAG, BASE, 1, 0),
        (Mode.FINE_TUNED, TUNED.model, 0, 1),
        (Mode.COMBINED, TUNED.model, 1, 1),
    ],
)
def test_a_mode_is_two_switches_and_nothing_more_is_called(mode: Mode, model: str, searches: int, reads: int) -> None:
    world = World()
    answer = world.answer(mode=mode)

    assert (answer.mode, answer.model, answer.decision, answer.degraded) == (mode, model, None, [])
    assert (len(world.retriever.queries), len(world.tuned_models.reads), len(world.model.calls)) == (searches, reads, 1)
    assert answer.passages == (list(PASSAGES) if mode.grounded else [])


def test_auto_delivers_the_mode_it_decided_for() -> None:
    answer = World().answer(question=ASKS_FOR_ALL)

    assert answer.mode == answer.decision.mode == Mode.COMBINED
    assert answer.degraded == []


def test_the_passages_the_model_saw_are_the_citations() -> None:
    world = World()
    answer = world.answer(mode=Mode.RAG)
    prompt = world.model.calls[0].prompt.turns[-1].text

    assert [p.text in prompt for p in answer.passages] == [True, True]


def test_an_answer_costs_what_its_tokens_cost() -> None:
    world = World()

    assert world.answer(mode=Mode.BASE).cost_usd == pytest.approx(100 * 1e-6 + 10 * 2e-6)
    assert world.answer(mode=Mode.FINE_TUNED).cost_usd == pytest.approx(100 * 1e-5 + 10 * 2e-5)


def test_without_a_known_price_the_cost_is_unknown_not_zero() -> None:
    assert World(settings=settings(prices={})).answer(mode=Mode.BASE).cost_usd is None


LOST_GROUND: list[ArbiterError | None] = [
    None, KnowledgeBaseUnavailable("it failed"), Throttled("slow down"), DeadlineExceeded("late"),
]  # fmt: skip


def world_without_ground(failure: ArbiterError | None) -> World:
    if failure is None:
        return World(retriever=FakeRetriever(passages=()))
    return World(retriever=FakeRetriever(failures=[failure, failure]))


@pytest.mark.parametrize("failure", LOST_GROUND)
def test_an_explicit_grounded_mode_without_ground_is_an_error(failure: ArbiterError | None) -> None:
    world = world_without_ground(failure)

    with pytest.raises(type(failure) if failure else KnowledgeBaseEmpty):
        world.answer(mode=Mode.RAG)
    assert world.model.calls == []


@pytest.mark.parametrize("failure", LOST_GROUND)
def test_where_less_is_allowed_lost_ground_is_visible(failure: ArbiterError | None) -> None:
    code = failure.code if failure else "knowledge_base_empty"
    explicit = world_without_ground(failure).answer(mode=Mode.COMBINED, degrade=True)
    auto = world_without_ground(failure).answer(question=ASKS_FOR_ALL)

    for answer in (explicit, auto):
        assert (answer.mode, answer.passages) == (Mode.FINE_TUNED, [])
        assert answer.degraded == [f"{code}: answered without documents"]


def no_tuned_model() -> World:
    world = World()
    world.tuned_models.known = None
    return world


def tuned_model_failing(failure: ArbiterError) -> World:
    return World(model=FakeModel(by_model={TUNED.model: failure}))


LOST_TUNING = [
    (no_tuned_model, TunedModelUnavailable),
    (lambda: tuned_model_failing(ModelNotReady("loading")), ModelNotReady),
    (lambda: tuned_model_failing(ModelError("failed")), ModelError),
    (lambda: tuned_model_failing(Throttled("slow down")), Throttled),
    (lambda: tuned_model_failing(ModelNotFound("gone")), TunedModelUnavailable),
    (lambda: tuned_model_failing(BadModelOutput("garbled")), BadModelOutput),
    (lambda: tuned_model_failing(DeadlineExceeded("late")), DeadlineExceeded),
]


@pytest.mark.parametrize(("world", "error"), LOST_TUNING)
def test_an_explicit_specialised_mode_without_a_tuned_model_is_an_error(
    world: Callable[[], World], error: type[ArbiterError]
) -> None:
    with pytest.raises(error):
        world().answer(mode=Mode.FINE_TUNED)


@pytest.mark.parametrize(("world", "error"), LOST_TUNING)
def test_where_less_is_allowed_the_base_model_answers_visibly(
    world: Callable[[], World], error: type[ArbiterError]
) -> None:
    explicit = world().answer(mode=Mode.FINE_TUNED, degrade=True)
    auto = world().answer(question=ASKS_FOR_ALL)

    assert (explicit.mode, auto.mode) == (Mode.BASE, Mode.RAG)
    for answer in (explicit, auto):
        assert answer.model == BASE
        assert answer.degraded == [f"{error.code}: answered by the base model"]


def test_a_permission_that_a_weaker_mode_would_only_hide_is_an_error_even_for_auto() -> None:
    with pytest.raises(AccessDenied):
        tuned_model_failing(AccessDenied("no")).answer(question=ASKS_FOR_ALL)


@pytest.mark.parametrize("port", ["retriever", "tuned_models"])
def test_a_lacking_permission_never_degrades(port: str) -> None:
    world = World()
    getattr(world, port).failures = [AccessDenied("no")]

    with pytest.raises(AccessDenied):
        world.answer(question=ASKS_FOR_ALL)


def test_a_model_published_in_the_meantime_is_found_once_the_old_one_is_gone() -> None:
    world = tuned_model_failing(ModelNotFound("gone"))
    world.tuned_models.fresh = RETRAINED
    answer = world.answer(mode=Mode.FINE_TUNED)

    assert (answer.mode, answer.model, answer.degraded) == (Mode.FINE_TUNED, RETRAINED.model, [])
    assert world.tuned_models.reads == [False, True]


def test_a_request_costs_at_most_two_calls_of_the_tuned_model_and_one_of_the_base_model() -> None:
    world = tuned_model_failing(ModelNotReady("loading"))
    world.answer(mode=Mode.FINE_TUNED, degrade=True)

    assert [call.model for call in world.model.calls] == [TUNED.model, TUNED.model, BASE]


def test_the_base_model_gets_two_attempts_when_it_was_asked_for() -> None:
    world = World(model=FakeModel(failures=[Throttled("slow down")]))

    assert world.answer(mode=Mode.BASE).text == "an answer"
    assert len(world.model.calls) == 2


def test_a_slow_model_is_called_once() -> None:
    world = World(model=FakeModel(failures=[DeadlineExceeded("too slow")]))

    with pytest.raises(DeadlineExceeded):
        world.answer(mode=Mode.BASE)
    assert len(world.model.calls) == 1


def test_calls_get_the_time_that_is_left() -> None:
    world = World()
    world.answer(mode=Mode.BASE, seconds=1.5)

    assert world.model.timeouts == [1.5]


def test_the_requests_output_limit_wins_over_the_deployments() -> None:
    world = World()
    world.answer(mode=Mode.BASE)
    world.answer(mode=Mode.BASE, limits=Limits(max_output_tokens=7))

    assert [call.max_output_tokens for call in world.model.calls] == [512, 7]


def test_a_cost_limit_shortens_the_output() -> None:
    world = World()
    world.answer(mode=Mode.BASE, limits=Limits(max_cost_usd=0.0008))

    assert 0 < world.model.calls[0].max_output_tokens < 512


def test_an_answer_that_may_cost_too_much_is_never_begun() -> None:
    world = World()

    with pytest.raises(CostLimitExceeded):
        world.answer(mode=Mode.RAG, limits=Limits(max_cost_usd=0.0001))
    assert world.model.calls == []


def test_a_schema_reaches_the_model_only_for_json() -> None:
    world = World(model=FakeModel(text='{"days": 84}'))
    schema = {"type": "object", "properties": {"days": {"type": "number"}}}
    for wanted in (Format(), Format("json"), Format("json", schema)):
        world.answer(mode=Mode.BASE, format=wanted)

    assert [call.schema for call in world.model.calls] == [None, {"type": "object"}, schema]


def test_an_empty_search_with_a_filter_says_that_the_filter_may_be_why() -> None:
    filtered = Retrieval(filter={"equals": {"key": "team", "value": "desk"}})

    with pytest.raises(KnowledgeBaseEmpty, match=r"that pass the filter .* Compare its names and values"):
        World(retriever=FakeRetriever(passages=())).answer(mode=Mode.RAG, retrieval=filtered)
