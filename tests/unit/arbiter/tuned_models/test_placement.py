"""A candidate never displaces what is in service or kept for a rollback, and another candidate only at last."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arbiter.tuned_models.hosting.placement import NoSlot, Placement, Slot, place
from arbiter.tuned_models.service.pointer import TunedModel

NAMES = ("slot-1", "slot-2", "slot-3")


def slot(number: int, model: str = "old", status: str = "Active", coming: str | None = None) -> Slot:
    return Slot(f"slot-{number}", f"arn:{number}", model, status, coming)


def slots(*known: Slot) -> dict[str, Slot]:
    return {one.name: one for one in known}


def pointing(**numbers: int) -> dict[str, TunedModel]:
    return {pointer: TunedModel(f"arn:{n}", f"model-{n}", "base", f"run-{n}") for pointer, n in numbers.items()}


def test_the_first_candidate_makes_the_first_slot() -> None:
    assert place("new", NAMES, {}, {}) == Placement("create", "slot-1")


def test_a_free_slot_is_updated_before_another_is_made() -> None:
    assert place("new", NAMES, slots(slot(1), slot(2)), pointing(in_service=1)) == Placement(
        "update", "slot-2", "arn:2"
    )


def test_a_slot_that_serves_the_model_already_is_kept() -> None:
    found = slots(slot(1), slot(2), slot(3, "new"))
    assert place("new", NAMES, found, pointing(in_service=1)) == Placement("keep", "slot-3", "arn:3")


def test_the_candidate_stays_as_long_as_there_is_another_slot() -> None:
    found = slots(slot(1), slot(2))
    assert place("new", NAMES, found, pointing(in_service=1, candidate=2)) == Placement("create", "slot-3")


def test_the_candidate_is_withdrawn_when_its_slot_is_the_last() -> None:
    found = slots(slot(1), slot(2), slot(3))
    expected = Placement("update", "slot-3", "arn:3", withdraws=True)
    assert place("new", NAMES, found, pointing(in_service=1, previous=2, candidate=3)) == expected


@pytest.mark.parametrize("busy", [slot(3, status="Creating"), slot(3, status="Failed"), slot(3, coming="other")])
def test_a_slot_that_is_not_ready_is_left_alone(busy: Slot) -> None:
    found = slots(slot(1), slot(2), busy)
    with pytest.raises(NoSlot, match=r"slot-1 is in service or kept for a rollback; .*slot-3 is "):
        place("new", NAMES, found, pointing(in_service=1, previous=2))


numbers = st.sampled_from([1, 2, 3])
states = st.sampled_from(["Active", "Creating", "Failed"])


@settings(deadline=None)
@given(
    st.dictionaries(numbers, st.tuples(states, st.sampled_from(["old", "new"]))),
    st.dictionaries(st.sampled_from(["in_service", "previous", "candidate"]), numbers),
)
def test_what_answers_or_answered_is_never_touched(known: dict[int, tuple[str, str]], named: dict[str, int]) -> None:
    found = slots(*(slot(n, model, status) for n, (status, model) in known.items()))
    pointers = pointing(**named)
    try:
        placement = place("new", NAMES, found, pointers)
    except NoSlot:
        return
    kept = {model.model for pointer, model in pointers.items() if pointer != "candidate"}
    assert placement.arn not in kept
    assert (placement.name in found) == (placement.action != "create")
    candidate = pointers["candidate"].model if "candidate" in pointers else None
    assert placement.withdraws == (placement.action == "update" and placement.arn == candidate)
