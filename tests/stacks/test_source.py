"""The functions are deployed with their bytecode: the same everywhere, of the very sources beside it."""

import marshal
import os
import subprocess
from _imp import source_hash
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from stacks.constructs.base import source
from stacks.constructs.base.source import MAGIC, SOURCE, TASK, digest_of, functions_code, runtime, stage
from tests.stacks.conftest import WITHOUT_COPIES

UNCHECKED = b"\x01\x00\x00\x00"
IMPORT = "import sys, arbiter.handlers.router as module; print(module.__cached__, sys.dont_write_bytecode)"


@pytest.fixture
def interpreter() -> str:
    found = runtime()
    if found is None:
        pytest.skip("no Python of the functions' runtime here")
    return found


def compiled(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.pyc")}


def test_every_module_is_deployed_with_the_bytecode_of_its_source(interpreter: str, tmp_path: Path) -> None:
    stage(tmp_path, interpreter)
    kind = int.from_bytes(bytes.fromhex(MAGIC), "little")
    sources = {path.relative_to(SOURCE): path.read_bytes() for path in SOURCE.rglob("*.py")}
    bytecode = compiled(tmp_path)
    assert len(bytecode) == len(sources) > 100
    for path, text in sources.items():
        pyc = bytecode[str(path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc")]
        assert pyc.startswith(bytes.fromhex(MAGIC) + UNCHECKED + source_hash(kind, text)), path
        assert (tmp_path / path).read_bytes() == text


def test_the_same_sources_make_the_same_bytes(interpreter: str, tmp_path: Path) -> None:
    for name in ("one", "another, elsewhere"):
        stage(tmp_path / name, interpreter)
    one, other = compiled(tmp_path / "one"), compiled(tmp_path / "another, elsewhere")
    assert one == other
    assert not [name for name, content in one.items() if bytes(tmp_path) in content]
    assert all(TASK.encode() in content for content in one.values())
    assert digest_of(tmp_path / "one", MAGIC) == digest_of(tmp_path / "another, elsewhere", MAGIC)


def test_the_digest_follows_sources_names_and_the_kind_of_bytecode(tmp_path: Path) -> None:
    for folder, name, content in (("a", "x.py", "1"), ("b", "x.py", "2"), ("c", "y.py", "1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content)
    digests = [digest_of(tmp_path / folder, MAGIC) for folder in "abc"] + [digest_of(tmp_path / "a", "")]
    assert len(set(digests)) == 4
    (tmp_path / "a" / "x.pyc").write_bytes(marshal.dumps("compiled by another release"))
    assert digest_of(tmp_path / "a", MAGIC) == digests[0]


def test_a_read_only_folder_is_imported_from_its_bytecode(interpreter: str, tmp_path: Path) -> None:
    stage(tmp_path, interpreter)
    # Bytecode of what the source does not say shows which of the two is imported.
    (tmp_path / "arbiter" / "handlers" / "router.py").write_text("raise SystemExit('compiled anew')")
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = compiled(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [interpreter, "-c", IMPORT]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755)
    assert done.stdout.strip().endswith("router.cpython-313.pyc True"), done.stderr
    assert compiled(tmp_path) == before


def test_without_an_interpreter_of_the_runtime_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(source, "_candidates", lambda: iter(["/nowhere/python3.13", "false"]))
    code = functions_code.__wrapped__()
    assert not compiled(code.folder)
    assert (code.folder / "arbiter" / "handlers" / "router.py").is_file()
    assert capsys.readouterr().err.count("\n") == 1
    assert code.digest == digest_of(code.folder, "")


def test_the_deployed_functions_have_their_bytecode(interpreter: str, context: dict[str, Any], tmp_path: Path) -> None:
    copied = {key: value for key, value in context.items() if key not in WITHOUT_COPIES}
    app = cdk.App(context={**copied, "env": "dev"}, outdir=str(tmp_path))
    build(app, context["environments"])
    app.synth()
    folders = [path for path in tmp_path.glob("asset.*") if (path / "arbiter").is_dir()]
    assert len(folders) == 1
    assert compiled(folders[0]).keys() == compiled(functions_code().folder).keys()
