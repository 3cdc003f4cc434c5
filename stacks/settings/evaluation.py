"""The settings of evaluation: who judges, how much it may cost, and what a candidate model must reach."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.block import WHEN, Block, ModelId, Schedule

NAMED = r"^[a-z0-9]+([_-][a-z0-9]+){0,4}$"
"""A part of the names of arms, which have two hyphens between those of a pair."""


class Gate(Block):
    """Limits that a candidate must keep against the model in service to be published by itself."""

    mode: Literal["fine_tuned", "combined"] = Field(default="fine_tuned", description='"fine_tuned" or "combined"')
    margin: float = Field(
        default=0.0, ge=-10, le=10, description="points that the interval's lower bound must exceed, -10 to 10"
    )
    minimum_cases: int = Field(default=30, ge=2, description="a whole number from 2")
    max_latency_ratio: float | None = Field(
        default=1.5, gt=0, description="a number above 0 (1.5: half as slow again), or null: as slow as it likes"
    )
    max_cost_ratio: float | None = Field(default=1.5, gt=0, description="a number above 0, or null: at any cost")
    max_failure_rate: float = Field(default=0.02, ge=0, le=1, description="a number from 0 to 1")


class ComparedKnowledgeBase(Block):
    """A knowledge base of this account that evaluations may search in place of the deployment's own."""

    id: str = Field(pattern=r"^[0-9A-Z]{10}$", description="the id of a knowledge base, 10 capitals and digits")
    managed: bool = Field(default=False, description="true or false (whether AWS manages it: type MANAGED)")


class Evaluation(Block):
    """How the modes are compared."""

    judges: list[ModelId] = Field(
        default=["us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.meta.llama3-3-70b-instruct-v1:0"],
        min_length=2,
        max_length=5,
        description="2 to 5 model ids from providers other than the answering models'",
    )
    concurrency: int = Field(
        default=5, ge=1, le=100, description="a whole number from 1 to 100 (questions asked at once)"
    )
    """As in generation: both at once take no more than the 10 functions that a new account may run."""
    models: list[ModelId] = Field(
        default_factory=list, max_length=10, description="up to 10 further model ids that an evaluation may compare"
    )
    knowledge_bases: dict[Annotated[str, Field(pattern=NAMED)], ComparedKnowledgeBase] = Field(
        default_factory=dict,
        max_length=5,
        description="up to 5 knowledge bases that an evaluation may compare, each a block under a name of small "
        'letters, digits, - and _, other than "default"',
    )
    max_cost_usd: float | None = Field(
        default=25.0, gt=0, description="an amount above 0 that an evaluation may cost, or null"
    )
    schedule: Schedule | None = Field(
        default=None, description=f"when evaluations/standing/cases.jsonl is evaluated, {WHEN}"
    )
    native_jobs: bool = Field(
        default=False, description="true or false (whether Bedrock's own evaluation jobs judge every run as well)"
    )
    batch_minimum: int | None = Field(
        default=None,
        ge=100,
        le=50_000,
        description="a whole number from 100 to 50000 (questions to a judge that make a batch inference job), or null",
    )
    batch_answers: bool = Field(
        default=False,
        description="true or false (whether answers come from batch inference too, where there are batch_minimum)",
    )
    calibrate: Literal["quality", "latency", "cost"] | None = Field(
        default=None,
        description='"quality", "latency" or "cost" (what auto is calibrated for on every run that asks it), or null',
    )
    gate: Gate = Field(default_factory=Gate, description="a block of settings")
