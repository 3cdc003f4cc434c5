"""What answers and what answered before move together, and two callers at once end as if one came second."""

import pytest

from arbiter.tuned_models.service.pointer import MalformedPointerError, TunedModel
from arbiter.tuned_models.service.promotion import (
    ConcurrentWrite,
    NothingToRollBackTo,
    Pointer,
    PointerMoved,
    Version,
    move,
    named,
)


def model(run: str) -> TunedModel:
    return TunedModel(f"arn:deployment/{run}", f"arn:model/{run}", "amazon.nova-micro-v1:0:128k", run)


A, B, C = map(model, "abc")


class History:
    """A parameter with every value it ever had; `meanwhile` are what somebody else writes, one before each writing."""

    def __init__(self, pointer: Pointer, *meanwhile: Pointer) -> None:
        self.texts = [pointer.dump()]
        self.meanwhile = [one.dump() for one in meanwhile]

    def read(self, number: int | None = None) -> Version:
        number = number or len(self.texts)
        return Version(self.texts[number - 1], number)

    def write(self, text: str) -> int:
        if self.meanwhile:
            self.texts.append(self.meanwhile.pop(0))
        self.texts.append(text)
        return len(self.texts)

    @property
    def pointer(self) -> Pointer:
        return Pointer.parse(self.texts[-1])


@pytest.mark.parametrize("pointer", [Pointer(), Pointer(A), Pointer(A, B), Pointer(None, A)])
def test_a_text_is_read_as_it_was_written(pointer: Pointer) -> None:
    assert Pointer.parse(pointer.dump()) == pointer


def test_a_fresh_deployment_points_to_nothing() -> None:
    assert Pointer.parse("none") == Pointer()
    assert Pointer().dump() == "none"


def test_a_previous_model_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedPointerError, match="lacks custom_model"):
        Pointer.parse(A.dump()[:-1] + ',"previous":{"model":"arn:deployment","base_model":"b","run":"r"}}')


def test_promotion_keeps_what_answered() -> None:
    assert Pointer(A).promote(B) == Pointer(B, A)


def test_promotion_after_a_rollback_to_nothing_keeps_what_answered_last() -> None:
    assert Pointer(None, A).promote(B) == Pointer(B, A)
    assert Pointer(None, A).promote(A) == Pointer(A, None)


def test_rolling_back_twice_returns() -> None:
    assert Pointer(B, A).roll_back() == Pointer(A, B)
    assert Pointer(B, A).roll_back().roll_back() == Pointer(B, A)
    assert Pointer(A).roll_back() == Pointer(None, A)


def test_a_rollback_that_is_repeated_after_a_lost_reply_changes_nothing() -> None:
    once = Pointer(B, A).roll_back("b")
    assert once.roll_back("b") == once == Pointer(A, B)


def test_a_rollback_to_none_keeps_what_answered_and_is_not_taken_twice() -> None:
    once = Pointer(B, A).roll_back("b", to_none=True)
    assert once == Pointer(None, B)
    assert once.roll_back("b", to_none=True) == once.roll_back(to_none=True) == once
    assert once.roll_back() == Pointer(B, None)


def test_a_rollback_of_what_is_not_in_service_is_refused() -> None:
    with pytest.raises(PointerMoved, match="run b is not in service any more, but c"):
        Pointer(C, A).roll_back("b")


def test_there_must_be_something_to_roll_back_to() -> None:
    with pytest.raises(NothingToRollBackTo):
        Pointer().roll_back()


def test_only_the_previous_model_is_forgotten() -> None:
    assert Pointer(B, A).forget("a") == Pointer(B)
    assert Pointer(B, A).forget("b") == Pointer(B, A)
    assert Pointer(None, A).forget("a") == Pointer()


def test_the_pointers_are_told_by_name() -> None:
    assert named(C.dump(), Pointer(B, A).dump()) == {"candidate": C, "in_service": B, "previous": A}
    assert named("none", "none") == {}


def test_a_move_is_one_write() -> None:
    history = History(Pointer(A))
    assert move(history, lambda pointer: pointer.promote(B)).after == Pointer(B, A)
    assert len(history.texts) == 2


def test_a_step_that_changes_nothing_writes_nothing() -> None:
    history = History(Pointer(A, B))
    assert move(history, lambda pointer: pointer.promote(A)).after == Pointer(A, B)
    assert len(history.texts) == 1


def test_what_was_overwritten_at_the_same_moment_is_taken_into_account() -> None:
    """Somebody rolls back from b to a while c is promoted: c stands before a, not before b."""
    history = History(Pointer(B, A), Pointer(A, B))
    move(history, lambda pointer: pointer.promote(C))
    assert history.pointer == Pointer(C, A)


def test_what_is_not_allowed_after_the_others_step_leaves_theirs() -> None:
    history = History(Pointer(B, A), Pointer(C, A))
    with pytest.raises(PointerMoved):
        move(history, lambda pointer: pointer.roll_back("b"))
    assert history.pointer == Pointer(C, A)


def test_who_never_comes_first_gives_way() -> None:
    others = [Pointer(A, B), Pointer(B, A)] * 2
    history = History(Pointer(B, A), *others)
    with pytest.raises(ConcurrentWrite):
        move(history, lambda pointer: pointer.promote(C))
    assert history.pointer in others


class Repeating(History):
    """A parameter whose first writing is made twice, as a client does that did not get the reply."""

    def write(self, text: str) -> int:
        if len(self.texts) == 1:
            super().write(text)
        return super().write(text)


def test_a_writing_that_was_repeated_at_the_wire_is_one_step() -> None:
    promoted, returned = Repeating(Pointer(A)), Repeating(Pointer(B, A))
    assert move(promoted, lambda pointer: pointer.promote(B)) == (Pointer(A), Pointer(B, A))
    assert move(returned, Pointer.roll_back) == (Pointer(B, A), Pointer(A, B))
    assert (promoted.pointer, returned.pointer) == (Pointer(B, A), Pointer(A, B))


def test_what_was_overwritten_before_a_repeated_writing_is_taken_into_account() -> None:
    history = Repeating(Pointer(B, A), Pointer(A, B))
    move(history, lambda pointer: pointer.promote(C))
    assert history.pointer == Pointer(C, A)
