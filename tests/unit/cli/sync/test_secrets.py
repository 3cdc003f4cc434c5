"""A secret is found before it is sent, wherever in a document it stands."""

from pathlib import Path

import pytest

from cli.sync.documents import Manifest, scan
from cli.sync.secrets import WINDOW, Policy

KEY = "AKIA" + "Q3EGWTR5TYHNZSLB"  # No key: in two parts, so that no scanner takes it for one.


def scanned(folder: Path, text: str, policy: Policy = "refused") -> Manifest:
    (folder / "credentials.txt").write_text(text)
    return scan(folder, secrets=policy)


@pytest.mark.parametrize("before", ["", "line\n" * WINDOW, "x" * (WINDOW - 10) + " "], ids=["short", "lines", "line"])
def test_a_document_with_a_key_is_refused_with_its_line(tmp_path: Path, before: str) -> None:
    manifest = scanned(tmp_path, f"{before}key = {KEY}\n")
    assert manifest.documents == ()
    line = before.count("\n") + 1
    assert f"it holds an AWS access key (line {line:,}): revoke and remove it" in manifest.unfit[0].reason


def test_a_key_can_be_allowed_and_is_noted(tmp_path: Path) -> None:
    manifest = scanned(tmp_path, KEY, "noted")
    assert [item.key for item in manifest.documents] == ["credentials.txt"]
    assert manifest.doubtful[0].reason == "it holds an AWS access key (line 1)"


def test_what_only_looks_like_a_secret_is_sent_and_named(tmp_path: Path) -> None:
    manifest = scanned(tmp_path, 'password = "hunter2-Xq9!kd"')
    assert [item.key for item in manifest.documents] == ["credentials.txt"]
    assert "looks like a password" in manifest.doubtful[0].reason
