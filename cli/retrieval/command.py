"""`arbiter tune-retrieval`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.errors import CliError, together
from cli.core.options import JsonOption, existing
from cli.core.output import reporting
from cli.core.project import configured, repository
from cli.retrieval import view
from cli.retrieval.arms import DEFAULTS, FORMS, SEARCHES, Arm, chunking_of, grid, name_of
from cli.retrieval.tuning import questions as known_questions
from cli.retrieval.tuning import tune, tune_deployed
from cli.sync.documents import require_folder
from stacks.settings.documents import Chunking

MOST_RESULTS = 100


def tune_retrieval(
    questions: Annotated[
        Path, typer.Argument(help='Questions (.jsonl, .csv) that know their "document".', show_default=False)
    ],
    documents: Annotated[
        Path | None,
        typer.Option(help="The folder of documents that the questions are about; by default those of the deployment."),
    ] = None,
    chunking: Annotated[str, typer.Option(help=f"Ways to cut, parted by commas: {FORMS}.")] = ", ".join(DEFAULTS),
    search: Annotated[str, typer.Option(help="Searches, parted by commas: semantic, hybrid.")] = ",".join(SEARCHES),
    results: Annotated[str, typer.Option(help="Numbers of passages, parted by commas.")] = "3,5,10",
    rerank: Annotated[bool, typer.Option("--rerank", help="Also each arm reranked, by a stand-in.")] = False,
    of: Annotated[
        str | None,
        typer.Option(
            "--env",
            callback=existing,
            help="Environment whose documents are measured, and whose settings the others are held against.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure which way to retrieve finds the right documents, on this machine and without a language model.

    The table says how often the right document is among the first passages, with an interval, and for how many tokens.

    Examples:

    arbiter tune-retrieval questions.jsonl --documents handbook

    arbiter tune-retrieval questions.jsonl --documents handbook --chunking fixed:300:20,semantic:300:0:95 --results 5

    arbiter tune-retrieval questions.jsonl --env prod
    """
    with reporting(as_json=as_json) as output:
        ways = _listed(chunking)
        searches, numbers, *_ = together(
            lambda: _searches(search),
            lambda: _numbers(results),
            lambda: together(*(partial(chunking_of, way) for way in ways)),
            lambda: known_questions(questions),
            lambda: require_folder(documents) if documents else None,
        )
        arms = list(grid(ways, searches, numbers, rerank=rerank))
        with output.progress() as progress:
            if documents is not None:
                tuning = tune(questions, documents, arms, _current(of or "dev"), progress)
            else:
                tuning = tune_deployed(questions, Deployment.find(of), arms, _current, progress)
        output.result(tuning.dump(), lambda console: view.show_tuning(console, tuning))


def _current(environment: str) -> Arm:
    """The way that the settings of an environment retrieve by now."""
    root = repository()
    cut = Chunking(**(configured(root, environment, "chunking") or {}))
    search = configured(root, environment, "retrieval", "search") or "semantic"
    results = configured(root, environment, "retrieval", "results") or 5
    return Arm(name_of(cut), str(search), int(results), rerank=False)


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _searches(text: str) -> list[str]:
    named = _listed(text)
    if unknown := [name for name in named if name not in SEARCHES]:
        raise CliError(f"There is no search {', '.join(unknown)}; allowed: {', '.join(SEARCHES)}.", code="bad_search")
    return named


def _numbers(text: str) -> list[int]:
    numbers = [int(part) if part.isdecimal() else 0 for part in _listed(text)]
    if not numbers or not all(1 <= number <= MOST_RESULTS for number in numbers):
        raise CliError(f"--results {text!r} is not possible: numbers from 1 to {MOST_RESULTS}.", code="bad_results")
    return numbers
