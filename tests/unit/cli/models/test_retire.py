"""What `arbiter model retire` refuses before it asks anybody, and what a model stands as."""

import io
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.record import CustomModel
from cli.app import app
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.models import listing, retirement
from cli.models.view import show_models
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import StubbedDeployment

ARN = "arn:aws:bedrock:us-east-1:000000000000:custom-model/a"
MODEL = TunedModel("arn:deployment", custom_model=ARN, base_model="base", run="run-1")


@pytest.mark.parametrize("wrong", ["nonsense", "no such run"])
def test_a_run_that_is_not_there_is_told_before_anybody_is_asked(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = StubbedDeployment()
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey", http_status_code=404)
    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: deployment)
    refused = CliRunner().invoke(app, ["model", "retire", wrong])
    assert refused.exit_code == 1
    assert f"There is no training run {wrong} in" in refused.output
    assert "for good?" not in refused.output


@pytest.mark.parametrize(
    ("pointer", "force", "way_out"),
    [("in_service", True, "roll back first."), ("previous", False, "with --force."), ("candidate", False, "--force.")],
)
def test_a_model_that_is_pointed_to_is_told_before_anybody_is_asked(
    pointer: str, force: bool, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment: Any = StubbedDeployment()
    monkeypatch.setattr(retirement, "pointed_to", lambda _: {pointer: MODEL})
    with pytest.raises(CliError, match="is not retired: it stands as") as refused:
        retirement.refuse_retirement(deployment, ARN, force)
    assert str(refused.value).endswith(way_out)
    if pointer != "in_service":
        retirement.refuse_retirement(deployment, ARN, True)


def test_whoever_may_not_read_pointers_is_asked_and_the_function_decides() -> None:
    deployment: Any = StubbedDeployment()
    deployment.stub("ssm").add_client_error("get_parameter", "AccessDeniedException", http_status_code=400)
    retirement.refuse_retirement(deployment, ARN, False)


def test_a_model_in_service_is_no_candidate_any_more() -> None:
    pointers = {"candidate": MODEL, "previous": MODEL}
    assert listing._states(ARN, pointers) == ("previous", "candidate")
    assert listing._states(ARN, {**pointers, "in_service": MODEL}) == ("in_service", "previous")


@pytest.mark.parametrize(("deployed", "way"), [(True, "arbiter train FILE"), (False, "deploy it first")])
def test_where_there_is_no_model_the_next_step_is_one_that_can_be_taken(deployed: bool, way: str) -> None:
    console = Console(width=120, file=io.StringIO())
    with console.capture() as captured:
        show_models(console, listing.ModelList(environment="dev", models=(), made_elsewhere=None, deployed=deployed))
    assert way in captured.get()


@pytest.mark.parametrize("run", ["run-1", "earlier", ARN])
def test_the_previous_model_is_retired_by_every_run_that_made_or_used_it(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment: Any = StubbedDeployment()
    asked: list[tuple[str, dict[str, Any]]] = []

    def call(_: Any, function: str, event: dict[str, Any]) -> dict[str, Any]:
        asked.append((function, event))
        return {"custom_model": ARN, "deleted": [ARN], "proof": []}

    monkeypatch.setattr(retirement, "call", call)
    monkeypatch.setattr(retirement, "caller", lambda _: "me")
    monkeypatch.setattr(retirement, "pointed_to", lambda _: {"previous": MODEL})
    monkeypatch.setattr(retirement, "require_run", lambda *_: running(custom_model=CustomModel(name="m", arn=ARN)))
    retirement.retire(deployment, run, force=True)
    assert [event.get("action", "retire") for _, event in asked] == ["forget", "retire"]
    assert asked[0][1]["run"] == MODEL.run
