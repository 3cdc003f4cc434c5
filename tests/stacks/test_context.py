"""The context of the app: what cannot be read of it is refused in a sentence, and what is left out has a default."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from stacks.settings.problems import SettingsError

EUROPEAN = ["eu.anthropic.claude-haiku-4-5-20251001-v1:0", "eu.mistral.pixtral-large-2502-v1:0"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"env": "porduction"}, 'there is no environment "porduction"; allowed with -c env=…: dev, prod, local'),
        (
            {"env": "prdo"},
            'there is no environment "prdo"; did you mean "prod"? allowed with -c env=…: dev, prod, local',
        ),
        ({"environments": None}, "cdk.json has no environments in its context; run the app through the CDK CLI"),
        ({"prices": {"as_of": "yesterday"}}, "cdk.json: prices cannot be read:\n  as_of: input should be a valid date"),
        ({"prices": None}, "cdk.json has no prices in its context"),
        (
            {"env": "my_env", "environments": {"my_env": {}}},
            'an environment cannot be called "my_env"; use 1 to 24 letters',
        ),
        ({"env": "x" * 25, "environments": {"x" * 25: {}}}, "an environment cannot be called"),
    ],
)
def test_a_context_that_cannot_be_read_is_refused(
    context: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        build(cdk.App(context={**shipped(context), **change}))
    assert sentence in str(caught.value)


def test_the_environment_is_dev_unless_said_otherwise(context: dict[str, Any]) -> None:
    assert build(cdk.App(context=context)).storage.stack_name == "Arbiter-dev-Storage"


def test_a_region_without_fine_tuning_gets_the_other_stacks(context: dict[str, Any]) -> None:
    block = {"region": "eu-west-1", "fine_tuning": {"enabled": False}, "evaluation": {"judges": EUROPEAN}}
    block["generation"] = {"verifier": EUROPEAN[0]}
    arbiter = build(cdk.App(context={**context, "environments": {"dev": block}}))
    assert arbiter.fine_tuning is None
    assert arbiter.storage.region == "eu-west-1"


def test_the_app_ends_with_one_message_and_no_stack_trace(root: Path, context: dict[str, Any], tmp_path: Path) -> None:
    broken = {**shipped(context), "environments": {"dev": {"regoin": "x"}}}
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(broken), "CDK_OUTDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(root / "app.py")], capture_output=True, text=True, check=False, env=environment, cwd=root
    )
    # jsii's own warning about an old Node is not ours.
    lines = [line for line in done.stderr.splitlines() if "!!" not in line]
    assert done.returncode == 1
    assert lines[0] == 'cdk.json: environment "dev" has a problem:'
    assert lines[1].startswith('  regoin: unknown setting; did you mean "region"?')
    assert len(lines) == 2
    assert done.stdout == ""


def shipped(context: dict[str, Any]) -> dict[str, Any]:
    """The context without the environment that these tests add."""
    environments = {name: block for name, block in context["environments"].items() if name in ("dev", "prod", "local")}
    return {**context, "environments": environments}
