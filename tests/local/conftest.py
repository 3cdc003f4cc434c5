"""The local AWS, and all stacks on it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import launcher
from local.launcher import LocalAws
from tests.local.account import Account
from tests.local.deployed import Deployed, deploy_to, synthesise
from tests.local.faults import Faults, faults_of

FEW_QUESTIONS = 6


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An empty local AWS that the tests of the emulator share."""
    folder = tmp_path_factory.mktemp("emulator")
    yield launcher.start(folder, faults=True)
    launcher.stop(folder)


@pytest.fixture
def account(local_aws: LocalAws) -> Iterator[Account]:
    """The account on that AWS; its deployments, of which there is a quota, go with the test."""
    account = Account(local_aws)
    yield account
    bedrock = account.client("bedrock")
    for deployment in bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]:
        bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=deployment["customModelDeploymentArn"])


@pytest.fixture
def faults(local_aws: LocalAws) -> Iterator[Faults]:
    """The faults of that AWS, taken back after the test."""
    with faults_of(local_aws) as ordered:
        yield ordered


@pytest.fixture(scope="session")
def synthesised(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of the environment `local`."""
    return synthesise(root, tmp_path_factory.mktemp("assembly"))


@pytest.fixture(scope="module")
def deployed(synthesised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks, as they are, on a local AWS that the tests of a module share."""
    folder = tmp_path_factory.mktemp("deployed")
    yield deploy_to(folder, synthesised)
    launcher.stop(folder)


@pytest.fixture(scope="session")
def few_examples(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's examples, with only the documents and cases that exercise every part once."""
    source, folder = root / "examples", tmp_path_factory.mktemp("examples")
    demo = [json.loads(line) for line in (source / "demo.jsonl").read_text().splitlines()]
    for document in filter(None, (line["document"] for line in demo)):
        (folder / "documents" / document).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "documents" / document, folder / "documents" / document)
    shutil.copytree(source / "training", folder / "training")
    shutil.copy(source / "demo.jsonl", folder)
    (folder / "evaluation").mkdir()
    cases = (source / "evaluation" / "questions.jsonl").read_text().splitlines()[:FEW_QUESTIONS]
    (folder / "evaluation" / "questions.jsonl").write_text("\n".join(cases) + "\n")
    return folder
