"""What people read about tuned models: what answers, what it costs, and what nobody knows."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.record import CustomModel
from cli.app import app
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError
from cli.models import service
from cli.models.inventory import Host
from cli.models.listing import ListedModel, ModelList
from cli.models.retirement import RetireResult
from cli.models.service import MoveResult
from cli.models.still_billing import Billed
from cli.models.view import show_models, show_move, show_retired, show_still_billing
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import StubbedDeployment

MODEL = {"model": "arn:deployment", "custom_model": "arn:model", "base_model": "base", "run": "run-1"}


def shown(show: Callable[..., None], result: Any) -> str:
    console = Console(width=200, file=io.StringIO())
    with console.capture() as captured:
        show(console, result)
    return captured.get()


def listed(**changed: Any) -> ListedModel:
    made: dict[str, Any] = {
        "name": "arbiter-0123456789abcdef",
        "custom_model": "arn:model",
        "runs": ("run-1", "run-2"),
        "base_model": "amazon.nova-micro-v1:0:128k",
        "states": ("in_service",),
        "hosts": (Host(kind="on_demand", name="slot-1", arn="arn", status="Active", usd_per_hour=0.0),),
        "usd_per_month": 1.95,
    }
    return ListedModel(**{**made, **changed})


def models(*found: ListedModel, made_elsewhere: str | None = None) -> ModelList:
    return ModelList(environment="dev", models=found, made_elsewhere=made_elsewhere)


def test_a_model_is_shown_with_its_runs_its_hosting_and_its_cost() -> None:
    text = shown(show_models, models(listed()))
    for part in ("in service", "run-1", "run-2", "amazon.nova-micro-v1:0:128k", "paid by the token", "$1.95"):
        assert part in text
    assert "retire" not in text


def test_hosting_by_the_hour_says_what_an_hour_costs_and_when_it_ends() -> None:
    host = Host(
        kind="provisioned",
        name="arbiter-dev-run",
        arn="arn",
        status="InService",
        usd_per_hour=60.5,
        expires_at="2026-11-22T08:00:00+00:00",
        committed_until="2026-12-21T08:00:00+00:00",
    )
    text = " ".join(shown(show_models, models(listed(hosts=(host,), usd_per_month=None))).split())
    for part in ("$60.50 an hour", "expires 2026-11-22", "committed until 2026-12-21", "unknown"):
        assert part in text


def test_a_model_that_is_gone_is_named_with_what_happens_instead() -> None:
    text = shown(show_models, models(listed(missing=True, hosts=())))
    assert "in service (missing)" in text
    assert "Bedrock has no arn:model any more" in text
    assert "answered by the base model" in text


@pytest.mark.parametrize("state", ["idle", "orphan"])
def test_a_model_that_nobody_uses_comes_with_the_way_to_be_rid_of_it(state: str) -> None:
    assert "arbiter model retire RUN" in shown(show_models, models(listed(states=(state,))))


def test_a_model_made_elsewhere_is_said_to_answer_alone() -> None:
    text = shown(show_models, models(made_elsewhere="arn:imported-model/x"))
    assert "the router calls only that one: arn:imported-model/x" in text


def moved(**changed: Any) -> MoveResult:
    made: dict[str, Any] = {
        "environment": "dev",
        "action": "promote",
        "in_service": MODEL,
        "previous": None,
        "changed": True,
        "seen_within_seconds": 30.0,
        "made_elsewhere": None,
    }
    return MoveResult(**{**made, **changed})


def test_a_move_says_what_answers_and_how_soon() -> None:
    text = shown(show_move, moved())
    assert "In service: arn:deployment (run run-1)" in text
    assert "Before: none" in text
    assert "within 30 s" in text


def test_a_move_that_changed_nothing_says_so() -> None:
    text = shown(show_move, moved(changed=False))
    assert "Nothing had to change" in text
    assert "within" not in text


def test_a_rollback_to_nothing_says_what_it_means() -> None:
    assert "specialised modes are refused" in shown(show_move, moved(in_service=None, previous=MODEL))


def test_what_is_retired_is_named_with_its_proof() -> None:
    result = RetireResult(environment="dev", run="run-1", custom_model="arn:model", deleted=("arn:model",), proof=())
    assert "Deleted, and seen to be gone: arn:model" in shown(show_retired, result)


def test_nothing_that_bills_is_one_line() -> None:
    assert "Nothing of Arbiter in Bedrock bills" in shown(show_still_billing, ())


def test_what_still_bills_is_listed_and_unknown_prices_are_said() -> None:
    found = (
        Billed(what="provisioned throughput", name="pt", arn="arn", usd_per_hour=60.5),
        Billed(what="custom model storage", name="model", arn="arn"),
    )
    text = shown(show_still_billing, found)
    assert "$60.50" in text
    assert "unknown" in text


def test_the_name_of_a_run_is_not_cut_in_a_narrow_terminal() -> None:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as captured:
        show_models(console, models(listed(runs=("20261121-083000-1a2b",))))
    assert "20261121-083000-1a2b" in captured.get()


def test_promoting_what_no_run_is_called_names_no_other_run(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = StubbedDeployment()
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey", http_status_code=404)

    def refuse(*_: Any) -> None:
        raise FunctionError("Run 'other' is nominated.", code="no_candidate")

    monkeypatch.setattr(service, "call", refuse)
    monkeypatch.setattr(service, "caller", lambda _: "me")
    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: deployment)
    for wrong in ("nonsense", "no such run"):
        refused = CliRunner().invoke(app, ["model", "promote", wrong])
        assert refused.exit_code == 1
        assert f"There is no training run {wrong} in" in refused.output


def test_whoever_may_not_read_records_may_promote(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment: Any = StubbedDeployment()
    deployment.stub("s3").add_client_error("get_object", "AccessDenied", http_status_code=403)
    moved = {"in_service": MODEL, "previous": None, "changed": True}
    monkeypatch.setattr(service, "call", lambda *_: moved)
    monkeypatch.setattr(service, "caller", lambda _: "me")
    assert service.promote(deployment, "run-1").in_service == MODEL


def test_a_model_that_a_later_run_used_again_is_promoted_by_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment: Any = StubbedDeployment()
    again = TunedModel("arn:deployment", custom_model="arn:model", base_model="base", run="later")

    def refuse(*_: Any) -> None:
        raise FunctionError("Run 'later' is nominated.", code="no_candidate")

    monkeypatch.setattr(service, "call", refuse)
    monkeypatch.setattr(service, "caller", lambda _: "me")
    monkeypatch.setattr(service, "pointed_to", lambda _: {"candidate": again})
    for model, told in (
        ("arn:model", "`arbiter model promote later --env dev`"),
        ("arn:other", "'later' is nominated"),
    ):
        trained = CustomModel(name="m", arn=model)
        monkeypatch.setattr(service, "require_run", lambda *_, made=trained: running(custom_model=made))
        with pytest.raises(CliError, match=told):
            service.promote(deployment, "run-1")
