"""A training file checked on this machine, before anything is sent, and mended where that needs no person."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.runs import better_name, suffix_of
from arbiter.training_data.check import Report, Rules, check
from arbiter.training_data.fix import Changes, fix
from cli.core.errors import CliError
from cli.core.options import again
from cli.core.outputs import require_writable
from cli.core.progress import Progress, silent
from cli.evaluation.order import read_file

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The findings of a check, and the changes of mending."""

    file: str
    report: Report
    mended_file: str | None = None
    changes: Changes | None = None
    mended_report: Report | None = None
    """The check of the mended file: what only a person can mend."""
    questions: str | None = None
    """The evaluation whose questions must not be trained on."""

    @property
    def accepted(self) -> bool:
        """Whether the file, or its mended form, can be trained on."""
        return (self.mended_report or self.report).accepted

    def dump(self) -> dict[str, Any]:
        fixed = None
        if self.changes and self.mended_report:
            fixed = {"file": self.mended_file, **self.changes.dump(), "report": self.mended_report.dump()}
        return {"file": self.file, **self.report.dump(), "accepted": self.accepted, "fix": fixed}

    def refusal(self) -> CliError:
        """Why nothing is trained on the file: every problem listed, with its remedy."""
        report = self.mended_report or self.report
        more = report.problem_count - len(report.problems)
        listed = f" ({len(report.problems)} are listed)" if more else ""
        count = "1 problem" if report.problem_count == 1 else f"{report.problem_count:,} problems"
        mendable = any(finding.mended for finding in report.problems)
        hint = f" `{self._mending()}` mends some." if mendable else ""
        return CliError(
            f"{self.file} cannot be trained on: {count}{listed}.{hint}",
            code="training_data_rejected",
            details={"problems": [finding.dump() for finding in report.problems], "unlisted": more},
        )

    def _mending(self) -> str:
        """The command that mends, by the same questions, into a file beside this one."""
        out = Path(self.file).with_suffix("")
        asked = ("--questions", self.questions) if self.questions else ()
        return again("train", "check", self.file, "--fix", f"{out}-mended.jsonl", *asked, env=None)


def check_file(
    file: Path,
    *,
    rules: Rules,
    questions: Path | None = None,
    fix: Path | None = None,
    progress: Progress = silent,
) -> CheckResult:
    """Check a training file; with `fix`, write it mended as well.

    Args:
        questions: an evaluation file whose questions must not be trained on.
        fix: where the mended file goes; it must not exist.

    Raises:
        CliError: a file is missing, or `fix` would overwrite one. Findings are no errors; they are the result.
    """
    _require_files(file, questions, fix)
    asked = _questions(questions) if questions else []
    progress("Checking the file")
    report = _check(file, rules, asked)
    if better := better_name(file.name):
        report.note(None, "file_name", "has a name that Bedrock refuses as a key", f'call it "{better}"')
    if fix is None:
        return CheckResult(file=str(file), report=report, questions=str(questions) if questions else None)
    progress("Mending the file")
    changes = _mend(file, fix, asked)
    progress("Checking the mended file")
    mended_report = _check(fix, rules, asked)
    return CheckResult(
        file=str(file), report=report, mended_file=str(fix), changes=changes, mended_report=mended_report
    )


def _require_files(file: Path, questions: Path | None, fixed: Path | None) -> None:
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a training file (.jsonl or .csv).", code="no_file")
    if questions and not questions.is_file():
        raise CliError(f"{questions} is not a file. Name a file of evaluation questions (.jsonl).", code="no_file")
    if not fixed:
        return
    _refuse_existing(fixed)
    if fixed.suffix != ".jsonl":
        raise CliError(f"{fixed} must end with .jsonl: mended data are written as JSON Lines.", code="bad_file")
    if not fixed.parent.is_dir():
        raise CliError(f"{fixed.parent} is not a folder. Name an existing one for the mended file.", code="no_folder")
    require_writable(fixed)


def _refuse_existing(out: Path) -> None:
    if os.path.lexists(out):
        raise CliError(f"{out} exists already. Name a file for the mended data that does not.", code="file_exists")


def _check(file: Path, rules: Rules, questions: list[str]) -> Report:
    # Slow to import, and only a check needs it.
    from arbiter.detection.detector import detect

    return check(_chunks(file), rules, suffix=suffix_of(file.name), detect=detect, questions=questions)


def _mend(file: Path, out: Path, questions: list[str]) -> Changes:
    """Mend into a file beside `out`, which is `out` once it is whole: half of one looks like all of it."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as mended:
            changes = fix(_chunks(file), mended.write, suffix=suffix_of(file.name), questions=questions)
        # A file that appeared meanwhile is not overwritten either.
        _refuse_existing(out)
        part.rename(out)
    finally:
        part.unlink(missing_ok=True)
    return changes


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        yield from iter(lambda: content.read(CHUNK_BYTES), b"")


def _questions(file: Path) -> list[str]:
    """The questions of an evaluation file, as far as they can be read.

    Raises:
        CliError: naming every problem of the file.
    """
    read = read_file(file)
    if read.problems:
        problems = [{"problem": problem} for problem in read.problems]
        raise CliError(f"{file} cannot be used.", code="bad_questions", details={"problems": problems})
    return [case["question"] for case in read.cases]
