"""A check of training data as people see it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from arbiter.training_data.reading.findings import PROBLEM, Finding
from arbiter.training_data.report import Report
from cli.core.errors import gathered
from cli.core.terminal import Folded
from cli.training.check import CheckResult

BAR = 40
STYLES = {PROBLEM: "red"}


def show_check(console: Console, result: CheckResult) -> None:
    """Show the findings, how long the samples are, how they are divided, and what mending changed."""
    _show_report(console, result.file, result.report)
    if result.changes and result.mended_report:
        console.print()
        _show_changes(console, result)
        _show_report(console, str(result.mended_file), result.mended_report)
    elif any(finding.mended for finding in (*result.report.problems, *result.report.doubts)):
        console.print(Text("What is marked with * is mended by --fix OUT.jsonl.", style="dim"))


def _show_report(console: Console, file: str, report: Report) -> None:
    verdict, style = ("can be trained on", "green") if report.accepted else ("cannot be trained on", "red")
    console.print(Text(f"{file} {verdict}.", style=style))
    problems, doubts = _count(report.problem_count, "problem"), _count(report.doubt_count, "doubt")
    size = f"{_count(report.samples, 'sample')}, about {_count(report.tokens, 'token')}"
    console.print(f"{size}; {problems}, {doubts}.", highlight=False)
    if findings := (*report.problems, *report.doubts):
        console.print(_findings(findings))
        unlisted = report.problem_count + report.doubt_count - len(findings)
        if unlisted:
            console.print(Text(f"{unlisted:,} more are not listed; --json counts each kind.", style="yellow"))
    if report.samples:
        _show_lengths(console, report.lengths.dump())
    if report.accepted:
        _show_split(console, report)


def _findings(findings: tuple[Finding, ...]) -> Table:
    table = Folded(
        Column("Line", justify="right"),
        Column("Finding", ratio=3),
        Column("If ignored", ratio=2),
        Column("Remedy", ratio=3),
    )
    for lines, finding in gathered((finding.line, replace(finding, line=None)) for finding in findings):
        style = STYLES.get(finding.severity, "yellow")
        mark = " *" if finding.mended else ""
        line = "file" if lines is None else f"{lines:,}" if isinstance(lines, int) else lines
        what = Text(f"{finding.problem}{mark}", style=style)
        table.add_row(line, what, Text(finding.consequence), Text(finding.remedy))
    return table


def _show_lengths(console: Console, lengths: Mapping[str, Any]) -> None:
    if not lengths["histogram"]:
        return
    figures = ", ".join(f"{name} {lengths[name]:,}" for name in ("min", "p50", "p95", "max"))
    console.print(f"Tokens a sample: {figures}.", highlight=False)
    most = max(group["samples"] for group in lengths["histogram"])
    table = Folded(
        Column("up to", justify="right"), Column("samples", justify="right"), "", box=None, header_style="dim"
    )
    for group in lengths["histogram"]:
        edge = "longer" if group["up_to"] is None else f"{group['up_to']:,}"
        table.add_row(edge, f"{group['samples']:,}", "█" * -(-BAR * group["samples"] // most))
    console.print(table)


def _show_split(console: Console, report: Report) -> None:
    train, validation = report.split.train, report.split.validation
    sides = f"{_count(train.samples, 'sample')} train"
    if validation.samples:
        sides += f", {validation.samples:,} of other documents or questions only measure"
    console.print(f"{sides} (validation_percentage {report.split.percentage}).", highlight=False)


def _show_changes(console: Console, result: CheckResult) -> None:
    changes = result.changes
    if changes is None:
        return
    kept = f"{_count(changes.lines, 'line')} written to {result.mended_file}, {changes.dropped:,} left out."
    console.print(kept, highlight=False)
    if not changes.listed:
        return
    table = Folded(Column("Line", justify="right"), "Kind", "Change")
    for change in changes.listed:
        table.add_row(f"{change.line:,}", change.code.replace("_", " "), Text(change.action))
    console.print(table)
    if (more := changes.counts.total() - len(changes.listed)) > 0:
        console.print(Text(f"and {more:,} more changes", style="dim"))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
