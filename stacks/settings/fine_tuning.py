"""The settings of fine-tuning: its data, its jobs, and where tuned models are hosted."""

from typing import Literal

from pydantic import Field

from stacks.settings.block import Block, ModelId


class Generation(Block):
    """How training and evaluation questions are made from the documents."""

    generator: ModelId = Field(
        default="amazon.nova-lite-v1:0", description="the model id that writes questions and answers"
    )
    verifier: ModelId = Field(
        default="us.anthropic.claude-haiku-4-5-20251001-v1:0",
        description="the model id that checks answers against their passage; another provider than the generator's",
    )
    held_out_percentage: int = Field(
        default=20, ge=0, le=90, description="a whole number from 0 to 90 (documents kept for evaluation)"
    )
    max_tokens: int = Field(default=5_000_000, ge=1000, description="a whole number from 1000 (tokens of a run)")
    max_cost_usd: float | None = Field(default=10.0, gt=0, description="an amount above 0, or null")
    concurrency: int = Field(default=5, ge=1, le=100, description="a whole number from 1 to 100 (documents at once)")
    batch_minimum: int | None = Field(
        default=None,
        ge=100,
        le=50_000,
        description="a whole number from 100 to 50000 (questions to a model that make a batch inference job), or null",
    )


class Provisioned(Block):
    """Throughput that is paid by the hour; it states when it ends."""

    model_units: int = Field(default=1, ge=1, le=100, description="a whole number from 1 to 100")
    commitment: Literal["none", "one_month", "six_months"] = Field(
        default="none", description='"none", "one_month" or "six_months"'
    )
    ttl_hours: int = Field(ge=1, le=4464, description="a whole number from 1 to 4464: it is deleted when they are over")
    accepted_total_usd: float | None = Field(
        default=None, gt=0, description="with a commitment, its whole cost, as a confirmation; else null"
    )


class FineTuning(Block):
    """The training pipeline; the hyperparameters are defaults that a run can override."""

    enabled: bool = Field(default=True, description="true or false")
    base_model: ModelId = Field(
        default="amazon.nova-micro-v1:0:128k",
        description="a customizable model id with its context size; unless it is set, that of models.base",
    )
    epochs: int = Field(default=2, ge=1, le=5, description="a whole number from 1 to 5")
    learning_rate: float = Field(default=1e-5, ge=1e-6, le=1e-4, description="a number from 0.000001 to 0.0001")
    # The Bedrock user guide allows 100, the Nova user guide 20: what both accept.
    warmup_steps: int = Field(default=10, ge=0, le=20, description="a whole number from 0 to 20")

    customization_type: Literal["FINE_TUNING", "DISTILLATION"] = Field(
        default="FINE_TUNING", description='"FINE_TUNING" or "DISTILLATION"'
    )
    teacher_model: ModelId | None = Field(
        default=None, description="the model id that answers the prompts of a distillation, or null"
    )
    validation_percentage: int = Field(default=10, ge=0, le=50, description="a whole number from 0 to 50")
    max_training_tokens: int = Field(
        default=50_000_000, ge=1, description="a whole number above 0 (tokens of a run: samples' tokens times epochs)"
    )
    max_training_cost_usd: float | None = Field(default=50.0, gt=0, description="an amount above 0, or null")
    hosting: Literal["on_demand", "provisioned"] = Field(
        default="on_demand", description='"on_demand" (per token) or "provisioned" (per hour)'
    )
    provisioned: Provisioned | None = Field(
        default=None, description="a block of settings, only with hosting provisioned; else null"
    )
    tuned_model: str | None = Field(
        default=None,
        pattern=r"^arn:aws:bedrock:[a-z0-9-]+:\d{12}:(provisioned-model|custom-model-deployment|imported-model)/[a-z0-9]{12}$",
        description="the ARN of a provisioned, deployed or imported model made elsewhere, or null",
    )
    house_style: bool = Field(
        default=False, description="true or false (true: in auto, the tuned model in service answers everybody)"
    )
    notification_email: str | None = Field(
        default=None, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="an e-mail address told of every job, or null"
    )

    def hyperparameters(self) -> dict[str, str]:
        """As CreateModelCustomizationJob takes them: every value is text."""
        return {
            "epochCount": str(self.epochs),
            "learningRate": f"{self.learning_rate:.7f}".rstrip("0"),
            "learningRateWarmupSteps": str(self.warmup_steps),
        }
