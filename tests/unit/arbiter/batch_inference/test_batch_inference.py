"""Every request is known again by its record, finds its own reply, and is asked on demand when it has none."""

import json
from typing import Any

import pytest

from arbiter.answering.prompts import Prompt, Turn
from arbiter.answering.writer import Generation
from arbiter.batch_inference.desk import FEWEST, THREADS, Desk, job_prefix
from arbiter.batch_inference.models import Deferred, DeferringModel, RepliedModel
from arbiter.batch_inference.records import read_reply, record_id, request_record
from arbiter.evaluation.verdicts.subjects import Purpose
from arbiter.handlers.batch_records import BatchRecords
from tests.unit.arbiter.generation.fakes import MemoryObjects, ScriptedModel

MODEL = "amazon.nova-lite-v1:0"


def asked(number: int = 0, **change: Any) -> Generation:
    generation = Generation(MODEL, Prompt(("Judge.",), (Turn("user", f"Is {number} odd?"),)), 100, None, Purpose.JUDGE)
    return generation._replace(**change)


def output(record: bytes, text: str = "Yes.") -> dict[str, Any]:
    """A record of a job's output, as Converse answers."""
    output = {"message": {"role": "assistant", "content": [{"text": text}]}}
    usage = {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12}
    return {**json.loads(record), "modelOutput": {"output": output, "usage": usage, "stopReason": "end_turn"}}


def answered(desk: Desk, key: str, *, but: int = 0) -> str:
    """Answer a job's records, last first and without some; the key of its output."""
    lines = list(reversed(desk.store.read(key).splitlines()))[but:]
    texts = [json.dumps(output(line, json.loads(line)["recordId"])) for line in lines]
    desk.store.write(f"{key}.out", "\n".join(texts).encode(), content_type="")
    return f"{key}.out"


def test_a_record_is_what_converse_takes() -> None:
    record = json.loads(request_record(asked()))
    assert record["modelInput"] == {
        "system": [{"text": "Judge."}],
        "messages": [{"role": "user", "content": [{"text": "Is 0 odd?"}]}],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.0},
    }


@pytest.mark.parametrize(
    "other",
    [asked(1), asked(model="meta.other"), asked(max_output_tokens=101), asked(draw=1)],
    ids=["prompt", "model", "limit", "draw"],
)
def test_another_request_is_another_record(other: Generation) -> None:
    assert record_id(other) != record_id(asked())
    assert record_id(asked()) == record_id(asked())


def test_an_id_is_eleven_letters_and_digits() -> None:
    assert all(len(one) == 11 and one.isalnum() for one in (record_id(asked(number)) for number in range(50)))


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"recordId": "r", "error": {"errorCode": 400, "errorMessage": "too long"}}, "too long"),
        ({"recordId": "r"}, "the record has no output"),
        ({"recordId": "r", "modelOutput": {"output": {}}}, "the output is no reply of Converse"),
        (output(b'{"recordId": "r"}', ""), "the reply is empty"),
    ],
)
def test_a_failed_record_says_why_and_answers_nothing(record: dict[str, Any], why: str) -> None:
    reply = read_reply(record)
    assert (reply.completion, reply.failure) == (None, why)


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    reply = read_reply(output(b'{"recordId": "r"}', "\ud800 Yes."))
    assert reply.completion
    assert reply.completion.text == "? Yes."


@pytest.mark.parametrize("damaged", [b"{", b"\xff", b"[]", b"null", b'{"modelOutput": {}}', b"[" * 9999, b"1e999"])
def test_a_damaged_line_of_an_output_costs_no_other_ones_reply(damaged: bytes) -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    desk.ask(MODEL, "one", [asked(number) for number in range(FEWEST)])
    key = answered(desk, str(desk.merge(MODEL, "execution", FEWEST)["input_key"]))
    first, rest = desk.store.read(key).split(b"\n", 1)
    countless = json.loads(first)
    countless["modelOutput"]["usage"]["inputTokens"] = float("inf")
    lines = [json.dumps(countless).replace("Infinity", "1e999").encode(), rest, damaged]
    desk.store.write(key, b"\n".join(lines), content_type="")

    assert desk.share_out(MODEL, key) == {"asked": FEWEST, "answered": FEWEST - 1}


def test_every_item_gets_its_own_replies_and_asks_the_rest_on_demand() -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    items = {str(item): [asked(100 * item + number) for number in range(60)] for item in range(2)}
    for item, generations in items.items():
        desk.ask(MODEL, item, generations)
    merged = desk.merge(MODEL, "execution", FEWEST)
    shared = desk.share_out(MODEL, answered(desk, str(merged["input_key"]), but=7))

    assert (merged["records"], shared) == (120, {"asked": 120, "answered": 113})
    on_demand = ScriptedModel(lambda _: "on demand")
    for item, generations in items.items():
        model = RepliedModel(on_demand)
        model.load(desk.replies(MODEL, item))
        for generation in generations:
            completion = model.generate(generation, 1.0)
            assert completion.text in (record_id(generation), "on demand")
            assert completion.batch == (completion.text != "on demand")
    assert len(on_demand.calls) == 7


@pytest.mark.parametrize(("requests", "minimum", "records"), [(99, 100, 0), (100, 100, 100), (150, 200, 0)])
def test_too_few_requests_make_no_job(requests: int, minimum: int, records: int) -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    desk.ask(MODEL, "one", [asked(number) for number in range(requests)])
    assert desk.merge(MODEL, "execution", minimum)["records"] == records


def test_the_same_requests_of_an_execution_are_the_same_job_and_of_another_one_another() -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    desk.ask(MODEL, "one", [asked(number) for number in range(FEWEST)])
    first, again, other = (desk.merge(MODEL, execution, 1)["job_name"] for execution in ("e", "e", "f"))

    assert first == again != other
    assert str(first).startswith(job_prefix("e"))


def test_what_a_job_replied_that_nobody_read_is_not_asked_again() -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    desk.ask(MODEL, "one", [asked(number) for number in range(2 * FEWEST)])
    answered(desk, str(desk.merge(MODEL, "stopped", FEWEST)["input_key"]), but=FEWEST)

    assert desk.merge(MODEL, "again", FEWEST)["records"] == FEWEST
    assert len(desk.replies(MODEL, "one")) == FEWEST


def test_more_items_than_are_read_at_once_get_their_replies() -> None:
    desk, items = Desk(MemoryObjects("results"), "runs/r/"), 21 * THREADS
    for number in range(items):
        desk.ask(MODEL, str(number), [asked(number)])
    merged = desk.merge(MODEL, "execution", FEWEST)

    assert (merged["records"], len({*desk.store.read(str(merged["input_key"])).splitlines()})) == (items, items)
    assert desk.share_out(MODEL, answered(desk, str(merged["input_key"]))) == {"asked": items, "answered": items}
    assert all(len(desk.replies(MODEL, str(number))) == 1 for number in range(items))


def test_what_an_item_does_not_ask_any_more_is_not_asked() -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    desk.ask(MODEL, "one", [asked(number) for number in range(FEWEST)])
    desk.ask(MODEL, "one", [])
    assert desk.merge(MODEL, "execution", FEWEST) == {"records": 0, "asked": 0}


def test_replies_of_an_earlier_job_are_kept() -> None:
    desk = Desk(MemoryObjects("results"), "runs/r/")
    for start in (0, FEWEST):
        desk.ask(MODEL, "one", [asked(start + number) for number in range(FEWEST)])
        desk.share_out(MODEL, answered(desk, str(desk.merge(MODEL, f"e{start}", FEWEST)["input_key"])))
    assert len(desk.replies(MODEL, "one")) == 2 * FEWEST


def test_only_the_model_whose_turn_it_is_has_its_requests_written_down() -> None:
    model = DeferringModel(MODEL, {"meta.before": ScriptedModel(lambda _: "before")})
    for generation in (asked(), asked(), asked(model="meta.after")):
        with pytest.raises(Deferred):
            model.generate(generation, 1.0)
    completion = model.generate(asked(model="meta.before"), 1.0)

    assert list(model.asked.values()) == [asked()]
    assert [reply.completion for reply in model.replies] == [completion]


@pytest.mark.parametrize("run", ["../other", "a/b", ""])
def test_a_run_that_is_no_name_touches_nothing(run: str) -> None:
    objects = MemoryObjects("results")
    with pytest.raises(ValueError, match="is no name of a run"):
        BatchRecords(objects, "evaluations/", 100).work({"run": run, "model": MODEL, "execution": "arn:one"})
    assert not objects.contents
