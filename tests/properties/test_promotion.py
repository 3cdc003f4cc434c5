"""However promotions and rollbacks follow each other, what answered last is never lost."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer, Version, move

MODELS = st.sampled_from("abc").map(lambda run: TunedModel(f"arn:d/{run}", f"arn:m/{run}", "base", run))


class Parameter:
    """A parameter that remembers its values."""

    def __init__(self) -> None:
        self.texts = ["none"]

    def read(self, number: int | None = None) -> Version:
        number = number or len(self.texts)
        return Version(self.texts[number - 1], number)

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts)


class Promotions(RuleBasedStateMachine):
    """Any order of moves."""

    def __init__(self) -> None:
        super().__init__()
        self.parameter = Parameter()
        self.answered: list[TunedModel] = []
        """Models in the order in which they went into service."""

    @property
    def pointer(self) -> Pointer:
        return Pointer.parse(self.parameter.texts[-1])

    def served(self) -> None:
        now = self.pointer.in_service
        if now and (not self.answered or self.answered[-1] != now):
            self.answered.append(now)

    @rule(model=MODELS)
    def promote(self, model: TunedModel) -> None:
        before, writes = self.pointer, len(self.parameter.texts)
        moved = move(self.parameter, lambda pointer: pointer.promote(model))
        assert moved.after.in_service == model
        assert moved.before == before
        assert len(self.parameter.texts) == writes + (before.in_service != model), "one write, or none"
        if before.in_service and before.in_service != model:
            assert moved.after.previous == before.in_service
        again = move(self.parameter, lambda pointer: pointer.promote(model))
        assert again.before == again.after == moved.after
        self.served()

    @precondition(lambda self: self.pointer != Pointer())
    @rule()
    def roll_back(self) -> None:
        before, writes = self.pointer, len(self.parameter.texts)
        seen = before.in_service.run if before.in_service else None
        move(self.parameter, lambda pointer: pointer.roll_back(seen))
        assert self.pointer == Pointer(before.previous, before.in_service)
        assert len(self.parameter.texts) == writes + 1, "one write moves both"
        self.served()

    @precondition(lambda self: self.pointer != Pointer())
    @rule()
    def roll_back_to_none(self) -> None:
        before = self.pointer
        move(self.parameter, lambda pointer: pointer.roll_back(to_none=True))
        assert self.pointer == Pointer(None, before.in_service or before.previous)

    @precondition(lambda self: self.pointer != Pointer())
    @rule()
    def roll_back_twice(self) -> None:
        before = self.pointer
        for _ in range(2):
            move(self.parameter, lambda pointer: pointer.roll_back())
        assert self.pointer == before

    @invariant()
    def what_answered_last_is_still_known(self) -> None:
        if self.answered:
            assert self.answered[-1] in (self.pointer.in_service, self.pointer.previous)

    @invariant()
    def the_previous_model_is_another_one(self) -> None:
        assert self.pointer.in_service is None or self.pointer.in_service != self.pointer.previous

    @invariant()
    def the_router_reads_the_same_model(self) -> None:
        assert TunedModel.parse(self.parameter.texts[-1]) == self.pointer.in_service


TestPromotions = Promotions.TestCase
TestPromotions.settings = settings(max_examples=40, stateful_step_count=15)
