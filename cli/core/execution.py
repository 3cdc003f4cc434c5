"""One execution of a state machine: started once, followed to its end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from arbiter.causes import innermost
from arbiter.runs import NAME_RULE, is_name
from cli.core.errors import CliError

RUNNING = "RUNNING"
RECENT_EVENTS = 100
LOOKS_IN_VAIN = 30
"""Looks after which an execution that was never seen is not there: about half a minute."""


@dataclass(frozen=True)
class Outcome:
    """The end of an execution."""

    arn: str
    status: str
    output: Any
    error: str
    cause: str

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCEEDED"

    def failure(self, what: str) -> CliError:
        """The named failure and the innermost reason."""
        reason = innermost(self.cause) or "no reason is recorded"
        return CliError(
            f"{what} failed: {self.error or self.status}: {reason}",
            code="run_failed",
            details={"name": self.error or self.status, "cause": reason, "execution": self.arn},
        )


def new_run() -> str:
    """A name for a run, in the order of time and never the same twice."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"


def require_run_name(run: str) -> None:
    """Refuse a name that no run can have.

    Raises:
        CliError: telling which can.
    """
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")


class Execution:
    """An execution of one state machine, known by its name."""

    def __init__(self, client: Any, machine_arn: str, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._machine_arn = machine_arn
        self.name = name
        self._sleep = sleep
        self.arn = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"

    def exists(self) -> bool:
        try:
            self._client.describe_execution(executionArn=self.arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return True

    def status(self) -> str | None:
        """Read its status; `None` when it was never started."""
        try:
            return str(self._client.describe_execution(executionArn=self.arn)["status"])
        except self._client.exceptions.ExecutionDoesNotExist:
            return None

    def input(self) -> dict[str, Any]:
        """Read the input that it was started with."""
        return dict(json.loads(self._client.describe_execution(executionArn=self.arn).get("input", "{}")))

    def output(self) -> dict[str, Any]:
        """Read its result; nothing while it runs, or when it failed."""
        state = self._client.describe_execution(executionArn=self.arn)
        return dict(json.loads(state["output"])) if state.get("output") else {}

    def start(self, payload: Mapping[str, Any], on_begin: Callable[[], None] = lambda: None) -> None:
        """Start it; `on_begin` hears that it has begun, or may have: an interrupted call does not tell.

        Raises:
            CliError: somebody was quicker under the same name.
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._machine_arn, name=self.name, input=json.dumps(payload, sort_keys=True)
            )
        except KeyboardInterrupt:
            on_begin()
            raise
        except self._client.exceptions.ExecutionAlreadyExists:
            raise CliError(
                f"Somebody else has just started {self.name}. The same command follows it; under another name (--run) "
                "another one is started.",
                code="run_at_work",
            ) from None
        on_begin()

    def follow(
        self, on_state: Callable[[str], None] = lambda name: None, on_look: Callable[[], None] = lambda: None
    ) -> Outcome:
        """Wait for the end, telling each state that is entered and each look that is taken."""
        seen = looks = 0
        for pause in pauses():
            looks += 1
            try:
                state = self._client.describe_execution(executionArn=self.arn)
                entered = self._entered(seen)
            except self._client.exceptions.ExecutionDoesNotExist:
                # DescribeExecution is eventually consistent: one that was just started may not be seen yet.
                if seen or looks == LOOKS_IN_VAIN:
                    raise
                self._sleep(pause)
                continue
            for event, name in entered:
                seen = event
                on_state(name)
            on_look()
            if state["status"] != RUNNING:
                break
            self._sleep(pause)
        return _outcome(state)

    def failure_inside(self) -> Outcome | None:
        """The first failure among the children of a distributed map, which itself only counts them."""
        for run in self._client.list_map_runs(executionArn=self.arn)["mapRuns"]:
            failed = self._client.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED", maxResults=1)
            for child in failed["executions"]:
                return _outcome(self._client.describe_execution(executionArn=child["executionArn"]))
        return None

    def _entered(self, after: int) -> list[tuple[int, str]]:
        """States entered since an event, oldest first."""
        events = self._client.get_execution_history(
            executionArn=self.arn, reverseOrder=True, maxResults=RECENT_EVENTS, includeExecutionData=False
        )["events"]
        return [
            (event["id"], event["stateEnteredEventDetails"]["name"])
            for event in reversed(events)
            if event["id"] > after and "stateEnteredEventDetails" in event
        ]


def _outcome(state: Mapping[str, Any]) -> Outcome:
    output = json.loads(state["output"]) if state.get("output") else None
    return Outcome(state["executionArn"], state["status"], output, state.get("error", ""), state.get("cause", ""))


def pauses() -> Iterator[float]:
    """Seconds between two looks: about a tenth of the time that has passed, at most five: a training takes hours."""
    pause = 0.25
    while True:
        yield pause
        pause = min(5.0, pause * 1.1)
