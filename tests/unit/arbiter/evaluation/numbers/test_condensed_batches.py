"""A defect costs its own verdict or case alone; a judged batch is kept in numbers that say what its records say."""

import pytest

from arbiter.answering.writer import Generation
from arbiter.evaluation.numbers.reading import Reading
from arbiter.evaluation.run.keys import answer_key
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES, either
from tests.unit.arbiter.evaluation.verdicts.world import CASES, World


def test_a_defect_at_one_verdict_is_that_verdicts_failure_and_loses_no_other() -> None:
    world = World()
    broken = iter([True])

    def breaks_once(generation: Generation) -> str:
        if next(broken, False):
            raise ZeroDivisionError("nobody expected this")
        return either(generation)

    world.models[JUDGES[1]].always = breaks_once
    assert world.judge()
    verdicts = [verdict for record in world.records().values() for verdict in record]
    assert [v["failure"]["code"] for v in verdicts if "failure" in v] == ["internal"]
    assert len([v for v in verdicts if "score" in v]) == 11
    asked = world.asked
    assert world.judge(retry_failed=False)
    assert world.asked == asked
    assert world.judge()
    assert world.asked == asked + 1


def test_a_case_that_cannot_be_judged_at_all_costs_no_other_its_verdicts() -> None:
    world = World()
    world.bucket.contents[answer_key("r", "c0", "rag")] = b'{"case": {"id": "c0"}, "arm": "rag", "response": {}}'
    with pytest.raises(KeyError):
        world.judge()
    assert world.records().keys() == {f"c{number}/{arm}" for number in (1, 2) for arm in ("base", "rag")}
    assert not any("/condensed/" in key for key in world.bucket.contents)


def test_a_judged_batch_is_kept_in_numbers_that_say_what_its_records_say() -> None:
    world = World(pairwise=True, start="first")
    world.answered(CASES[0], "base", error={"code": "throttled", "message": "…", "retryable": True})
    world.judge()
    reading = Reading(world.bucket)
    (batch,) = reading.condensed("r", "first")
    assert batch.cases == ("c0", "c1", "c2")
    from_records = Reading(world.bucket).numbers("r", "", batch.cases)
    assert [sorted(part) for part in batch[1:]] == [sorted(part) for part in from_records]
    # Numbers of an earlier start may be out of date.
    assert list(reading.condensed("r", "second")) == list(reading.condensed("r", "")) == []


def test_only_what_was_not_condensed_is_read_from_the_records() -> None:
    world = World(start="first")
    world.judge()
    world.bucket.contents[answer_key("r", "c0", "base")] = b"not looked at"
    world.answered({"id": "late", "question": "?"}, "base")
    reading = Reading(world.bucket)
    numbers = reading.numbers("r", "first", ["c0", "c1", "c2", "late"])
    assert (len(numbers.answers), reading.unreadable) == (7, [])


def test_a_batch_that_is_judged_again_and_interrupted_is_read_from_its_records() -> None:
    world = World(start="first")
    world.answered(CASES[0], "base", error={"code": "throttled", "message": "…", "retryable": True})
    world.judge()
    # Another execution of the run, or a call that came twice, adds to the records and ends before the batch does.
    world.answered(CASES[0], "base")
    world.bucket.contents[answer_key("r", "c2", "rag")] = b'{"case": {"id": "c2"}, "arm": "rag", "response": {}}'
    with pytest.raises(KeyError):
        world.judge()
    numbers = Reading(world.bucket).numbers("r", "first", ["c0", "c1", "c2"])
    assert {one.failure for one in numbers.answers} == {None}
    assert ("c0", "base") in {(one.case, one.arm) for one in numbers.verdicts}
