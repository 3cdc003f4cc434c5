"""Retrieval on the large documentation corpus is good enough, with the embedding model and without it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from local import launcher

pytestmark = [pytest.mark.local, pytest.mark.corpus]

ENOUGH = {"installed": {"semantic": 0.9, "hybrid": 0.94}, "fallback": {"semantic": 0.8, "hybrid": 0.8}}
ENOUGH_IN_A_LETTER = 0.6


@pytest.mark.parametrize("model", ["installed", "fallback"])
def test_the_right_page_is_among_five_passages(model: str, root: Path) -> None:
    corpus = root.parent / "shared" / "data" / "aws-docs"
    if not corpus.is_dir():
        pytest.skip(f"the corpus is not at {corpus}")
    measured = subprocess.run(
        [launcher.emulator_python(root), root / "tests/local/retrieval_quality.py", corpus, model],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    result = json.loads(measured.stdout)

    for search, enough in ENOUGH[model].items():
        hits = result["hits"][search]
        assert hits["as it is"] / result["questions"] >= enough, result
        assert hits["on two lines"] == hits["as it is"], result
        assert hits["in a letter"] / result["questions"] >= ENOUGH_IN_A_LETTER, result
