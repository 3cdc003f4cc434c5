"""Synthesis beside the start of the local AWS finds nobody's credentials."""

import os
from pathlib import Path

import pytest

from cli.local.bring_up import synthesis

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
