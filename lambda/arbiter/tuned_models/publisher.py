"""Putting a tuned model into service and taking it out again, with a record of who asked for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from arbiter import log, strict_json
from arbiter.settings.tuning import PublishSettings
from arbiter.store import ObjectMissingError, Store
from arbiter.tuned_models.hosting.readiness import Host, refuse_unhosted
from arbiter.tuned_models.service.pointer import Pointers, TunedModel
from arbiter.tuned_models.service.promotion import ANY, Move, Pointer, PointerMoved, VersionedParameter, move
from arbiter.tuned_models.training.decision import decision_key, gate_of

RECORDS = "promotions/"


class NoCandidate(LookupError):  # noqa: N818 - the name is what the pipeline catches
    """A candidate parameter that points to no model, or to the model of another run."""


class UnknownAction(ValueError):  # noqa: N818 - as above
    """An event that asks for nothing known."""


class GateNotPassed(PermissionError):  # noqa: N818 - as above
    """A model that the gate has not let through, asked of a function that publishes no others."""


class VersionedPointers(Pointers, Protocol):
    """The pointers, with the versions by which a move sees that another came first."""

    def versioned(self, name: str) -> VersionedParameter: ...


class Hosts(Protocol):
    """Describes the hosts of custom models."""

    def host(self, arn: str) -> Host | None: ...


@dataclass(frozen=True)
class Publisher:
    """Moves the pointer to the model in service, if it can answer, and writes down each move before and after it."""

    pointers: VersionedPointers
    hosts: Hosts
    records: Store
    settings: PublishSettings
    now: Callable[[], datetime]

    def publish(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Do what an event asks for; a second time changes nothing.

        Raises:
            UnknownAction: it asks for nothing known.
            GateNotPassed: what it asks for needs the gate's consent, and the gate's record does not say so.
            NoCandidate: no model was nominated, or that of another run.
            NotHosted: nothing would answer with the model, or not for long.
            HostUnknown: Bedrock does not say whether anything would.
            NothingToRollBackTo: no model is in service, and none was before.
            PointerMoved: another model is in service than the caller saw, or than the gate compared with.
            ConcurrentWrite: somebody else kept moving the pointer.
        """
        step = self._consented(event) if self.settings.gated else self._step(event)
        hosted, now = self._hosted(step), self.now()

        def noted(pointer: Pointer) -> Pointer:
            after = hosted(pointer)
            if after != pointer:  # Beforehand: whoever is killed behind the pointer's move writes down nothing.
                self._record(event, Move(pointer, after), now, moved=False)
            return after

        moved = move(self.pointers.versioned(self.settings.in_service_parameter), noted)
        changed = moved.before != moved.after
        if changed:
            self._record(event, moved, now, moved=True)
        return {**moved.after.describe(), "changed": changed}

    def _step(self, event: Mapping[str, Any]) -> Callable[[Pointer], Pointer]:
        match event:
            case {"action": "promote", "run": str(run)}:
                candidate = self._candidate(run)
                return lambda pointer: pointer.promote(candidate, over=event.get("over", ANY))
            case {"action": "rollback"}:
                return lambda pointer: pointer.roll_back(event.get("from"), to_none=event.get("to_none") is True)
            case {"action": "forget", "run": str(run)}:
                return lambda pointer: pointer.forget(run)
        asked = json.dumps({name: event.get(name) for name in ("action", "run")}, ensure_ascii=False)
        raise UnknownAction(f'{asked} is not "promote" with a run, "rollback", or "forget" with a run.')

    def _consented(self, event: Mapping[str, Any]) -> Callable[[Pointer], Pointer]:
        """The step, as far as the gate's own record is about these very models, whatever the caller says of it."""
        decision = self._consent(event)
        run, over = event["run"], decision.get("over")
        candidate = self._candidate(run)
        if decision.get("custom_model") != candidate.custom_model:
            raise GateNotPassed(
                f"The gate judged {decision.get('custom_model')} for run {run!r}, but {candidate.custom_model} is "
                "nominated now."
            )
        step = self._step(event)

        def taken(pointer: Pointer) -> Pointer:
            now = pointer.in_service.custom_model if pointer.in_service else None
            if pointer.in_service != candidate and now != over:
                raise PointerMoved(
                    f"The gate compared the model of run {run!r} with {over or 'the base model'}, but "
                    f"{now or 'no tuned model'} is in service now. Compare them again, or promote it by hand."
                )
            return step(pointer)

        return taken

    def _consent(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The gate's record of the run that is to be published.

        Raises:
            GateNotPassed: something else is asked for, or the record does not let the run through.
        """
        run = event.get("run")
        if event.get("action") != "promote" or not isinstance(run, str):
            raise GateNotPassed("Only what the gate let through is published here, and nothing else is done.")
        key = decision_key(gate_of(run))
        try:
            decision = strict_json.loads(self.records.read(key).decode())
        except ObjectMissingError:
            raise GateNotPassed(f"The gate has not judged run {run!r}: there is no {key}.") from None
        if not isinstance(decision, dict) or decision.get("run") != run or decision.get("publish") is not True:
            raise GateNotPassed(f"The gate did not let the model of run {run!r} through: see {key}.")
        return decision

    def _hosted(self, step: Callable[[Pointer], Pointer]) -> Callable[[Pointer], Pointer]:
        """The step, as far as it puts no model into service that cannot answer."""

        def taken(pointer: Pointer) -> Pointer:
            after = step(pointer)
            if after.in_service and after.in_service != pointer.in_service:
                refuse_unhosted(after.in_service, self.hosts.host(after.in_service.model), self.now())
            return after

        return taken

    def _candidate(self, run: str) -> TunedModel:
        candidate = TunedModel.parse(self.pointers.read(self.settings.candidate_parameter))
        if candidate is None:
            raise NoCandidate(f"No model is nominated: let run {run!r} nominate one first, or name a run that did.")
        if candidate.run != run:
            raise NoCandidate(
                f"The nominated model is that of run {candidate.run!r}, not of {run!r}. To promote that of {run!r}, "
                "train on its data again, which nominates its model anew and bills nothing."
            )
        return candidate

    def _record(self, event: Mapping[str, Any], step: Move, now: datetime, *, moved: bool) -> None:
        """Write down who moves what, or has moved it; a failure here is told, but stops and undoes nothing."""
        action, by = event["action"], event.get("by")
        key = f"{RECORDS}{now:%Y%m%dT%H%M%S%fZ}-{action}.json"
        fields = {"action": action, "by": by, "from": step.before.describe(), "to": step.after.describe()}
        if moved:
            log.write("tuned model moved", now=now, record=key, **fields)
        try:
            body = json.dumps({"at": now.isoformat(), **fields, "moved": moved}, indent=2).encode()
            self.records.write(key, body, content_type="application/json")
        except Exception as error:
            log.write("move not recorded", level="ERROR", now=now, record=key, reason=str(error))
