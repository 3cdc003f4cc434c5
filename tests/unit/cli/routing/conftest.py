"""Folders are looked into by words, unless a test brings an encoder: the real one takes seconds to start."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARBITER_EMULATOR_PYTHON", str(tmp_path / "absent"))
