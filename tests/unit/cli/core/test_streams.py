"""Standard streams that are closed, full, or read no further leave a sentence or nothing, and never a trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ANSWERS = """
import sys, types, typer
from cli.core.output import reporting
app = typer.Typer(pretty_exceptions_enable=False)
@app.command()
def answer(json: bool = False):
    with reporting(as_json=json) as output:
        output.result({"answer": 1}, lambda console: console.print("answer"))
module = sys.modules["cli.app"] = types.ModuleType("cli.app")
module.app = app
from cli.main import main
main()
"""


def answered(root: Path, form: str, redirection: str, **streams: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {form} {redirection}', sys.executable, ANSWERS],
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
        timeout=60,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


def test_a_closed_stream_is_one_that_nobody_reads(root: Path) -> None:
    assert answered(root, "", ">&- <&- 2>&-").returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("form", ["", "--json"], ids=["people", "programs"])
def test_a_full_stream_is_told_on_the_other_one(root: Path, form: str) -> None:
    ended = answered(root, form, ">/dev/full")
    told = "Error: The result cannot be written: No space left on device."
    assert (ended.returncode, ended.stderr.strip()) == (1, told)


def test_whoever_reads_no_further_is_told_nothing(root: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    ended = answered(root, "--json", "", stdout=written)
    os.close(written)
    assert (ended.returncode, ended.stderr) == (1, "")
