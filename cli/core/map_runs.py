"""The distributed maps of one execution: how far each is, and why children of theirs failed."""

from typing import Any

from arbiter.causes import innermost


class MapRuns:
    """Counts that Step Functions keeps: one call a map, however many items it has."""

    def __init__(self, client: Any, execution_arn: str) -> None:
        self._client, self._execution = client, execution_arn

    def counts(self) -> dict[str, tuple[int, int]]:
        """By the label of each map that has begun: how many of its items are done, and how many there are."""
        return {_label(run["mapRunArn"]): self._counts(run["mapRunArn"]) for run in self._listed()}

    def failure(self) -> str | None:
        """Why the first failed child failed; a map that tolerates failures only counts them."""
        for run in self._listed():
            failed = self._client.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED", maxResults=1)
            for child in failed["executions"]:
                state = self._client.describe_execution(executionArn=child["executionArn"])
                return f"{state.get('error', '')}: {innermost(state.get('cause', ''))}"
        return None

    def _counts(self, arn: str) -> tuple[int, int]:
        known = self._client.describe_map_run(mapRunArn=arn)
        ended = ("succeeded", "failed", "timedOut", "aborted")
        return sum(known["executionCounts"][name] for name in ended), known["itemCounts"]["total"]

    def _listed(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self._client.list_map_runs(executionArn=self._execution)["mapRuns"]
        return listed


def _label(arn: str) -> str:
    """The label in `arn:aws:states:<region>:<account>:mapRun:<machine>/<label>:<id>`."""
    return arn.split(":")[-2].rpartition("/")[2]
