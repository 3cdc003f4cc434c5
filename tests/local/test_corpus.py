"""The large documentation corpus goes in whole, and its questions find the pages that answer them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from cli.sync.synchronise import SyncResult, sync
from tests.local.asking import cited, invoke
from tests.local.deployed import Deployed

pytestmark = [pytest.mark.local, pytest.mark.corpus]

PAGES = 454
ENOUGH = {"semantic": 0.9, "hybrid": 0.94}
"""Least share of the questions whose page is cited; plain BM25 reaches 0.94."""
PASSAGES = 5


@pytest.fixture(scope="module")
def corpus(root: Path) -> Path:
    """The folder with `documents/` and `questions.jsonl`."""
    folder = root.parent / "shared" / "data" / "aws-docs"
    if not folder.is_dir():
        pytest.skip(f"the corpus is not at {folder}")
    return folder


@pytest.fixture(scope="module")
def synced(corpus: Path, deployed: Deployed) -> SyncResult:
    """All pages, through the documents bucket and the sync that an upload starts by itself."""
    return sync(deployed.deployment, corpus / "documents")


def test_every_page_is_indexed(synced: SyncResult) -> None:
    assert synced.problems == ()
    assert (synced.documents, synced.indexed) == (PAGES, PAGES)
    assert synced.automatic


@pytest.mark.parametrize("search", ENOUGH)
def test_the_right_page_is_cited_among_the_first_five(
    corpus: Path, deployed: Deployed, synced: SyncResult, search: str, capsys: pytest.CaptureFixture[str]
) -> None:
    questions: list[dict[str, Any]] = [
        json.loads(line) for line in (corpus / "questions.jsonl").read_text().splitlines()
    ]
    started = time.monotonic()
    asked = {"mode": "rag", "retrieval": {"search": search}}
    answers = [invoke(deployed, {"question": question["question"], **asked}) for question in questions]
    seconds = time.monotonic() - started
    hits = sum(
        question["document"] in cited(answer)[:PASSAGES] for question, answer in zip(questions, answers, strict=True)
    )
    with capsys.disabled():
        print(  # noqa: T201 - the measurement itself, asked for beside the verdict
            f"\n{synced.indexed} pages indexed in {synced.seconds} s; {search} search cites the right page for {hits}"
            f" of {len(questions)} questions ({hits / len(questions):.0%}), {seconds:.1f} s"
        )

    assert not [answer["error"] for answer in answers if "error" in answer]
    assert hits / len(questions) >= ENOUGH[search]
