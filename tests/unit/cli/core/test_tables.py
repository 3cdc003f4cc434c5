"""Tables at any width: nothing is cut, and words stay whole where there is room for them."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column

from cli.core.progress import bars
from cli.core.terminal import Folded, run_column


@pytest.mark.parametrize("width", [30, 50, 80, 140])
def test_a_table_is_folded_and_never_cut(width: int) -> None:
    headings = ["Technique", "Quality", "Answered", "Not answered", "Median latency", "Tokens"]
    cells = [
        "combined:amazon.nova-pro-v1:0",
        "7.50 (7.10 to 7.90)",
        "120 of 120",
        "3 throttled",
        "2,345 ms",
        "1,234,567",
    ]
    table = Folded(*headings)
    table.add_row(*cells)
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    assert all(cell_len(line) <= width for line in lines)
    for mark, texts in (("┃", headings), ("│", cells)) if width >= 80 else ():
        columns = zip(*(line.split(mark)[1:-1] for line in lines if line.startswith(mark)), strict=True)
        assert ["".join("".join(column).split()) for column in columns] == ["".join(text.split()) for text in texts]
    # A terminal too narrow for the headings side by side gets a list.
    named = "".join(f"{heading}{cell}" for heading, cell in zip(headings, cells, strict=True))
    assert width >= 80 or sorted("".join(captured.get().split())) == sorted("".join(named.split()))
    assert all(word in captured.get() for heading in headings for word in heading.split())


def test_a_long_code_breaks_no_short_name_beside_it() -> None:
    table = Folded("Technique", "Quality", "Answered", "Not answered", "Right source", "Latency", "Tokens", "Cost")
    table.add_row("fine_tuned", "not judged", "0 of 35", "35 " + "x" * 40, "100%", "1,519 ms", "21,299 + 556", "$0.03")
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(table)
    assert "fine_tuned" in captured.get()
    assert all(cell_len(line) <= 80 for line in captured.get().splitlines())


def test_a_table_without_headings_cuts_nothing_and_a_narrow_one_is_a_list() -> None:
    facts = Folded(show_header=False, box=None)
    facts.add_row("Hyperparameters", "epochCount 3, learningRate 0.00001, learningRateWarmupSteps 10, and more")
    answers = Folded("Mode", "Answer", "Sources", Column("Took", no_wrap=True))
    answers.add_row("rag", "sensor calibrated", "e-bike manual.md", "718 + 31 tokens")
    console = Console(width=40, no_color=True)
    for table, words in ((facts, ("Hyperparameters",)), (answers, ("calibrated", "e-bike", "manual.md"))):
        with console.capture() as captured:
            console.print(table)
        assert all(word in captured.get() for word in words)
        assert "…" not in captured.get()
        assert all(cell_len(line) <= 40 for line in captured.get().splitlines())


@pytest.mark.parametrize("runs", [["tr"], []])
def test_the_heading_of_short_names_is_whole(runs: list[str]) -> None:
    table = Folded(run_column(runs), "Stands as")
    table.add_row("tr", "nominated")
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(table)
    assert "Run" in captured.get()


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(
    "stage", ["Comparing with the bucket", '"vars": left out, for an evaluation has no use for it ' * 2]
)
def test_progress_on_a_narrow_terminal_keeps_its_counts_and_its_sentences(width: int, stage: str) -> None:
    console = Console(width=width, file=(text := io.StringIO()), force_terminal=True, no_color=True)
    with bars(console) as progress:
        progress(stage, 100, 140)
    assert "140/140" in text.getvalue()
    assert "…" not in text.getvalue()


def test_a_table_without_rows_is_not_shown() -> None:
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(Folded("Against", "Points"))
    assert captured.get().strip() == ""
