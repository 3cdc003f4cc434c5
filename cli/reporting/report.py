"""The report of a run: its records read, its page written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.evaluation.summary.document import Summary
from cli.core.deployment import Deployment
from cli.core.outputs import require_writable
from cli.core.progress import Progress, silent
from cli.reporting.run.records import StoredRun, read_run

CASE_STUDY = "nova-case-study"
DRAWING = "Drawing the report"


@dataclass(frozen=True, kw_only=True)
class ReportResult:
    """The page of a run, and the summary that it shows."""

    environment: str
    run: str
    path: Path
    against: str | None
    summary: Summary

    def dump(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "run": self.run,
            "path": str(self.path),
            "against": self.against,
            "summary": self.summary,
        }


def report(
    deployment: Deployment,
    run: str,
    *,
    out: Path | None = None,
    against: str | None = None,
    progress: Progress = silent,
) -> ReportResult:
    """Write the page of an evaluation run, by default into the current folder.

    Raises:
        CliError: there is no such run, or it has no summary yet; the same of the run that it is held against.
    """
    path = file_of(run, out)
    require_writable(path)
    stored = read_run(deployment, run, progress)
    other = None if against in (None, CASE_STUDY) else read_run(deployment, str(against), progress)
    progress(DRAWING, 0, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A model may write half of a surrogate pair into its JSON; no page can hold one.
    path.write_text(page(stored, other, case_study=against == CASE_STUDY), encoding="utf-8", errors="replace")
    progress(DRAWING, 1, 1)
    return ReportResult(environment=deployment.environment, run=run, path=path, against=against, summary=stored.summary)


def file_of(run: str, out: Path | None) -> Path:
    """Where the page of a run is written."""
    return (out or Path(f"arbiter-report-{run}.html")).expanduser().resolve()


def page(stored: StoredRun, other: StoredRun | None = None, *, case_study: bool = False) -> str:
    """The page of a run that was read."""
    # matplotlib and Jinja are slow to import, and no other command needs them.
    from cli.reporting.comparisons.other_run import against_run
    from cli.reporting.comparisons.published import against_case_study
    from cli.reporting.page import render

    against = None
    if other is not None:
        against = against_run(stored, other)
    elif case_study:
        against = against_case_study(stored.plan, stored.summary, stored.records)
    return render(stored.plan, stored.summary, stored.records, against)
