"""What answers and what answered before move in one write, and who moved them is written down."""

import json

import pytest

from arbiter.settings.tuning import PublishSettings
from arbiter.tuned_models.hosting.readiness import HostUnknown, NotHosted
from arbiter.tuned_models.publisher import GateNotPassed, NoCandidate, Publisher, UnknownAction
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer, PointerMoved
from tests.unit.arbiter.tuned_models.model_fakes import NEW, NOW, OLD, Hosts, Pointers, Records, Versioned


def publisher(pointers: Pointers, records: Records | None = None, hosts: Hosts | None = None) -> Publisher:
    settings = PublishSettings(candidate_parameter="c", in_service_parameter="s", results_bucket="r")
    return Publisher(pointers, hosts or Hosts(), records or Records(), settings, lambda: NOW)


PROMOTE = {"action": "promote", "run": "run-b", "by": "arn:aws:iam::123456789012:user/ada"}


def test_the_candidate_goes_into_service_and_the_old_model_is_kept_in_one_write() -> None:
    pointers = Pointers(NEW, Pointer(OLD))
    assert publisher(pointers).publish(PROMOTE) == {
        "in_service": NEW._asdict(),
        "previous": OLD._asdict(),
        "changed": True,
    }
    assert pointers.texts["s"] == [Pointer(OLD).dump(), Pointer(NEW, OLD).dump()]
    assert len(pointers.texts["c"]) == 1


def test_who_moved_what_when_is_written_down() -> None:
    records = Records()
    publisher(Pointers(NEW, Pointer(OLD)), records).publish(PROMOTE)
    ((key, body),) = records.objects.items()
    assert key == "promotions/20261121T120000000000Z-promote.json"
    assert json.loads(body) == {
        "at": "2026-11-21T12:00:00+00:00",
        "action": "promote",
        "by": "arn:aws:iam::123456789012:user/ada",
        "from": {"in_service": OLD._asdict(), "previous": None},
        "to": {"in_service": NEW._asdict(), "previous": OLD._asdict()},
        "moved": True,
    }


def test_whoever_is_killed_behind_the_move_of_the_pointer_has_written_it_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Versioned):
        def write(self, text: str) -> int:
            super().write(text)
            raise Killed

    pointers, records = Pointers(NEW, Pointer(OLD)), Records()
    monkeypatch.setattr(pointers, "versioned", lambda name: Deadly(pointers.texts[name]))
    with pytest.raises(Killed):
        publisher(pointers, records).publish(PROMOTE)
    (body,) = records.objects.values()
    record = json.loads(body)

    assert (record["by"], record["moved"]) == (PROMOTE["by"], False)
    assert record["to"]["in_service"] == Pointer.parse(pointers.read("s")).describe()["in_service"]


def test_publishing_twice_changes_and_records_nothing_more() -> None:
    pointers, records = Pointers(NEW, Pointer(OLD)), Records()
    changes = [publisher(pointers, records).publish(PROMOTE)["changed"] for _ in range(2)]
    assert changes == [True, False]
    assert len(records.objects) == 1
    assert pointers.read("s") == Pointer(NEW, OLD).dump()


def test_a_record_that_cannot_be_written_is_told_and_undoes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    pointers = Pointers(NEW, Pointer(OLD))
    assert publisher(pointers, Records(full=True)).publish(PROMOTE)["changed"]
    assert pointers.read("s") == Pointer(NEW, OLD).dump()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["message"]) for line in told] == [
        ("ERROR", "move not recorded"),
        ("INFO", "tuned model moved"),
        ("ERROR", "move not recorded"),
    ]
    assert told[1]["by"] == PROMOTE["by"]


def test_a_rollback_returns_to_the_previous_model() -> None:
    pointers = Pointers(NEW, Pointer(NEW, OLD))
    done = publisher(pointers).publish({"action": "rollback", "from": "run-b"})
    assert (done["in_service"], done["previous"]) == (OLD._asdict(), NEW._asdict())
    assert not publisher(pointers).publish({"action": "rollback", "from": "run-b"})["changed"]
    with pytest.raises(PointerMoved):
        publisher(pointers).publish({"action": "rollback", "from": "run-x"})


def test_a_model_that_nothing_hosts_is_neither_promoted_nor_returned_to() -> None:
    for event, pointer, gone in (
        (PROMOTE, Pointer(OLD), NEW),
        ({"action": "rollback", "from": "run-b"}, Pointer(NEW, OLD), OLD),
    ):
        pointers, records = Pointers(NEW, pointer), Records()
        with pytest.raises(NotHosted, match=f"run {gone.run} is not put into service.*does not exist any more"):
            publisher(pointers, records, Hosts(gone)).publish(event)
        assert pointers.texts["s"] == [pointer.dump()]
        assert records.objects == {}


def test_nothing_is_moved_while_bedrock_does_not_say_what_answers_unless_none_shall() -> None:
    pointers, silent = Pointers(NEW, Pointer(NEW, OLD)), Hosts(unknown=True)
    with pytest.raises(HostUnknown, match=f"Whether {OLD.model} answers is not known, and nothing is moved"):
        publisher(pointers, hosts=silent).publish({"action": "rollback", "from": "run-b"})
    assert pointers.texts["s"] == [Pointer(NEW, OLD).dump()]
    event = {"action": "rollback", "from": "run-b", "to_none": True}
    assert publisher(pointers, hosts=silent).publish(event)["in_service"] is None


def test_no_tuned_model_answers_whatever_became_of_their_hosting() -> None:
    pointers, event = Pointers(None, Pointer(NEW, OLD)), {"action": "rollback", "from": "run-b", "to_none": True}
    done = publisher(pointers, hosts=Hosts(OLD, NEW)).publish(event)
    assert (done["in_service"], done["previous"]) == (None, NEW._asdict())
    assert not publisher(pointers, hosts=Hosts(OLD, NEW)).publish(event)["changed"]
    assert publisher(pointers).publish({"action": "rollback", "from": None})["in_service"] == NEW._asdict()


def test_a_model_is_not_published_over_one_that_it_was_not_compared_with() -> None:
    pointers = Pointers(NEW, Pointer(OLD))
    for over in ("run-x", None):
        with pytest.raises(PointerMoved, match="run-a is in service now"):
            publisher(pointers).publish({**PROMOTE, "over": over})
    assert publisher(pointers).publish({**PROMOTE, "over": "run-a"})["changed"]
    assert not publisher(pointers).publish({**PROMOTE, "over": "run-a"})["changed"], "a retry is no second promotion"


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [(None, "^No model is nominated: let run"), (OLD, "of run 'run-a', not of .* train on its data")],
)
def test_nothing_but_the_runs_own_model_is_published(candidate: TunedModel | None, reason: str) -> None:
    pointers = Pointers(candidate, Pointer())
    with pytest.raises(NoCandidate, match=reason):
        publisher(pointers).publish(PROMOTE)
    assert len(pointers.texts["s"]) == 1


@pytest.mark.parametrize("event", [{}, {"run": "run-b"}, {"action": "promote"}, {"action": "delete", "run": "run-b"}])
def test_an_event_that_asks_for_nothing_known_is_refused(event: dict[str, str]) -> None:
    with pytest.raises(UnknownAction, match="is not"):
        publisher(Pointers(NEW, Pointer())).publish(event)


DECISION = "evaluations/run-b-gate/gate.json"
CONSENT = {"run": "run-b", "custom_model": NEW.custom_model, "over": OLD.custom_model, "publish": True}


OVER_OLD = Pointer(OLD)


def gated(records: Records, pointer: Pointer = OVER_OLD) -> Publisher:
    settings = PublishSettings(candidate_parameter="c", in_service_parameter="s", results_bucket="r", gated=True)
    return Publisher(Pointers(NEW, pointer), Hosts(), records, settings, lambda: NOW)


def decided(**changed: object) -> Records:
    return Records({DECISION: json.dumps({**CONSENT, **changed}).encode()})


def test_what_the_gate_let_through_is_published_once() -> None:
    publishing = gated(decided())
    assert publishing.publish(PROMOTE)["changed"]
    assert not publishing.publish(PROMOTE)["changed"], "a retry finds the model in service"


def test_consent_is_to_the_very_model_that_was_judged() -> None:
    """Training the same data anew nominates another model under the same run."""
    for model in ("arn:aws:bedrock:us-east-1:123456789012:custom-model/other", None):
        publishing = gated(decided(custom_model=model))
        with pytest.raises(GateNotPassed, match="is nominated now"):
            publishing.publish(PROMOTE)
        assert publishing.pointers.read("s") == Pointer(OLD).dump()


@pytest.mark.parametrize(
    ("over", "pointer"), [(None, Pointer(OLD)), (OLD.custom_model, Pointer()), ("arn:other", Pointer(OLD))]
)
def test_consent_is_over_the_very_model_that_is_in_service(over: str | None, pointer: Pointer) -> None:
    publishing = gated(decided(over=over), pointer)
    with pytest.raises(PointerMoved, match="is in service now"):
        publishing.publish(PROMOTE)
    assert publishing.pointers.read("s") == pointer.dump()


def test_a_first_model_is_published_over_the_base_model() -> None:
    assert gated(decided(over=None), Pointer()).publish(PROMOTE)["changed"]


@pytest.mark.parametrize(
    "decision",
    [
        None,
        {**CONSENT, "publish": False},
        {**CONSENT, "run": "run-a"},
        {**CONSENT, "publish": "true"},
        {"run": "run-b"},
        [True],
    ],
)
def test_a_caller_that_says_the_gate_was_passed_is_not_believed(decision: object) -> None:
    records = Records({DECISION: json.dumps(decision).encode()} if decision else {})
    publishing = gated(records)
    with pytest.raises(GateNotPassed, match="run-b"):
        publishing.publish({**PROMOTE, "gate": {"publish": True}})
    assert publishing.pointers.read("s") == Pointer(OLD).dump()


@pytest.mark.parametrize("event", [{"action": "rollback"}, {"action": "forget", "run": "run-b"}, {"action": "promote"}])
def test_the_gate_publishes_and_does_nothing_else(event: dict[str, str]) -> None:
    with pytest.raises(GateNotPassed, match="nothing else"):
        gated(Records()).publish(event)
