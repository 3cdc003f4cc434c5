"""Verdicts of batch inference."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import RepliedModel
from arbiter.batch_inference.records import Reply
from arbiter.evaluation.verdicts.panel import Judge
from tests.unit.arbiter.evaluation.engine_fakes import (
    JUDGES,
    ScriptedModel,
    grades,
    judge,
)
from tests.unit.arbiter.evaluation.verdicts.world import World, whose


class BatchWorld(World):
    """The same with batch inference."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**changes)
        self.replied = {name: RepliedModel(self.models[name]) for name in JUDGES}
        self.judging = replace(self.judging, replied=SharedReplies(self.replied))

    def judge_named(self, name: str) -> Judge:
        return self._judges.setdefault(name, judge(self.replied[name], name, self.slept))


class SharedReplies(RepliedModel):
    """The deployed function has one model for all judges; here each has its own."""

    def __init__(self, models: dict[str, RepliedModel]) -> None:
        super().__init__(ScriptedModel())
        self._models = models

    def load(self, replies: Iterable[Reply]) -> None:
        known = list(replies)
        for model in (super(), *self._models.values()):
            model.load(known)


def converse_output(line: bytes) -> dict[str, Any]:
    text = grades(grounded=b"<passages>" in line)
    usage = {"inputTokens": 1000, "outputTokens": 100}
    return {"output": {"message": {"content": [{"text": text}]}}, "stopReason": "end_turn", "usage": usage}


def replied(world: BatchWorld, judge_name: str, *, but: int = 0) -> int:
    """Answer what a judge was asked, all but some; how many requests there were."""
    desk = Desk(world.bucket, "evaluations/r/", fewest=1)
    key = str(desk.merge(judge_name, "e", 0).get("input_key"))
    lines = world.bucket.contents[key].splitlines()
    out = [json.dumps({**json.loads(line), "modelOutput": converse_output(line)}) for line in lines[but:]]
    world.bucket.contents["out"] = "\n".join(out).encode()
    desk.share_out(judge_name, "out")
    return len(lines)


def test_verdicts_come_from_batch_inference_and_the_rest_on_demand() -> None:
    world = BatchWorld(repeat=2)
    assert world.judge(defer=True)
    assert (world.asked, world.records()) == (0, {})

    first, second = JUDGES
    assert replied(world, first) == replied(world, second, but=1) == 12
    assert world.judge()
    assert (len(world.models[first].asked), len(world.models[second].asked)) == (0, 1)
    for verdicts in world.records().values():
        assert whose(verdicts) == [(first, 0), (first, 1), (second, 0), (second, 1)]
        # The price of batch inference is not known here, and is not guessed from another one.
        assert {verdict["cost_usd"] for verdict in verdicts if verdict["usage"]["input_tokens"] == 1000} == {None}


def test_what_is_judged_or_replied_already_is_not_deferred_again() -> None:
    world = BatchWorld()
    world.judge(defer=True)
    replied(world, JUDGES[0])
    world.judge(defer=True)

    assert [Desk(world.bucket, "evaluations/r/", fewest=1).merge(name, "e", 0)["asked"] for name in JUDGES] == [0, 6]
    world.judge()
    world.judge(defer=True)
    assert [Desk(world.bucket, "evaluations/r/", fewest=1).merge(name, "e", 0)["asked"] for name in JUDGES] == [0, 0]
