"""Tuned models are listed with their cost, retired with what hosts them, and hosting by the hour ends by itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arbiter.tuned_models.service.pointer import TunedModel
from cli.core.errors import CliError
from cli.core.function import call
from cli.evaluation.run import estimate, evaluate
from cli.models.listing import ListedModel, list_models
from cli.models.retirement import retire
from cli.models.service import pointed_to, promote, roll_back
from cli.models.still_billing import still_billing
from cli.sync.synchronise import sync
from tests.local.asking import invoke
from tests.local.deployed import Deployed, deployed_with
from tests.local.tuned_models import OUT_OF_SERVICE, ModelFactory

pytestmark = pytest.mark.local

MICRO, LITE = "amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"
HOSTED = {"hosting": "provisioned", "provisioned": {"ttl_hours": 1}}
ANSWERS = {f"Where is hut {number}?": f"Hut {number} stands by lake {number}." for number in range(10)}
ASK = {"question": "Where is hut 3?", "mode": "fine_tuned"}


@pytest.fixture(scope="module")
def hosted(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks, with tuned models hosted by the hour, and a second model that may answer evaluations."""
    both = {"fine_tuning": HOSTED, "evaluation": {"models": [LITE]}}
    with deployed_with(root, tmp_path_factory.mktemp("hosted"), **both) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def factory(hosted: Deployed) -> ModelFactory:
    return ModelFactory(hosted)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")


def exists(hosted: Deployed, model: TunedModel) -> bool:
    bedrock = hosted.deployment.client("bedrock")
    try:
        bedrock.get_custom_model(modelIdentifier=model.custom_model)
    except bedrock.exceptions.ResourceNotFoundException:
        return False
    return True


def listed(hosted: Deployed, run: str) -> ListedModel:
    (found,) = (one for one in list_models(hosted.deployment).models if run in one.runs)
    return found


def in_service(factory: ModelFactory, model: TunedModel) -> None:
    factory.nominate(model)
    assert promote(factory.deployed.deployment, model.run).in_service == model._asdict()


def test_a_model_is_listed_used_and_retired_with_all_that_hosts_it(hosted: Deployed, factory: ModelFactory) -> None:
    deployment = hosted.deployment
    model = factory.deploy("first", factory.train("first", ANSWERS))
    throughput = factory.provision("first", model.custom_model, expires_at=in_hours(1))
    assert listed(hosted, "first").states == ("idle",)
    in_service(factory, model)
    found = listed(hosted, "first")
    assert found.states == ("in_service",)
    assert {host.kind for host in found.hosts} == {"on_demand", "provisioned"}
    assert [host.expires_at for host in found.hosts if host.kind == "provisioned"] != [None]
    assert found.usd_per_month is None, "its price is not known"
    assert {one.what for one in still_billing(deployment)} == {"custom model storage", "provisioned throughput"}

    with pytest.raises(CliError, match="It answers requests") as refused:
        retire(deployment, "first")
    assert refused.value.code == "model_in_use"
    with pytest.raises(CliError, match="it stands as in service"):
        retire(deployment, "first", force=True)
    assert exists(hosted, model)

    assert roll_back(deployment).in_service is None
    with pytest.raises(CliError, match="A rollback would return to it"):
        retire(deployment, "first")
    gone = retire(deployment, "first", force=True)
    assert gone.deleted == (model.model, throughput.model, model.custom_model)
    assert [one["gone"] for one in gone.proof] == [True] * 3
    assert not exists(hosted, model)
    assert pointed_to(deployment) == {}
    assert still_billing(deployment) == ()
    assert retire(deployment, "first").deleted == ()


def test_hosting_that_has_expired_in_service_is_deleted_and_the_router_says_so(
    hosted: Deployed, factory: ModelFactory
) -> None:
    deployment = hosted.deployment
    custom_model = factory.train("second", ANSWERS)
    model = factory.provision("second", custom_model, expires_at=in_hours(1))
    in_service(factory, model)
    assert invoke(hosted, ASK)["answer"] == "Hut 3 stands by lake 3."

    factory.expire(model)
    expired = call(deployment, "ExpireHostingFunctionArn", {})
    assert expired == {"deleted": [model.model], "model_units": 0, "usd_per_hour": 0.0}
    refused = invoke(hosted, ASK)["error"]
    assert refused["code"] == "tuned_model_unavailable"
    assert "does not exist any more" in refused["message"]
    degraded = invoke(hosted, {**ASK, "degrade": True})
    assert degraded["degraded"] == ["tuned_model_unavailable: answered by the base model"]
    assert listed(hosted, "second").hosts == ()
    assert listed(hosted, "second").states == ("in_service",)


def test_a_model_whose_hosting_has_ended_is_neither_returned_to_nor_promoted(
    hosted: Deployed, factory: ModelFactory
) -> None:
    deployment = hosted.deployment
    dead = pointed_to(deployment)["in_service"]
    alive = factory.deploy("second-again", dead.custom_model)
    in_service(factory, alive)
    with pytest.raises(CliError, match=r"does not exist any more.* arbiter model rollback --to-none") as refused:
        roll_back(deployment)
    assert refused.value.code == "not_hosted"
    factory.nominate(dead)
    with pytest.raises(CliError, match="The model of run second is not put into service"):
        promote(deployment, dead.run)
    assert {name: pointed_to(deployment)[name] for name in ("in_service", "previous")} == {
        "in_service": alive,
        "previous": dead,
    }
    over = factory.provision("second", dead.custom_model, expires_at=in_hours(-0.1))
    factory.nominate(over)
    with pytest.raises(CliError, match=r"the time of its hosting, .*, was over at"):
        promote(deployment, over.run)
    call(deployment, "ExpireHostingFunctionArn", {})
    withdrawn = roll_back(deployment, to_none=True)
    assert (withdrawn.in_service, withdrawn.previous) == (None, alive._asdict())
    assert roll_back(deployment).in_service == alive._asdict()


def test_a_commitment_is_neither_expired_nor_retired_early(hosted: Deployed, factory: ModelFactory) -> None:
    custom_model = factory.train("third", ANSWERS)
    model = factory.provision("third", custom_model, expires_at=in_hours(-0.1), commitmentDuration="OneMonth")
    assert call(hosted.deployment, "ExpireHostingFunctionArn", {})["deleted"] == []
    with pytest.raises(CliError, match="committed, and billed, to the end of its term") as refused:
        retire(hosted.deployment, "third")
    assert refused.value.code == "hosting_committed"
    (host,) = listed(hosted, "third").hosts
    assert (host.arn, host.committed_until is None) == (model.model, False)


def test_models_of_other_environments_are_neither_listed_nor_deleted(hosted: Deployed, factory: ModelFactory) -> None:
    class Theirs(ModelFactory):
        tags = [{"key": "arbiter:environment", "value": "prod"}]  # noqa: RUF012

    custom_model = Theirs(hosted).train("theirs", ANSWERS)
    before = {one.custom_model for one in list_models(hosted.deployment).models}
    assert custom_model not in before
    with pytest.raises(CliError, match="belongs to the environment prod") as refused:
        retire(hosted.deployment, "theirs")
    assert refused.value.code == "unknown_model"


def test_promotion_of_what_was_not_nominated_is_refused_in_a_sentence(hosted: Deployed) -> None:
    with pytest.raises(CliError, match="There is no training run never") as refused:
        promote(hosted.deployment, "never")
    assert refused.value.code == "no_run"


def test_two_models_out_of_service_are_evaluated_beside_their_own_bases(
    hosted: Deployed, factory: ModelFactory, tmp_path: Path
) -> None:
    small = factory.deploy("small", factory.train("small", ANSWERS))
    large = factory.provision("large", factory.train("large", ANSWERS, f"{LITE}:300k"), expires_at=in_hours(1))
    for model in (small, large):
        factory.hosted(model.run, model)
    before, file, documents = pointed_to(hosted.deployment), tmp_path / "questions.jsonl", tmp_path / "documents"
    documents.mkdir()
    (documents / "huts.md").write_text("Hut 3 stands by lake 3 and has twelve beds.\n")
    assert sync(hosted.deployment, documents).complete
    file.write_text(json.dumps({"question": "Where is hut 3?", "reference": ANSWERS["Where is hut 3?"]}))

    counted = estimate(hosted.deployment, file, run="sizes", tuned=["small", "large"])
    assert (counted.answers, len(counted.arms)) == (8, 8)
    result = evaluate(hosted.deployment, file, run="sizes", tuned=["small", "large"])
    arms = {arm["name"]: arm for arm in result.summary["arms"]}
    assert result.complete, result.summary["doubts"]
    assert {name: (arm["base_model"], arm["tuned_run"]) for name, arm in arms.items()} == {
        "base.nova-micro": (MICRO, None), "base.nova-lite": (LITE, None),
        "rag.nova-micro": (MICRO, None), "rag.nova-lite": (LITE, None),
        "fine_tuned.small": (MICRO, "small"), "fine_tuned.large": (LITE, "large"),
        "combined.small": (MICRO, "small"), "combined.large": (LITE, "large"),
    }  # fmt: skip
    answering = {name: answered_by(hosted, "sizes", name) for name in ("fine_tuned.small", "combined.large")}
    assert answering == {"fine_tuned.small": small.model, "combined.large": large.model}
    assert "confounded" not in " ".join(result.summary["caveats"])
    assert result.summary["conclusion"][0].startswith(f"On {MICRO}: Nothing can be said: 1 question was scored")
    assert pointed_to(hosted.deployment) == before

    factory.expire(large)
    call(hosted.deployment, "ExpireHostingFunctionArn", {})
    with pytest.raises(CliError, match=r"run large cannot be called: its hosting, .* does not exist any more"):
        evaluate(hosted.deployment, file, run="gone", tuned=["small", "large"])


def answered_by(hosted: Deployed, run: str, arm: str) -> str:
    """The model that gave the answer to the one question of a run."""
    bucket, key = hosted.deployment.output("ResultsBucketName"), f"evaluations/{run}/answers/case-0001/{arm}.json"
    record = json.loads(hosted.deployment.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return str(record["response"]["model"])


def test_policies_alone_keep_the_functions_from_other_environments(hosted: Deployed) -> None:
    journal = [json.loads(line) for line in hosted.aws.authorizations.read_text().splitlines()]
    denied: list[dict[str, Any]] = [one for one in journal if one["decision"] == "deny"]
    assert denied == []
    used = {(one["role"], one["action"]) for one in journal if one["decision"] == "allow"}
    for role, actions in OUT_OF_SERVICE.items():
        assert {action for name, action in used if role in name} >= set(actions)
