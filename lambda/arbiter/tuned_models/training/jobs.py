"""Customization jobs and the models that they leave, as Bedrock describes them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A customization job as Bedrock describes it."""

    name: str
    arn: str
    status: str
    failure: str | None = None
    output_uri: str | None = None
    training_loss: float | None = None
    validation_loss: float | None = None


@dataclass(frozen=True)
class ModelState:
    """A custom model as Bedrock describes it."""

    name: str
    arn: str
    job: str | None
    """ARN of the job that made it."""
