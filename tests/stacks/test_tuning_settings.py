"""Fine-tuning that cannot be deployed as it is set: a sentence for each reason."""

from typing import Any

import pytest

from stacks.parsing import parse
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError
from tests.stacks.refusal import refusal


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (
            {"fine_tuning": {"tuned_model": "arn:aws:bedrock:us-west-2:123456789012:imported-model/abcdefghijkl"}},
            "the model is in us-west-2, but the router calls models in us-east-1; name one there",
        ),
        (
            {
                "account": "210987654321",
                "fine_tuning": {"tuned_model": "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"},
            },
            "fine_tuning.tuned_model: the model is in the account 123456789012, but the router in 210987654321",
        ),
        (
            {
                "fine_tuning": {
                    "hosting": "provisioned",
                    "provisioned": {"ttl_hours": 1},
                    "tuned_model": "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl",
                }
            },
            (
                'fine_tuning.tuned_model: is not possible with hosting "provisioned": '
                "the router would never call the throughput paid for by the hour"
            ),
        ),
        (
            {"region": "eu-west-1"},
            (
                "fine_tuning.enabled: Nova models are customized in us-east-1 only, not in eu-west-1; "
                "set it to false or the region to us-east-1"
            ),
        ),
        (
            {"fine_tuning": {"base_model": "amazon.nova-micro-v1:0"}},
            (
                'fine_tuning.base_model: "amazon.nova-micro-v1:0" is the id to call the model by; '
                'to customize it write "amazon.nova-micro-v1:0:128k"'
            ),
        ),
        (
            {"fine_tuning": {"base_model": "us.amazon.nova-2-lite-v1:0"}},
            (
                "fine_tuning.base_model: an inference profile cannot be customized; allowed: "
                "amazon.nova-micro-v1:0:128k, amazon.nova-lite-v1:0:300k, "
                "amazon.nova-pro-v1:0:300k, amazon.nova-2-lite-v1:0:256k"
            ),
        ),
    ],
)
def test_fine_tuning_that_does_not_fit_the_rest_is_refused_with_the_reason(
    block: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(block)


@pytest.mark.parametrize(
    ("tuning", "sentence"),
    [
        (
            {"teacher_model": "amazon.nova-pro-v1:0"},
            "fine_tuning.teacher_model: only a distillation has a teacher; leave it out, or set customization_type",
        ),
        (
            {"customization_type": "DISTILLATION"},
            "teacher_model: a distillation needs a teacher model; allowed: amazon.nova-pro-v1:0",
        ),
        (
            {"customization_type": "DISTILLATION", "teacher_model": "amazon.nova-lite-v1:0"},
            "fine_tuning.teacher_model: amazon.nova-lite-v1:0 does not teach amazon.nova-micro-v1:0:128k",
        ),
        ({"hosting": "provisioned"}, 'fine_tuning.provisioned: hosting "provisioned" needs it'),
        (
            {"provisioned": {"ttl_hours": 1}},
            'fine_tuning.provisioned: hosting is "on_demand", which is paid by the token',
        ),
        (
            {"hosting": "provisioned", "provisioned": {"ttl_hours": 745, "commitment": "one_month"}},
            "fine_tuning.provisioned.ttl_hours: 745 is beyond the commitment, which ends after 744 hours at most",
        ),
        (
            {"hosting": "provisioned", "provisioned": {"ttl_hours": 1, "accepted_total_usd": 5.0}},
            "fine_tuning.provisioned.accepted_total_usd: there is no commitment whose cost could be accepted",
        ),
    ],
)
def test_tuning_that_cannot_work_is_refused_with_the_reason(tuning: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal({"fine_tuning": tuning})


COMMITTED = {"hosting": "provisioned", "provisioned": {"ttl_hours": 744, "commitment": "one_month", "model_units": 2}}


def priced(usd: float | None) -> PriceBook:
    price = {"usd": usd, "source": "a test's own price"}
    models = {"custom:amazon.nova-micro-v1:0:128k": {"provisioned_per_hour": price}}
    return PriceBook.parse({"as_of": "2026-11-21", "region": "us-east-1", "currency": "USD", "models": models})


def committed(accepted: float | None) -> dict[str, Any]:
    return {"fine_tuning": {**COMMITTED, "provisioned": {**COMMITTED["provisioned"], "accepted_total_usd": accepted}}}  # type: ignore[dict-item]


@pytest.mark.parametrize("accepted", [None, 1.0, 90023.99])
def test_a_commitment_needs_its_whole_cost_confirmed(accepted: float | None) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("dev", committed(accepted), priced(60.5))
    assert "costs up to 90024.00 USD (2 model units for 744 hours at 60.5 USD" in str(caught.value)
    assert "to confirm that, write 90024.00" in str(caught.value)


def test_a_commitment_of_unknown_cost_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"so its cost is unknown; fill it in .*or commit to none"):
        parse("dev", committed(1.0), priced(None))


def test_a_commitment_that_was_confirmed_is_accepted() -> None:
    assert parse("dev", committed(90024.0), priced(60.5)).fine_tuning.provisioned


def test_a_distillation_from_its_teacher_is_accepted() -> None:
    tuning = {"customization_type": "DISTILLATION", "teacher_model": "us.amazon.nova-pro-v1:0"}
    assert parse("dev", {"fine_tuning": tuning}).fine_tuning.teacher_model


def test_hyperparameters_are_texts_without_exponents() -> None:
    settings = parse("dev", {"fine_tuning": {"epochs": 3, "learning_rate": 1e-6, "warmup_steps": 0}})
    assert settings.fine_tuning.hyperparameters() == {
        "epochCount": "3",
        "learningRate": "0.000001",
        "learningRateWarmupSteps": "0",
    }
