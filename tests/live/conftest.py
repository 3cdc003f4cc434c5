"""A real account, and what a test needs of it: everything is skipped until an environment variable asks for it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.deployment import Deployment
from stacks.parsing import parse


def required(variable: str, why: str) -> str:
    """The value of a variable without which a test is skipped."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"set {variable}: {why}")
    return value


@pytest.fixture(scope="session")
def deployment(root: Path) -> Deployment:
    """The deployment in the account of the AWS credentials, once each of its models has answered one token."""
    found = Deployment.find(required("ARBITER_LIVE_ENV", "a deployed environment; it costs money there"), root)
    runtime = found.client("bedrock-runtime")
    refusals = list(filter(None, (refusal(runtime, model) for model in configured(root, found.environment))))
    if refusals:
        pytest.fail("Open these models first (docs/model-access.md):\n" + "\n".join(refusals))
    return found


def configured(root: Path, environment: str) -> Iterator[str]:
    """Every model that an environment calls by Converse, once."""
    settings = parse(environment, json.loads((root / "cdk.json").read_text())["context"]["environments"][environment])
    evaluation, generation = settings.evaluation, settings.generation
    teacher = settings.fine_tuning.teacher_model if settings.fine_tuning.enabled else None
    called = [settings.models.base, *evaluation.judges, *evaluation.models, generation.generator, generation.verifier]
    yield from dict.fromkeys([*called, *([teacher] if teacher else [])])


def refusal(runtime: Any, model: str) -> str | None:
    """The reason why a model does not answer with one token, in AWS's words."""
    messages = [{"role": "user", "content": [{"text": "Hi"}]}]
    try:
        runtime.converse(modelId=model, messages=messages, inferenceConfig={"maxTokens": 1})
    except ClientError as error:
        return f"{model}: {error}"
    return None
