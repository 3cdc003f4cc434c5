"""What a command will write is tried before anything is sent, and trying leaves no trace."""

import os
import webbrowser
from errno import EROFS
from pathlib import Path
from typing import Any

import pytest

from cli.core.errors import CliError
from cli.core.outputs import open_in_browser, require_writable, write_whole
from tests.unit.cli.core.invoked import run
from tests.unit.cli.fakes import StubbedDeployment


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text("kept")
    require_writable(tmp_path / "old.html", tmp_path / "new.html", tmp_path / "none" / "yet" / "new.html")
    assert [path.name for path in tmp_path.iterdir()] == ["old.html"]
    assert (tmp_path / "old.html").read_text() == "kept"


@pytest.mark.parametrize(("named", "program", "opened"), [("www-browser", "w3m", False), ("firefox", "firefox", True)])
def test_no_page_is_opened_in_the_terminal_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, program: str, opened: bool
) -> None:
    (tmp_path / program).touch(0o755)
    if named != program:
        (tmp_path / named).symlink_to(tmp_path / program)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser(named))
    monkeypatch.setattr(webbrowser, "open", lambda address: True)
    assert open_in_browser("file:///page.html") is opened


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, link = tmp_path / "kept.json", tmp_path / "link.json"
    write_whole(kept, b"old", mode=0o600)
    link.symlink_to(kept)
    # Of somebody who would have the content written elsewhere.
    tmp_path.joinpath(f".kept.json.{os.getpid()}.part").symlink_to(tmp_path / "elsewhere")
    write_whole(link, b"older")
    assert (link.is_symlink(), kept.read_bytes(), kept.stat().st_mode & 0o777) == (True, b"older", 0o600)

    def full(path: Path, _: bytes) -> None:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(kept, b"new")
    assert (kept.read_bytes(), len([*tmp_path.iterdir()])) == (b"older", 2)


@pytest.mark.parametrize("name", ["folder", "file/new.html", "file/none/new.html", "x" * 300])
def test_what_cannot_be_written_is_named_with_the_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(CliError, match=r"cannot be written: .* Name another file") as refused:
        require_writable(tmp_path / name)
    assert refused.value.code == "not_writable"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("con.jsonl", "the name of a device on Windows"), ("re\u200bport.html", r"nobody sees \(U\+200B\)")],
)
def test_a_file_that_nobody_could_name_or_have_is_not_written(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CliError, match=reason):
        require_writable(tmp_path / name)


@pytest.mark.parametrize(
    "command",
    [
        ("train", "generate", "--yes"),
        ("evaluate", "generate", "--yes"),
        ("train", "check", "data.jsonl", "--fix", "mended.jsonl"),
        ("train", "show", "run-1", "--out", "losses.png"),
        ("evaluate", "data.jsonl", "--yes"),
        ("evaluate", "data.jsonl", "--yes", "--out", "none/yet/page.html"),
        ("report", "run-1"),
    ],
)
def test_no_command_sends_anything_before_its_file_can_be_written(
    command: tuple[str, ...], deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data.jsonl").write_text('{"question": "Where?", "answer": "There."}\n')
    monkeypatch.chdir(tmp_path)
    read_only(monkeypatch)
    result = run(*command)
    assert result.exit_code == 1
    assert "cannot be written: Read-only file system" in " ".join(result.stderr.split())


def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every folder read-only for anybody, the superuser too, whom permissions do not stop."""
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if set(mode) & set("wxa+"):
            raise OSError(EROFS, "Read-only file system", str(path))
        return opened(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **options: refuse(options["dir"], "x"))
