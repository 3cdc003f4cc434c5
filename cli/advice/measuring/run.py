"""An evaluation run read as evidence: from a deployment by its name, or from its files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.keys import plan_key
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary import document
from arbiter.evaluation.summary.document import summary_key
from arbiter.runs import NAME_RULE, is_name
from arbiter.store import ObjectMissingError
from cli.advice.evidence.arms import Stored
from cli.core.deployment import Deployment
from cli.core.errors import CliError

SUMMARY, PLAN = "summary.json", "run.json"
WHERE_FROM = "`arbiter evaluate` and `arbiter report RUN --json` write one"
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)
"""Errors of a summary or plan that another version wrote, or that was cut."""


def read_stored(run: str, env: str | None) -> Stored:
    """The summary of a run and, where it is there, its plan.

    Args:
        run: a `summary.json`, a folder with one, or the name of a run of the deployment.

    Raises:
        CliError: it is none of these, or cannot be read.
    """
    path = Path(run).expanduser()
    if path.is_dir():
        return _of_files(path / SUMMARY, path / PLAN)
    if path.is_file():
        return _of_files(path, path.with_name(PLAN))
    if not is_name(run) or path.suffix:
        raise CliError(f"{run} is neither a file or folder, nor the name of a run ({NAME_RULE}).", code="no_run")
    return _of_deployment(run, Deployment.find(env))


def _of_files(summary: Path, plan: Path) -> Stored:
    if not summary.is_file():
        raise CliError(f"{summary} is not there. Name a summary of a run: {WHERE_FROM}.", code="no_run")
    content = _json(summary)
    # What `arbiter report --json` prints holds the summary.
    content = content.get("summary", content)
    if not isinstance(content, Mapping) or "arms" not in content:
        raise CliError(f"{summary} is not the summary of an evaluation run: {WHERE_FROM}.", code="no_run")
    try:
        return Stored(document.load(content), Plan.load(_json(plan)) if plan.is_file() else None)
    except UNREADABLE as error:
        raise CliError(f"{summary.parent} holds no run that can be read: {error!r}.", code="no_run") from error


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise CliError(f"{file} is not JSON: {error}.", code="no_run") from error
    if not isinstance(content, dict):
        raise CliError(f"{file} is not a JSON object.", code="no_run")
    return content


def _of_deployment(run: str, deployment: Deployment) -> Stored:
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    try:
        plan = Plan.parse(results.read(plan_key(run)))
        return Stored(document.load(json.loads(results.read(summary_key(run)))), plan)
    except ObjectMissingError as error:
        raise CliError(
            f"There is no evaluation run {run} with a summary in {deployment.environment}. "
            "`arbiter report` lists those that there are.",
            code="no_run",
        ) from error
    except UNREADABLE as error:
        raise CliError(f"The evaluation run {run} cannot be read: {error!r}.", code="no_run") from error
