"""Everything that the page shows, read from a deployment when it is asked for."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from arbiter.aws.ingestion import Ingestion
from arbiter.tuned_models.training.record import Point, TrainingRecord
from cli.advice.scenarios import Sources, measure, read_scenario, record_named
from cli.asking import question as asking
from cli.asking.conversation import fitting
from cli.console.streaming import Parts, SignedApi
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.project import PROJECT
from cli.feedback.rating import rate
from cli.reporting import report
from cli.reporting.run.listing import list_runs
from cli.reporting.run.records import read_run
from cli.training.loss_chart import why_none
from cli.training.records import list_runs as list_trainings

MOST_DOCUMENTS = 1_000
"""Documents that are shown; all are counted."""
MOST_POINTS = 120
"""Points of a loss curve that are drawn."""
OWN_ANSWERS = Path("advice.yaml")
"""Where `arbiter advise` keeps answers by itself."""

Object = Mapping[str, Any]


class Backend(Protocol):
    """The data behind the page: JSON objects by name, and whole pages of reports and decision records."""

    def about(self) -> Object: ...
    def ask(self, request: Object) -> Object | Parts: ...
    def rate(self, rating: Object) -> Object: ...
    def documents(self) -> Object: ...
    def trainings(self) -> Object: ...
    def evaluations(self) -> Object: ...
    def page(self, kind: str, name: str) -> str: ...


class DeployedBackend:
    """A deployment, called with the person's own credentials.

    Args:
        advice: files of answers whose decision records can be opened, beside those that lie at hand.
    """

    def __init__(self, deployment: Deployment, advice: Sequence[Path] = ()) -> None:
        self._deployment = deployment
        at_hand = [OWN_ANSWERS] if OWN_ANSWERS.exists() else []
        files = [*advice, *at_hand, *sorted((PROJECT / "examples" / "advice").glob("*.yaml"))]
        self._advice = {str(number): file for number, file in enumerate(dict.fromkeys(files))}

    def about(self) -> Object:
        deployment = self._deployment
        return {
            "environment": deployment.environment,
            "region": deployment.region,
            "local": deployment.environment == "local",
            "modes": list(asking.MODES),
        }

    def ask(self, request: Object) -> Object | Parts:
        """One answer or error of the router, which checks the request itself; server-sent events where it streams.

        A conversation goes on for as long as the page does: what a request cannot carry of it is left out.
        """
        with suppress(AttributeError, LookupError, TypeError):  # Another shape is the router's to refuse.
            request = {**request, "history": fitting(request["history"])}
        if self._api and (answer := self._api.ask(request)) is not None:
            return answer
        return asking.ask(self._deployment, request).dump()

    @cached_property
    def _api(self) -> SignedApi | None:
        return SignedApi.of(self._deployment)

    def rate(self, rating: Object) -> Object:
        """Note a verdict on an answer."""
        return rate(self._deployment, rating)

    def documents(self) -> Object:
        """The documents with their states, those that are not indexed first, and the latest ingestion job."""
        deployment = self._deployment
        client = deployment.client("bedrock-agent")
        source = Ingestion(client, deployment.output("KnowledgeBaseId"), deployment.output("DataSourceId"))
        known = sorted(source.documents(), key=lambda one: (one.status == "INDEXED", one.uri))
        latest = source.latest()
        job = {"status": latest.status, "started_at": latest.started_at.isoformat()} if latest else None
        indexed = sum(one.status == "INDEXED" for one in known)
        shown = [asdict(one) for one in known[:MOST_DOCUMENTS]]
        return {"count": len(known), "indexed": indexed, "job": job, "documents": shown}

    def trainings(self) -> Object:
        """The training runs, the newest first, with their losses by step."""
        result = list_trainings(self._deployment)
        return {"runs": [_training(run, result.standing[run.run]) for run in result.runs]}

    def evaluations(self) -> Object:
        """The evaluation runs, the newest first, and the files of answers that a decision record can be made of."""
        runs = [asdict(run) for run in list_runs(self._deployment)]
        return {"runs": runs, "advice": [{"name": name, "file": str(file)} for name, file in self._advice.items()]}

    def page(self, kind: str, name: str) -> str:
        """The report of an evaluation run, or the decision record of a file of answers.

        Raises:
            CliError: there is no such run or file.
        """
        if kind == "report":
            return report.page(read_run(self._deployment, name))
        if kind == "advice" and name in self._advice:
            # Jinja is slow to import.
            from cli.advice.page.page import render

            file = self._advice[name]
            return render(record_named(file, read_scenario(file), measure(Sources())))
        raise CliError("There is no such page. Load the console again.", code="no_page")


def _training(record: TrainingRecord, standing: str) -> Object:
    metrics = record.metrics
    losses = {name: _curve(getattr(metrics, name, ())) for name in ("training", "validation")}
    return {
        "run": record.run,
        "standing": standing,
        "started_at": record.started_at,
        "base_model": record.base_model,
        "samples": record.data.samples,
        "cost_usd": record.cost.usd if record.cost else None,
        "error": f"{record.error.name}: {record.error.cause}" if record.error else None,
        "losses": losses,
        "no_losses": None if any(losses.values()) else why_none(record),
    }


def _curve(points: Sequence[Point]) -> list[tuple[int, float]]:
    """A curve thinned to what a small picture shows, its last point included."""
    pace = max(1, -(-len(points) // MOST_POINTS))
    thinned = list(islice(points, 0, None, pace))
    if points and thinned[-1] is not points[-1]:
        thinned.append(points[-1])
    return [(point.step, point.loss) for point in thinned]
