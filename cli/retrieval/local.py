"""Retrieval measured on this machine: the local AWS's own parsers, chunking, embedding and search, without an AWS."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from arbiter.answering.searching.hybrid import LEAST_READ, query_text
from cli.core.errors import CliError
from cli.core.progress import Progress
from cli.core.project import PROJECT
from cli.retrieval.arms import Arm, configuration_of
from cli.retrieval.outcome import Measured
from cli.sync.documents import scan
from local.interpreters import LauncherError, emulator_python

MODULE = "local.emulator.knowledge.measuring"
DEEPER = 4
"""Chunks that are searched for each passage that is given: hierarchical chunking gives one for several."""


def measure(
    folder: Path, questions: Sequence[str], arms: Sequence[Arm], progress: Progress
) -> tuple[dict[str, Measured], Mapping[str, Any]]:
    """Every chunking of the arms, and what is to be told of the measuring: the model, and documents without text.

    Raises:
        CliError: there is no such folder, or the measuring fails.
    """
    documents = [item.key for item in scan(folder, secrets="not looked for").documents if not item.is_metadata]
    order = {
        "folder": str(folder.resolve()),  # The measuring runs in the project.
        "documents": documents,
        "chunkings": {name: configuration_of(name) for name in dict.fromkeys(arm.chunking for arm in arms)},
        "questions": [(question, query_text(question)) for question in questions],
        "read": max(LEAST_READ, DEEPER * max(arm.results for arm in arms)),
    }
    measured: dict[str, Measured] = {}
    outcome: dict[str, Any] = {"documents": len(documents)}
    for line in _lines(order):
        if "stage" in line:
            progress(line["stage"], line["done"], line["total"])
            continue
        passages = [(str(document), int(tokens)) for document, tokens in line["passages"]]
        measured[line["chunking"]] = Measured(passages=passages, questions=line["questions"])
        outcome |= {"model": line["model"], "unread": line["unread"]}
    return measured, outcome


def _lines(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of the measuring, as they come."""
    command = [str(_interpreter()), "-m", MODULE]
    # A file, not a pipe: nobody would read what parsers complain of while the results are waited for.
    with (
        TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
        subprocess.Popen(  # noqa: S603 - our own module, on our own interpreter
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, encoding="utf-8"
        ) as child,
    ):
        assert child.stdin  # noqa: S101 - they are pipes
        assert child.stdout  # noqa: S101
        try:
            child.stdin.write(json.dumps(order))
            child.stdin.close()
            for line in child.stdout:
                yield json.loads(line)
        except BaseException:
            child.kill()
            raise
        child.wait()
        complaints.seek(0)
        reason = complaints.read()
    if child.returncode:
        last = reason.strip().splitlines()[-1:] or [f"status {child.returncode}"]
        raise CliError(f"The documents cannot be measured: {last[0]}", code="not_measured")


def _interpreter() -> Path:
    """The interpreter of the local AWS, which has its embedding model; or this one, which has only its fallback."""
    try:
        return emulator_python(PROJECT)
    except LauncherError:
        return Path(sys.executable)
