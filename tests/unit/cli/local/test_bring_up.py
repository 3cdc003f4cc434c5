"""Synthesis beside the start of the local AWS: it finds nobody's credentials, and ends with what it is for."""

import os
import time
from pathlib import Path
from typing import Never

import pytest

from cli.core.cdk import Cdk
from cli.core.errors import CliError
from cli.local.bring_up import synthesis
from local.interpreters import LauncherError

PATIENCE = 20


def cdk(root: Path, script: str) -> None:
    """Put a script in the place of the CDK CLI of a repository."""
    executable = root / "node_modules" / ".bin" / "cdk"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\n{script}\n")
    executable.chmod(0o755)


def test_nothing_of_the_developers_own_aws_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    cdk(tmp_path, "env > environment")
    with synthesis(tmp_path) as templates:
        templates.result(PATIENCE)
    environment = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines())
    assert {name: value for name, value in environment.items() if name.startswith(("AWS_", "CDK_DEFAULT_"))} == {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": "000000000000",
        "CDK_DEFAULT_REGION": "us-east-1",
    }


def test_a_failed_start_kills_the_synthesis_with_the_app_that_it_runs(tmp_path: Path) -> None:
    cdk(tmp_path, "sleep 60 & touch began; wait")
    failure = LauncherError("the local AWS ended with status 1")
    with pytest.raises(LauncherError) as raised, synthesis(tmp_path) as templates:
        _fail_once_there(tmp_path / "began", failure)
    assert raised.value is failure
    # Its output ends when nobody holds it any more, the app included.
    assert "`cdk synth` failed" in str(templates.exception(PATIENCE))


def test_what_is_stopped_before_it_began_begins_no_more(tmp_path: Path) -> None:
    cdk(tmp_path, "touch began")
    stopped = Cdk(tmp_path, environment={}, log=tmp_path / "log")
    stopped.stop()
    with pytest.raises(CliError, match="stopped"):
        stopped.synthesise("local", tmp_path)
    assert not (tmp_path / "began").exists()


def _fail_once_there(file: Path, failure: Exception) -> Never:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    raise failure
