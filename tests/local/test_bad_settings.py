"""The CDK CLI on settings that cannot be deployed: one sentence of what is wrong, and no stack trace."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.local


@pytest.mark.parametrize(
    ("environment", "change", "sentence"),
    [
        (
            "prdo",
            {},
            'cdk.json: there is no environment "prdo"; did you mean "prod"? allowed with -c env=…: dev, prod, local',
        ),
        ("dev", {"chunkign": {"max_tokens": 300}}, 'chunkign: unknown setting; did you mean "chunking"?'),
    ],
    ids=["environment", "setting"],
)
def test_synth_ends_with_a_sentence(
    environment: str, change: dict[str, Any], sentence: str, root: Path, tmp_path: Path
) -> None:
    configuration = json.loads((root / "cdk.json").read_text())
    configuration["app"] = f"{sys.executable} {root / 'app.py'}"
    configuration["context"]["environments"]["dev"] |= change
    (tmp_path / "cdk.json").write_text(json.dumps(configuration))
    done = subprocess.run(
        [root / "node_modules" / ".bin" / "cdk", "synth", "--context", f"env={environment}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    assert done.stderr.count(sentence) == 1
    assert "Traceback" not in done.stderr + done.stdout
