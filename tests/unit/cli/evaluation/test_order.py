"""What a person names becomes the list of techniques, or a sentence that names everything wrong with it."""

import pytest

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.grid import default_arms
from arbiter.tuned_models.training.record import Data, TrainingRecord
from cli.core.errors import CliError
from cli.evaluation.order import order_of, tuned_bases
from tests.unit.cli.fakes import StubbedDeployment, kept

MICRO, LITE = "amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"


def results(deployment: StubbedDeployment) -> Objects:
    return Objects(deployment.client("s3"), "results")


def test_everything_that_is_no_technique_is_named_at_once() -> None:
    with pytest.raises(CliError) as refused:
        order_of("r", {"modes": ["RAG"], "prompting": ["magic"], "retrieval": ["results=0", "depth=3", "rerank=maybe"]})
    for sentence in ("--modes names RAG", "--prompting names magic", "results is 0", "depth", "rerank is 'maybe'"):
        assert sentence in str(refused.value)


def test_filters_are_written_as_json_and_arms_of_one_name_are_numbered() -> None:
    filters = ['{"filter": {"service": "s3"}}', '{"filter": {"year": {">=": 2024}}, "results": 3}', '{"filter": 5}']
    arms = order_of("r", {"modes": ["rag"], "retrieval": [*filters[:2], '{"filter": {"service": "ec2"}}']})["arms"]
    assert [(arm["name"], arm["retrieval"]["filter"]) for arm in arms] == [
        ("rag.filtered", {"equals": {"key": "service", "value": "s3"}}),
        ("rag.results-3-filtered", {"greaterThanOrEquals": {"key": "year", "value": 2024}}),
        ("rag.filtered.2", {"equals": {"key": "service", "value": "ec2"}}),
    ]
    with pytest.raises(CliError, match=r"--retrieval is no JSON .*; --retrieval.filter is 5"):
        order_of("r", {"retrieval": ['{"filter": ', filters[2]]})


def test_limits_are_arms_beside_the_fields_of_every_request() -> None:
    sets, asked = (
        ["default", "max_cost_usd=0.0004,max_latency_ms=900,degrade=true"],
        {"limits": {"max_output_tokens": 64}},
    )
    arms = order_of("r", {"modes": ["base"], "limits": sets, "asked": asked})["arms"]
    limits = {"max_output_tokens": 64, "max_cost_usd": 0.0004, "max_latency_ms": 900}
    assert [(arm["name"], arm["asked"]) for arm in arms] == [
        ("base", asked),
        ("base.usd-0.0004-ms-900-degrade", {"limits": limits, "degrade": True}),
    ]
    with pytest.raises(CliError, match=r"--limits.max_cost_usd is 0 .*--limits.degrade is 'so'.*--limits.speed"):
        order_of("r", {"limits": ["max_cost_usd=0", "degrade=so", "speed=1"]})


def test_a_preference_is_what_auto_goes_by() -> None:
    assert order_of("r", {"modes": ["auto"], "prefer": "cost"}) == {"run": "r", "auto": True, "prefer": "cost"}
    with pytest.raises(CliError, match=r"--prefer names price .*--prefer is what auto goes by"):
        order_of("r", {"modes": ["base"], "prefer": "price"})


def test_what_is_not_named_is_left_to_the_deployment() -> None:
    assert order_of("r", {"repeat": 2}) == {"run": "r", "repeat": 2}


def test_options_are_read_as_they_are_written() -> None:
    named = ["default", "results=10, rerank=true", "strategy=multi_step,search=semantic"]
    arms = order_of("r", {"modes": ["rag"], "retrieval": named})["arms"]
    assert [arm.get("retrieval") for arm in arms] == [
        None, {"results": 10, "rerank": True}, {"strategy": "multi_step", "search": "semantic"}
    ]  # fmt: skip


def test_fields_of_every_request_go_with_every_arm() -> None:
    asked = {"system": "Be brief.", "limits": {"max_output_tokens": 64}}
    arms = order_of("r", {"modes": ["base", "rag"], "asked": asked})["arms"]
    assert [(arm["name"], arm["asked"]) for arm in arms] == [("base", asked), ("rag", asked)]
    assert {"arms"} <= order_of("r", {"asked": asked}).keys()
    assert "arms" not in order_of("r", {"asked": {}})


def test_tuned_runs_are_ordered_beside_their_own_bases() -> None:
    deployment, bases = StubbedDeployment(), {"small-1": MICRO, "large-1": LITE}
    for run, base in (("small-1", f"{MICRO}:128k"), ("large-1", f"{LITE}:300k")):
        record = TrainingRecord(
            run=run, status="nominated", data=Data(key="k"), base_model=base, customization_type="FINE_TUNING",
            hyperparameters={},
        )  # fmt: skip
        kept(deployment, record)
    assert tuned_bases(results(deployment), ["small-1", "large-1", "small-1"]) == bases
    assert order_of("r", {}, lambda: bases) == {"run": "r", "arms": default_arms(tuned=bases)}


def test_training_runs_that_nobody_knows_are_named() -> None:
    deployment = StubbedDeployment()
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey")
    with pytest.raises(CliError, match="There is no training run never, Not A Run: `arbiter train list` names them"):
        tuned_bases(results(deployment), ["never", "Not A Run"])


def test_auto_is_no_arm_of_its_own_but_is_asked_for() -> None:
    assert order_of("r", {"modes": ["auto", "base"]}) == {
        "run": "r",
        "arms": [{"name": "base", "mode": "base"}],
        "auto": True,
    }
    assert order_of("r", {"modes": ["auto"]}) == {"run": "r", "auto": True}
    assert "auto" not in order_of("r", {"modes": ["base"]})


def test_an_unknown_mode_is_told_with_those_there_are() -> None:
    with pytest.raises(CliError, match=r"--modes names ragg \(allowed: .*combined, auto\)"):
        order_of("r", {"modes": ["ragg", "auto"]})
