"""Answers may come from batch inference: what a job is asked is what would be asked on demand, and nothing is lost."""

import json
from typing import Any

import pytest

from arbiter.answering.prompts import Passage
from arbiter.batch_inference.desk import Desk
from arbiter.costs.prices import Prices, in_batch
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.errors import Throttled
from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.condensed import condense, dump, load
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.run.throttling import ATTEMPTS
from arbiter.evaluation.summary.summary import summarise
from arbiter.modes import Mode
from bench.synthetic_plan import document
from tests.unit.arbiter.answering import router_fakes
from tests.unit.arbiter.answering.router_fakes import TUNED
from tests.unit.arbiter.evaluation.answers.test_case_answers import CASES, FINE_TUNED, World
from tests.unit.arbiter.evaluation.engine_fakes import BASE, RAG

MODEL, OTHER = router_fakes.BASE, "amazon.nova-lite-v1:0"
PRICES = {in_batch(MODEL): {"input_per_1k": 0.0005, "output_per_1k": 0.001}}


class BatchWorld(World):
    """The same with batch inference."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**{"batch_answers": True, "base_model": MODEL, **changes}, prices=router_fakes.PRICES | PRICES)
        self.desk = Desk(self.bucket, "evaluations/r/", fewest=1)

    def asked(self, model: str = MODEL) -> list[dict[str, Any]]:
        """The questions that a job of the model would be asked now."""
        merged = self.desk.merge(model, "e", 0)
        lines = self.bucket.contents[str(merged["input_key"])].splitlines() if merged["records"] else []
        return [json.loads(line) for line in lines]

    def job(self, model: str = MODEL, *, but: int = 0) -> int:
        """Answer what a model is asked, all but some; how many requests there were."""
        asked = self.asked(model)
        output = {
            "output": {"message": {"content": [{"text": "of a job"}]}},
            "usage": {"inputTokens": 1000, "outputTokens": 100},
            "stopReason": "end_turn",
        }
        out = [json.dumps({**record, "modelOutput": output}) for record in asked[but:]]
        self.bucket.contents["out"] = "\n".join(out).encode()
        self.desk.share_out(model, "out")
        return len(asked)


def test_a_job_is_asked_what_would_be_asked_on_demand() -> None:
    world = BatchWorld()
    assert world.answer(defer=True)
    assert (world.model.calls, world.records()) == ([], {})
    told = [(one["modelInput"]["system"], one["modelInput"]["messages"]) for one in world.asked()]
    world.answer()
    prompts = [call.prompt for call in world.model.calls]
    expected = [
        ([{"text": text} for text in p.system], [{"role": t.role, "content": [{"text": t.text}]} for t in p.turns])
        for p in prompts
    ]
    assert sorted(map(str, told)) == sorted(map(str, expected))
    assert len(told) == len(CASES) * 2


def test_answers_come_from_the_job_and_the_rest_on_demand() -> None:
    world = BatchWorld()
    world.answer(defer=True)
    assert world.job(but=1) == 6
    assert world.answer()
    found = world.records().values()
    of_job = [one for one in found if one.get("asked") == "batch"]
    assert (len(of_job), len(found), len(world.model.calls)) == (5, 6, 1)
    for one in of_job:
        response = one["response"]
        assert (response["answer"], response["usage"]["input_tokens"]) == ("of a job", 1000)
        assert response["latency_ms"] == {"route": 0.0, "retrieve": 0.0, "generate": None, "total": None}
        question = estimated_tokens(one["case"]["question"])
        searched = 2 * (Prices(router_fakes.PRICES).search.cost(question) or 0) if one["arm"] == "rag" else 0.0
        assert response["cost_usd"] == pytest.approx(0.0006 + searched)
        assert (response["citations"] != []) == (one["arm"] == "rag")
    (on_demand,) = [one for one in found if "asked" not in one]
    assert (on_demand["response"]["answer"], on_demand["response"]["latency_ms"]["total"]) == ("an answer", 0.0)


def test_the_price_of_a_job_is_unknown_where_only_that_on_demand_is_known() -> None:
    world = BatchWorld(arms=(Arm("other", Mode.BASE, OTHER), BASE))
    world.answer(defer=True)
    assert (world.job(OTHER), world.job(MODEL)) == (3, 3)
    world.answer()
    costs = {name.split("/")[1]: one["response"]["cost_usd"] for name, one in world.records().items()}
    assert costs == {"other": None, "base": pytest.approx(0.0006)}


SHAPED = {"format": {"type": "json", "schema": {"type": "object", "required": ["answer"]}}}


@pytest.mark.parametrize("mended", ['{"answer": "two metres"}', "no JSON"])
def test_a_reply_of_a_job_has_its_price_also_where_the_answer_fails_or_is_mended_on_demand(mended: str) -> None:
    world = BatchWorld(arms=(Arm("shaped", Mode.BASE, asked=SHAPED),), cases=CASES[:1])
    world.answer(defer=True)
    assert world.job() == 1
    world.model.text = mended
    world.answer()
    on_demand = Prices(router_fakes.PRICES).of(MODEL)
    assert on_demand
    spent = pytest.approx(0.0006 + on_demand.cost(Usage(100, 10)))
    record = world.records()["c0/shaped"]
    if "error" in record:
        assert (record["error"]["code"], record["failed_usd"], mended) == ("bad_model_output", spent, "no JSON")
    else:
        assert (record["asked"], record["response"]["cost_usd"], record["failed_usd"]) == ("batch", spent, 0.0)
        assert record["response"]["latency_ms"]["total"] is None, "nobody waited for the job"


def test_tuned_models_are_never_asked_in_a_job() -> None:
    world = BatchWorld(arms=(BASE, FINE_TUNED), tuned={"in_service": TUNED._asdict()})
    world.answer(defer=True)
    assert (world.job(), world.asked(TUNED.model)) == (3, [])
    world.answer()
    assert {call.model for call in world.model.calls} == {TUNED.model}
    alone = BatchWorld(arms=(FINE_TUNED,), tuned={"in_service": TUNED._asdict()})
    assert alone.answer(defer=True)
    assert alone.model.calls == []


def test_a_technique_whose_searches_a_model_plans_is_asked_on_demand() -> None:
    world = BatchWorld(arms=(BASE, RAG._replace(name="parts", retrieval={"strategy": "multi_step"})))
    world.answer(defer=True)
    assert world.job() == len(CASES), "of the other technique"
    world.answer()
    assert [call.mode.value for call in world.model.calls] == ["split", "rag"] * len(CASES)
    traced = [one["response"].get("trace", []) for name, one in world.records().items() if name.endswith("/parts")]
    assert [step["step"] for step in traced[0]] == ["split", "search", "search"]


def test_what_is_answered_or_replied_already_is_not_deferred_again() -> None:
    world = BatchWorld(arms=(BASE,))
    world.answer(defer=True)
    world.job(but=1)
    world.answer(defer=True)
    assert len(world.asked()) == 1
    world.answer()
    world.answer(defer=True)
    assert world.asked() == []


def test_a_question_whose_passages_have_changed_is_asked_on_demand() -> None:
    world = BatchWorld(arms=(RAG,))
    world.answer(defer=True)
    world.job()
    world.retriever.by_text = {CASES[0]["question"]: [Passage("Another.", "s3://docs/c.md", 0.9)]}
    world.answer()
    asked = {name: one.get("asked") for name, one in world.records().items()}
    assert asked == {"c0/rag": None, "c1/rag": "batch", "c2/rag": "batch"}


def test_a_run_without_batch_answers_reads_no_reply() -> None:
    world = BatchWorld(arms=(BASE,))
    world.answer(defer=True)
    world.job()
    key = "evaluations/r/run.json"
    world.bucket.contents[key] = world.bucket.contents[key].replace(b'"batch_answers": true', b'"batch_answers": false')
    world.answer()
    assert len(world.model.calls) == 3


def test_what_cannot_be_prepared_is_asked_on_demand_and_recorded_there(capsys: pytest.CaptureFixture[str]) -> None:
    world = BatchWorld(arms=(RAG,))
    world.retriever.failures = [ZeroDivisionError("defect")]  # type: ignore[list-item]
    assert world.answer(defer=True)
    assert (world.job(), "ZeroDivisionError" in capsys.readouterr().out) == (2, True)
    world.answer()
    assert ["asked" in one for _, one in sorted(world.records().items())] == [False, True, True]


def test_throttling_of_what_retrieves_is_the_state_machines_and_at_last_leaves_out() -> None:
    world = BatchWorld(arms=(RAG,))
    world.retriever.failures = [Throttled("slow")] * 2 * ATTEMPTS
    with pytest.raises(Throttled):
        world.answer(defer=True)
    assert world.answer(defer=True, last=True)
    assert len(world.asked()) == 2


def test_a_summary_times_no_answer_of_a_job() -> None:
    world = BatchWorld()
    world.answer(defer=True)
    world.job(but=1)
    world.answer()
    answers = [extraction.answer(one) for one in world.records().values()]
    plan = Plan.load(document("r", ["base", "rag"], []))
    rows = summarise(plan, {case["id"]: () for case in CASES}, answers)["arms"]
    assert sorted(row["in_batch"] for row in rows) == [2, 3]
    for row in rows:
        timed = row["latency_ms"]["total"] is not None
        assert (timed, row["latency_ms"]["generate"] is not None) == (row["in_batch"] == 2, row["in_batch"] == 2)
    numbers = condense(list(world.records()), list(world.records().values()), [], [])
    assert load(dump(numbers, "s"), "s") == numbers
