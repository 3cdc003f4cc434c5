"""All stacks on a local AWS of their own, deployed from the real templates."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from cli.core.deployment import Deployment
from local import assembly, launcher, sessions
from local.launcher import LocalAws

STACK = "aws:cloudformation:stack"


@dataclass(frozen=True)
class Deployed:
    """A deployment, and the local AWS that it stands on."""

    deployment: Deployment
    aws: LocalAws


def synthesise(root: Path, output: Path, *, environment: str = "local", **blocks: Any) -> Path:
    """The cloud assembly of `local`, under a name, with some settings changed; of a block, those that are named."""
    context = json.loads((root / "cdk.json").read_text())["context"]
    settings = context["environments"][environment] = context["environments"]["local"]
    for name, block in blocks.items():
        settings[name] = {**settings.get(name, {}), **block} if isinstance(block, Mapping) else block
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CDK_VALIDATION", "false")
        app = cdk.App(context={**context, "env": environment}, outdir=str(output))
        build(app, context["environments"])
        app.synth()
    return output


def deploy_to(folder: Path, stacks: Path) -> Deployed:
    """Start a local AWS that keeps its state in a folder, with faults to be ordered, and deploy to it."""
    aws = launcher.start(folder, faults=True)
    assembly.deploy(stacks, aws)
    return Deployed(Deployment.find("local", folder), aws)


def deploy_beside(deployed: Deployed, stacks: Path, name: str, *only: str) -> Deployed:
    """Deploy a few stacks of another environment to the same local AWS."""
    manifest = stacks / "manifest.json"
    assembled = json.loads(manifest.read_text())
    wanted = tuple(f"-{stack}" for stack in only)
    parts = assembled["artifacts"].items()
    kept = {key: part for key, part in parts if part["type"] != STACK or key.endswith(wanted)}
    manifest.write_text(json.dumps({**assembled, "artifacts": kept}))
    assembly.deploy(stacks, deployed.aws)
    return Deployed(Deployment(name, sessions.session(), deployed.aws.endpoint), deployed.aws)


@contextmanager
def deployed_with(root: Path, folder: Path, **blocks: Mapping[str, Any]) -> Iterator[Deployed]:
    """All stacks, with some settings changed, until the context ends."""
    state = folder / "aws"
    state.mkdir()
    yield deploy_to(state, synthesise(root, folder / "assembly", **blocks))
    launcher.stop(state)
