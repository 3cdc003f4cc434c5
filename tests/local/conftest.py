"""The local AWS, and all stacks on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import launcher
from local.launcher import LocalAws
from local.locks import locked
from tests.local.account import Account
from tests.local.deployed import Deployed, deploy_to, synthesise
from tests.local.examples import few_of
from tests.local.faults import Faults, faults_of


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
def synthesised(root: Path, common: Path) -> Path:
    """The cloud assembly of the environment `local`; synthesised by the first process that wants it."""
    folder = common / "assembly"
    with locked(common / "assembly.lock"):
        if not (folder / "manifest.json").exists():
            synthesise(root, folder)
    return folder


@pytest.fixture(scope="module")
def deployed(synthesised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks, as they are, on a local AWS that the tests of a module share."""
    folder = tmp_path_factory.mktemp("deployed")
    yield deploy_to(folder, synthesised)
    launcher.stop(folder)


@pytest.fixture(scope="session")
def few_examples(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's examples, with only the documents and cases that exercise every part once."""
    return few_of(root, tmp_path_factory.mktemp("examples") / "few")
