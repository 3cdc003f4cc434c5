"""Fixtures of the tests of training."""

from pathlib import Path

import pytest

from tests.unit.cli.training.pipelines import PAIRS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text(PAIRS)
    return path
