"""An examination as people see it."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cli.doctor.examination import Diagnosis
from cli.doctor.findings.finding import Checked, Finding, Severity

STYLES = {Severity.BLOCKS: "bold red", Severity.WARNS: "yellow", Severity.NOTE: "cyan"}
COUNTED = {Severity.BLOCKS: "{} blocking", Severity.WARNS: "{} to be warned of", Severity.NOTE: "{} to be noted"}
WEIGHT = (None, Severity.NOTE, Severity.WARNS, Severity.BLOCKS)
_MARKS = {
    None: ("✓", "dim"),
    Severity.NOTE: ("·", "cyan"),
    Severity.WARNS: ("!", "yellow"),
    Severity.BLOCKS: ("✗", "red"),
}
INDENTED = (0, 0, 0, 2)


def show_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    """Show what was looked at, what could not be, and every finding with its remedy last."""
    for check in diagnosis.checks:
        _show_check(console, check)
    for finding in diagnosis.findings:
        _show_finding(console, finding)
    _show_sum(console, diagnosis)


def _show_check(console: Console, check: Checked) -> None:
    if check.not_checked:
        console.print(Text(f"? {check.name}: not checked, because {check.not_checked.rstrip('.')}", style="yellow"))
        return
    mark, style = _MARKS[max((finding.severity for finding in check.findings), key=WEIGHT.index, default=None)]
    console.print(Text(f"{mark} {check.name}: {check.seen}", style=style))


def _show_finding(console: Console, finding: Finding) -> None:
    console.print()
    console.print(Text.assemble((f"{finding.severity}: ", STYLES[finding.severity]), _sentence(finding.problem)))
    console.print(Padding(Text(_sentence(finding.consequence)), INDENTED, expand=False))
    console.print(Text(f"  → {finding.remedy}", style="green"), soft_wrap=True)
    if finding.hint:
        console.print(Padding(Text(f"({finding.hint})", style="dim"), (0, 0, 0, 4), expand=False))


def _sentence(text: str) -> str:
    """Text as a sentence; a first word that is a name is left as it is written."""
    first = text.split(" ", 1)[0]
    return f"{text[:1].upper() if first.isalpha() else text[:1]}{text[1:].rstrip('.')}."


def _show_sum(console: Console, diagnosis: Diagnosis) -> None:
    skipped = sum(check.not_checked is not None for check in diagnosis.checks)
    counts = [(sum(f.severity is severity for f in diagnosis.findings), severity) for severity in Severity]
    counted = (
        ", ".join(COUNTED[severity].format(count) for count, severity in counts if count) or "nothing to be mended"
    )
    left = f"; {skipped} not checked" if skipped else ""
    console.print()
    style = "red" if diagnosis.blocked else "yellow" if diagnosis.findings or skipped else "green"
    checked = len(diagnosis.checks) - skipped
    console.print(Text(f"{diagnosis.environment}: {checked} checks, {counted}{left}.", style=style))
