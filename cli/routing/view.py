"""Decisions as people see them."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from arbiter.answering.decision import Profiles
from arbiter.modes import Mode
from arbiter.routing.heads import Finding
from cli.routing.decided import Decided
from cli.routing.judging import Judged

LISTED = 20


def show_decision(console: Console, one: Decided, profiles: Profiles) -> None:
    """Show what was decided for a question, and why."""
    assessment = one.assessment
    console.print(Text.assemble(("auto", "dim"), " → ", (one.mode.value, "bold")))
    table = Table("", "Answer", "Score", "From", Column("Because", overflow="fold"), box=None, pad_edge=False)
    table.add_row("needs the documents", *_cells(assessment.grounded))
    table.add_row("needs the tuned model", *_cells(assessment.specialised))
    console.print(table)
    if one.look:
        outcome = "it needs the documents" if one.look.hit else "it does without them"
        console.print(
            f"Looked by {one.look.by}: level {one.look.best:.2f}; background requests stay below "
            f"{one.look.limit:.2f} → {outcome}"
        )
    elif assessment.grounded.outcome == "unsure":
        console.print(
            Text("Unsure: a deployed router looks into the documents and uses what it finds.", style="yellow")
        )
    for mode, why in one.ruled_out.items():
        console.print(Text(f"Ruled out: {mode.value} {why}."), soft_wrap=True)
    console.print(Text(_footer(profiles, assessment.language), style="dim"))


def show_scores(console: Console, judged: Judged) -> None:
    """Show how often the decisions are the labelled ones."""
    scores = judged.dump()
    recall = scores["recall"]["combined"]
    console.print(
        f"{scores['questions']:,} questions: accuracy {_number(scores['accuracy'])}, macro-F1 "
        f"{_number(scores['macro_f1'])}, recall of combined {_number(recall)}; {scores['unsure']:,} unsure, "
        f"{scores['looked']:,} looked for."
    )
    heads = Table("Head", "Yes as yes", "Missed", "False alarms", "No as no", "Recall", "Alarm rate", box=None)
    for name in ("grounded", "specialised"):
        heads.add_row(name, *_confusion(scores[name]))
    console.print(heads)
    modes = Table("Labelled \\ decided", *(mode.value for mode in Mode), box=None)
    for wanted, row in scores["modes"].items():
        modes.add_row(wanted, *(str(count) for count in row.values()))
    console.print(modes)
    rates = (f"{group} {_number(rate)}" for group, rate in scores["false_retrieval"].items())
    console.print("False retrieval: " + (", ".join(rates) or "every question needs the documents"))
    for wrong in scores["wrong"][:LISTED]:
        console.print(
            Text(f"  question {wrong['line']}: {wrong['wanted']} → {wrong['mode']}  {wrong['question'][:80]}")
        )
    if len(scores["wrong"]) > LISTED:
        console.print(Text(f"  and {len(scores['wrong']) - LISTED:,} more: --json lists all", style="dim"))


def _cells(finding: Finding) -> tuple[str, str, str, str]:
    bound = f"{finding.threshold:.3f}"
    if finding.unsure_from < finding.threshold:
        bound = f"{finding.threshold:.3f}, unsure from {finding.unsure_from:.3f}"
    return finding.outcome, f"{finding.score:.3f}", bound, finding.because


def _confusion(scores: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (str(scores[name]) for name in ("true_yes", "false_no", "false_yes", "true_no"))
    return (*counts, _number(scores["recall"]), _number(scores["false_alarms"]))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _footer(profiles: Profiles, language: str) -> str:
    documents = profiles.knowledge
    model = f"; model tuned on {profiles.tuned.samples:,} samples" if profiles.tuned else ""
    read = f"{documents.documents:,} documents in {', '.join(documents.languages)}, {len(documents.terms):,} terms"
    return f"{read}{model}; question in {language}"
