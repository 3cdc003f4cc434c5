"""Replies that broke off: a budget never keeps less than they may have cost."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from arbiter.answering.prompts import Prompt, Turn
from arbiter.answering.request import Features, parse_request
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.streaming.converse import StreamingConverseModel
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage, most_tokens
from arbiter.edge.bounds import most_of
from arbiter.edge.budgets import PICO, Budget, Spent, pico
from arbiter.edge.errors import BrokenOff
from arbiter.edge.front import respond_to
from arbiter.edge.streaming.delivery import Events, StreamedCall
from arbiter.errors import ArbiterError, ModelError
from arbiter.guarding.assessment import Assessed
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import BASE, PRICES, settings
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld
from tests.unit.arbiter.edge.streams import ASKED, TEXT, WHOLE_ENDS, Bedrock, Outlet, Stream, ask, events

GUARDRAIL = "arn:aws:bedrock:us-east-1:1:guardrail/a:1"
POLICIES = {"content_per_1k": 0.15, "topics_per_1k": 0.15, "sensitive_per_1k": 0.10}
MICRO = {"input_per_1k": 0.000035, "output_per_1k": 0.00014}
REASONER = "openai.gpt-oss-120b-1:0"
CUT = EventStreamError({"Error": {"Code": "throttlingException", "Message": "cut"}}, "ConverseStream")


def reasoning(**content: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": content}}}


def spent(world: EdgeWorld) -> Spent:
    (digest,) = world.table.keys
    return world.table.of(digest)


@pytest.mark.parametrize("budget", [Budget(usd=5.0), Budget()])
@pytest.mark.parametrize("slow", [False, True])
def test_who_hangs_up_or_runs_out_of_time_pays_what_a_guardrail_bills(budget: Budget, slow: bool) -> None:
    world = EdgeWorld(settings=settings(prices={BASE: MICRO, "guardrail": POLICIES, "search": PRICES["search"]}))
    question = "x" * 20_000
    screening = Assessed(units=dict.fromkeys(POLICIES, 20)).cost(Prices(world.settings.prices).guardrail)
    stream = Stream(events(*TEXT)[:4], silent=slow)
    ask(world, Bedrock([stream]), world.key(budget=budget), guardrail=GUARDRAIL,
        outlet=Outlet(leaves_after=None if slow else 2), messages=[{"role": "user", "content": question}],
        arbiter={"limits": {"max_latency_ms": 150}})  # fmt: skip

    assert screening is not None
    assert spent(world).pico > pico(screening)


@pytest.mark.parametrize(
    ("model", "guardrail", "came", "written"),
    [
        (REASONER, None, [reasoning(redactedContent=b"x" * 9)] * 5, 4_096 + 512),
        (REASONER, None, [reasoning(text="Hm.")], 4_096 + 3),
        (REASONER, None, [], 4_096),
        (BASE, None, [reasoning(redactedContent=b"x")], 512),
        (BASE, GUARDRAIL, [reasoning(text="Hm.")], 512),
        (BASE, None, [reasoning(text="Hm.")], 3),
    ],
)
def test_tokens_that_were_written_and_did_not_come_are_counted(
    model: str, guardrail: str | None, came: list[dict[str, Any]], written: int
) -> None:
    bedrock: Any = Bedrock([Stream([events()[0], *came], CUT)])
    generation = Generation(model, Prompt((), (Turn("user", "How early?"),)), 512, None, Mode.BASE)
    with pytest.raises(BrokenOff) as broken:
        StreamingConverseModel(bedrock, guardrail).stream(generation, 1.0, lambda _: None)

    assert broken.value.usage.output_tokens == written


def test_a_model_that_is_silent_until_the_time_is_over_keeps_the_reservation() -> None:
    world, budget = EdgeWorld(), Budget(usd=1.0, tokens=50_000)
    limits = {"max_latency_ms": 150}
    reply, _ = ask(world, Bedrock([Stream(events()[:1], silent=True)]), world.key(budget=budget),
                   arbiter={"limits": limits})  # fmt: skip
    asked = parse_request({"question": "How early?", "mode": "base", "limits": limits}, Features())

    assert reply["statusCode"] == 504
    assert spent(world) == most_of(asked, world.settings, budget)


def test_a_reply_that_broke_off_and_the_answer_after_it_are_both_in_the_ledger() -> None:
    world, question = EdgeWorld(), "x" * 2_000
    most = most_of(parse_request({"question": question, "mode": "base"}, Features()), world.settings, Budget(usd=1.0))
    key, answer = world.key(budget=Budget(usd=(most.pico + 1) / PICO)), events("84 days")
    answer[-1]["metadata"]["usage"] = {"inputTokens": 2_000, "outputTokens": 10, "totalTokens": 2_010}
    _, outlet = ask(world, Bedrock([Stream(events(*TEXT)[:2], CUT), Stream(answer)]), key,
                    messages=[{"role": "user", "content": question}])  # fmt: skip

    assert outlet.text == "84 days"
    assert spent(world).pico > most.pico
    assert world.chat(key, messages=[{"role": "user", "content": "?"}]).status == 429


class Torn:
    """A model that takes every token it may, while it is heard, and now and then breaks off or is killed with its
    function."""

    def __init__(self) -> None:
        self._chance, self._lock, self.taken = Random(1), Lock(), 0

    def stream(self, generation: Generation, timeout: float, on_piece: Callable[[str], object]) -> Completion:
        usage = Usage(most_tokens(generation.prompt.texts()), generation.max_output_tokens)
        with self._lock:
            chance = self._chance.random()
            self.taken += sum(usage)
        try:
            for number, piece in enumerate(TEXT):
                on_piece(piece)
                if number == 2 and chance < 0.1:
                    raise ModelError("cut")
                if number == 2 and chance < 0.15:
                    raise SystemExit
        except ArbiterError as error:
            raise BrokenOff(error, usage) from error
        return Completion("".join(TEXT), "end_turn", usage)


def test_sixty_four_parallel_streams_that_break_off_hang_up_or_are_killed_cannot_overspend_by_a_token() -> None:
    world, model, chance = EdgeWorld(deliver=Events), Torn(), Random(2)
    world.model = model  # type: ignore[assignment]
    world.table.fault = lambda operation: chance.choice(("before", "after")) if chance.random() < 0.1 else None
    request = parse_request({"question": "How early?", "mode": "base"}, Features())
    budget = Budget(tokens=20 * most_of(request, world.settings, Budget(tokens=1)).tokens + 17)
    headers = {"Authorization": f"Bearer {world.key(budget=budget)}"}

    def listen(number: int) -> str:
        path, outlet = list(ASKED)[number % len(ASKED)], Outlet(leaves_after=number % 4 or None)
        body = json.dumps({**ASKED[path], "stream": True})
        event = {"httpMethod": "POST", "resource": path, "headers": headers, "body": body}
        try:
            status = respond_to(StreamedCall(event, None, outlet), world.front, world.lines.append)["statusCode"]
        except SystemExit:
            return "killed"
        return "whole" if any(end in "".join(outlet.parts) for end in WHOLE_ENDS) else str(status)

    with ThreadPoolExecutor(64) as callers:
        ended = set(callers.map(listen, range(256)))

    assert budget.tokens is not None
    assert model.taken <= spent(world).tokens <= world.table.highest <= budget.tokens
    assert {"whole", "429"} <= ended <= {"whole", "killed", "200", "429", "503"}
