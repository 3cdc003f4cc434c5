"""The layer of detectors is the same everywhere, and finds the same in the runtime as on this machine."""

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from arbiter.detection.detector import detect
from stacks.constructs.base.packages import DETECTORS, detectors, digest_of, files_of

TEXTS = (
    "write to jo@acme.org or call +49 30 901820",
    "AKIA" + "Q7" * 8,
    "GB82 WEST 1234 5698 7654 32, BE71 0961 2345 6769, ES91 2100 0418 4502 0005 1332, ME25 5050 0001 2345 6789 51",
    "NO93 8601 1117 947 and 5500-0055-5555-5559 and 536-22-8726 and 390.533.447-05",
    "RSSMRA85T10A562S 54362315K 943 476 5870",
    "db_password: 'Xk29!pfq' and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
)
PROGRAM = """
import dataclasses, json, sys
from arbiter.detection.detector import detect
print(json.dumps([[dataclasses.astuple(found) for found in detect(text)] for text in json.load(sys.stdin)]))
"""


@pytest.fixture
def runtime(root: Path) -> Path:
    """The interpreter of the deployed runtime, without this project's packages."""
    interpreter = root / ".arbiter" / "lambda-venv" / "bin" / "python"
    if not interpreter.exists():
        pytest.skip("needs `make install`")
    return interpreter


def test_the_deployed_detectors_find_what_those_here_find(runtime: Path, root: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(detectors().content)).extractall(tmp_path)
    environment = {"PYTHONPATH": f"{tmp_path / 'python'}:{root / 'lambda'}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [str(runtime), "-W", "error", "-c", PROGRAM],
        input=json.dumps(TEXTS),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here = [[[found.code, found.name, found.position] for found in detect(text)] for text in TEXTS]
    assert json.loads(done.stdout) == here
    assert all(here)


def test_nothing_compiled_is_packed() -> None:
    names = zipfile.ZipFile(io.BytesIO(detectors().content)).namelist()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]
    assert {name.split("/")[1] for name in names} >= {"detect_secrets", "phonenumbers", "stdnum", "requests"}


def test_packing_again_makes_the_same_bytes() -> None:
    again = detectors.__wrapped__()
    assert (again.digest, again.content) == (detectors().digest, detectors().content)


def test_the_digest_follows_names_and_contents(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("a = 1\n")
    other.write_text("a = 2\n")
    digests = [digest_of({"x.py": one}), digest_of({"x.py": other}), digest_of({"y.py": one})]
    assert len({*digests, digest_of(files_of(DETECTORS))}) == 4
