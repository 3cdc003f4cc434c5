"""The tools of an AI agent: each takes plain values, returns one JSON object, and fails in sentences."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from arbiter.answering.request import Features, Request, parse_request
from arbiter.aws.searching.managed import addressed
from arbiter.aws.searching.retrieve import passage_of
from arbiter.errors import ArbiterError, Problem
from cli.advice.scenario.reading import scenario_of
from cli.advice.scenario.writing import as_questions
from cli.advice.scenarios import Sources, measure, record_named
from cli.asking import question as asking
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import require_run_name
from cli.reporting.run.listing import list_runs
from cli.reporting.run.records import read_summary

ADVICE = ("name", "recommendation", "confidence", "cost_per_month", "next_command", "flips", "roadmap", "answers")
"""The parts of a decision record that an agent can go on with; the whole of it is what `arbiter advise` is for."""
SUMMARY = ("run", "complete", "cases", "caveats", "conclusion", "doubts", "arms", "cost")
DEFAULT_RESULTS = 5

Question = Annotated[str, Field(description="The question, at most 20,000 characters.")]
Mode = Annotated[
    Literal["auto", "base", "rag", "fine_tuned", "combined"],
    Field(description="base: the model alone; rag: with documents; fine_tuned: the tuned model; combined: both."),
]
Filter = Annotated[
    dict[str, Any] | None,
    Field(description='Only documents with this metadata: {"equals": {"key": "department", "value": "support"}}.'),
]
Results = Annotated[int, Field(ge=1, le=100, description="The most passages to return.")]
Ceiling = Annotated[float | None, Field(gt=0, description="US dollars that the answer may cost at the most.")]
EvaluationRun = Annotated[str | None, Field(description="The name of an evaluation run.")]
Answers = Annotated[dict[str, Any] | None, Field(description="Answers by the name of their question.")]


class Toolbox:
    """Asks, compares, searches and reads in one environment, and changes nothing of it.

    Args:
        env: as `--env` names it; the deployment is looked for when a tool first needs it.
    """

    def __init__(self, env: str | None = None, deployment: Deployment | None = None) -> None:
        self._env, self._given = env, deployment

    @cached_property
    def _deployment(self) -> Deployment:
        return self._given or Deployment.find(self._env)

    # A tool's arguments bear the names of the contract, `filter` among them.
    def ask(
        self,
        question: Question,
        mode: Mode = "auto",
        filter: Filter = None,  # noqa: A002
        max_cost_usd: Ceiling = None,
    ) -> dict[str, Any]:
        """Answer a question, with citations, tokens, latency, cost and, in the mode auto, why the router chose it."""
        limits = {"limits": {"max_cost_usd": max_cost_usd}} if max_cost_usd is not None else {}
        reply = asking.ask(self._deployment, {"question": question, "mode": mode, **_narrowed(filter), **limits})
        return dict(reply.require_response())

    def compare(self, question: Question, filter: Filter = None) -> dict[str, Any]:  # noqa: A002
        """Answer a question in every mode, one after the other: five answers are paid for; a mode may have an error."""
        replies = asking.ask_all(self._deployment, {"question": question, **_narrowed(filter)})
        return {"question": question, "replies": [reply.dump() for reply in replies]}

    def search(self, question: Question, results: Results = DEFAULT_RESULTS, filter: Filter = None) -> dict[str, Any]:  # noqa: A002
        """Find the passages of the documents that are nearest to a question, best first; no model answers it."""
        request = _parsed({"question": question, **_narrowed(filter)})
        search: dict[str, Any] = {"numberOfResults": results}
        if request.retrieval.filter is not None:
            search["filter"] = request.retrieval.filter
        deployment = self._deployment
        form = "managedSearchConfiguration" if deployment.optional("ManagedSearch") else "vectorSearchConfiguration"
        response = deployment.client("bedrock-agent-runtime").retrieve(
            knowledgeBaseId=deployment.optional("ExistingKnowledgeBaseId") or deployment.output("KnowledgeBaseId"),
            retrievalQuery={"text": request.question},
            retrievalConfiguration={form: search},
        )
        return {"passages": [addressed(passage_of(one))._asdict() for one in response["retrievalResults"]]}

    def evaluations(self, run: EvaluationRun = None) -> dict[str, Any]:
        """List the evaluation runs, the latest first; with a run, what it concludes, with every reason for doubt."""
        if run is None:
            return {"runs": [asdict(one) for one in list_runs(self._deployment)]}
        summary: dict[str, Any] = {**read_summary(self._deployment, run)}
        return {name: summary[name] for name in SUMMARY}

    def advice(self, answers: Answers = None, run: EvaluationRun = None) -> dict[str, Any]:
        """Advise which technique fits a case; without answers, list the questions.

        With a run, what it and the deployment measured overrules rules and answers.
        """
        if answers is None:
            return {"questions": as_questions()}
        scenario, problems = scenario_of(answers)
        if problems:
            raise CliError("The answers cannot be used.", code="bad_scenario", details=_listed(problems))
        if run is not None:
            # The command takes the path of a file, too; an agent reads none of this machine.
            require_run_name(run)
        measured = measure(Sources(run=run, env=None if run is None else self._deployment.environment))
        record = record_named(Path("the case"), scenario, measured).dump()
        return {name: record[name] for name in ADVICE}


def _narrowed(filter: dict[str, Any] | None) -> dict[str, Any]:  # noqa: A002
    return {"retrieval": {"filter": filter}} if filter is not None else {}


def _parsed(request: dict[str, Any]) -> Request:
    """A request that is checked as the router checks it, before AWS is asked."""
    try:
        return parse_request(request, Features())
    except ArbiterError as error:
        raise CliError(str(error), code=error.code) from error


def _listed(problems: Sequence[Problem]) -> dict[str, Any]:
    return {"problems": [problem._asdict() for problem in problems]}
