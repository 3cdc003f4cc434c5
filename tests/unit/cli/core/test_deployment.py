"""A deployment is found by its outputs; one that is not there says what to type."""

from pathlib import Path

import pytest

from cli.core import deployment
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.project import configured, environments, repository
from tests.unit.cli.fakes import StubbedSession, stack


def of(session: StubbedSession, environment: str = "dev") -> Deployment:
    return Deployment(environment, session)  # type: ignore[arg-type]


def test_an_output_is_read_once_a_stack() -> None:
    session = StubbedSession()
    outputs = {"DocumentsBucketName": "documents", "TrainingBucketName": "training"}
    session.stub("cloudformation").add_response(
        "describe_stacks", stack("Arbiter-dev-Storage", **outputs), {"StackName": "Arbiter-dev-Storage"}
    )
    found = of(session)
    assert [found.output(name) for name in outputs] == ["documents", "training"]
    session.assert_all_called()


@pytest.mark.parametrize(
    ("environment", "command"),
    [("local", "make local"), ("dev", "make deploy"), ("prod", "make deploy ENV=prod")],
)
def test_a_missing_stack_says_which_command_deploys_it(environment: str, command: str) -> None:
    session = StubbedSession()
    session.stub("cloudformation").add_client_error("describe_stacks", "ValidationError", "does not exist")
    with pytest.raises(CliError, match=f"no stack Arbiter-{environment}-Inference in us-east-1. .*`{command}`"):
        of(session, environment).output("RouterAliasArn")


def test_documents_of_others_are_told_in_a_sentence_although_the_stack_of_former_ones_is_still_there() -> None:
    session = StubbedSession()
    session.stub("cloudformation").add_response(
        "describe_stacks", stack("s", ExistingKnowledgeBaseId="ABCDEFGHIJ"), {"StackName": "Arbiter-dev-Inference"}
    )
    with pytest.raises(CliError, match=r"answers from the knowledge base ABCDEFGHIJ, .* somebody else's") as refused:
        of(session).output("DataSourceId")
    assert refused.value.code == "documents_of_others"
    session.assert_all_called()


def test_a_stack_that_failed_says_its_state() -> None:
    session = StubbedSession()
    session.stub("cloudformation").add_response("describe_stacks", stack("s", status="ROLLBACK_COMPLETE"))
    with pytest.raises(CliError, match="is in state ROLLBACK_COMPLETE"):
        of(session).output("RouterAliasArn")


def test_an_output_of_another_version_is_named() -> None:
    session = StubbedSession()
    session.stub("cloudformation").add_response("describe_stacks", stack("s", Other="x"))
    with pytest.raises(CliError, match=r"has no output RouterAliasArn\. Deploy this version: `make deploy`"):
        of(session).output("RouterAliasArn")


def test_a_local_aws_that_does_not_run_says_how_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment.launcher, "status", lambda root: None)
    with pytest.raises(CliError, match="`arbiter local up`"):
        Deployment.find("local", tmp_path)


def test_without_a_local_aws_the_environment_is_dev_in_its_configured_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment.launcher, "status", lambda root: None)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    settings = '{"context": {"environments": {"dev": {"region": "us-west-2"}}}}'
    (tmp_path / "cdk.json").write_text(settings, encoding="utf-8-sig")  # As editors on Windows may write it.
    found = Deployment.find(None, tmp_path)
    assert (found.environment, found.region) == ("dev", "us-west-2")


def test_the_repository_is_the_nearest_folder_with_arbiter_in_it_else_the_one_of_the_program(
    tmp_path: Path, root: Path
) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "cdk.json").write_text("{}")  # of another CDK application
    assert repository(inner) == root
    (tmp_path / "cdk.json").write_text("{}")
    (tmp_path / "lambda" / "arbiter").mkdir(parents=True)
    assert repository(inner) == tmp_path
    assert configured(tmp_path, "dev", "region") is None


@pytest.mark.parametrize("content", [b'{"context": ', '{"context": {}}'.encode("utf-16")], ids=["cut", "PowerShell"])
def test_settings_that_cannot_be_read_are_none_that_protect_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cdk.json").write_bytes(content)
    for read in (lambda: configured(tmp_path, "dev", "account"), lambda: environments(tmp_path)):
        with pytest.raises(CliError, match=r"cdk\.json cannot be read: .*JSON in UTF-8"):
            read()


def test_a_folder_that_was_deleted_is_in_no_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    assert repository() == root
