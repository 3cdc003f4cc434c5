"""The demand of the settings on Bedrock's quotas: requests and tokens a minute, tokens a day."""

from collections.abc import Sequence
from typing import NamedTuple

from arbiter.modes import Mode
from stacks.settings.environment import Settings

SECONDS_A_CALL = 4
"""A short answer or verdict of a small model; docs/assumptions.md."""
TOKENS_A_CALL = 2_000
"""Five passages, the question and the answer: 1,590 tokens in the demonstration of the README."""
QUESTIONS = 100
"""Questions of the evaluation that the demand of a day is reckoned for, in every mode."""


class Demand(NamedTuple):
    """The most that one model is asked for by what the settings allow, and the setting that says so."""

    requests_a_minute: int
    tokens_a_minute: int
    tokens_a_day: int
    because: str


def demand_of(settings: Settings, roles: Sequence[str]) -> Demand:
    """The demand on a model that these settings name."""
    generating = [role for role in roles if role.startswith("generation.")]
    concurrency = settings.generation.concurrency if generating else 0
    setting, day = "generation.concurrency", settings.generation.max_tokens if generating else 0
    if len(generating) < len(roles):
        day = max(day, QUESTIONS * len(Mode) * TOKENS_A_CALL)
        if settings.evaluation.concurrency >= concurrency:
            concurrency, setting = settings.evaluation.concurrency, "evaluation.concurrency"
    requests = concurrency * 60 // SECONDS_A_CALL
    return Demand(requests, requests * TOKENS_A_CALL, day, f"{setting} {concurrency}")


def functions_at_once(settings: Settings) -> int:
    """Functions that run at once while an evaluation and a generation do."""
    return settings.evaluation.concurrency + settings.generation.concurrency
