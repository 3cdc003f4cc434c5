"""The stacks of every environment, synthesised once a session and without the CDK's own validation, which is slow."""

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from local.locks import locked
from tests.stacks.resolved import Deployment

EVERYTHING = {
    "account": "123456789012",
    "encryption": "customer_managed",
    "models": {"base": "us.amazon.nova-2-lite-v1:0", "rerank": "cohere.rerank-v3-5:0"},
    "evaluation": {"native_jobs": True, "batch_minimum": 200, "batch_answers": True},
    "generation": {"batch_minimum": 200},
    "documents": {"check_schedule": "rate(1 day)"},
    "chunking": {"strategy": "none", "transformation": "arn:aws:lambda:us-east-1:123456789012:function:cut"},
    "parsing": {"strategy": "foundation_model", "model": "us.amazon.nova-2-lite-v1:0", "prompt": "Read."},
    "prompting": {"examples": "examples/training/pairs.jsonl"},
    "retrieval": {"search": "hybrid"},
    "router": {"log_text": True, "shadow": {"share": 0.1}},
    "feedback": {"keep_text_days": 90},
    "edge": {"serve": "api", "stream": True, "waf": True, "agents": True},
    "alarm_email": "somebody@example.com",
    "monthly_budget_usd": 50,
    "permissions_boundary": "Boundary",
    "tags": {"team": "search"},
}
"""Every optional part switched on, over `prod`."""
HOSTED = {
    "fine_tuning": {
        "hosting": "provisioned",
        "provisioned": {"ttl_hours": 24, "model_units": 2},
        "notification_email": "somebody@example.com",
    },
    "evaluation": {
        "schedule": "rate(7 days)",
        "models": ["amazon.nova-lite-v1:0"],
        "calibrate": "cost",
        "gate": {
            "margin": 0.2,
            "minimum_cases": 40,
            "max_latency_ratio": 1.4,
            "max_cost_ratio": 1.6,
            "max_failure_rate": 0.03,
        },
    },
}
"""Tuned models hosted by the hour, an evaluation that starts by itself, and limits that are told from each other."""
ELSEWHERE = {
    "fine_tuning": {"tuned_model": "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"},
    "knowledge_base": {"existing": "ABCDEFGHIJ"},
}
"""A tuned model and a knowledge base that Arbiter did not make."""
MANAGED = {
    "knowledge_base": {"store": "managed"},
    "edge": {
        "serve": "api",
        "stream": True,
        "auth": "jwt",
        "jwt": {
            "issuer": "https://login.example.com/t",
            "audience": ["arbiter"],
            "filters": {"team": "department"},
            "budget_usd": 5.0,
        },
    },
    "evaluation": {"knowledge_bases": {"words": {"id": "KLMNOPQRST"}, "aws": {"id": "UVWXYZ0123", "managed": True}}},
}
"""A knowledge base that AWS keeps, embeds and searches itself, behind an API for an issuer's tokens; evaluations may
compare two others with it."""
TOLD: dict[str, Any] = {
    "poll_seconds": 7,
    "models": {"embedding_dimensions": 256},
    "knowledge_base": {"language": "de"},
    "chunking": {"max_tokens": 410, "overlap_percentage": 13},
    "retrieval": {"results": 7, "search": "hybrid", "minimum_score": 0.25},
    "prompting": {
        "examples": "examples/training/pairs.jsonl",
        "example_tokens": 650,
        "technique": "chain_of_thought",
        "thinking_tokens": 900,
    },
    "fine_tuning": {
        "epochs": 3,
        "learning_rate": 2e-5,
        "warmup_steps": 11,
        "validation_percentage": 15,
        "max_training_tokens": 40_000_000,
        "max_training_cost_usd": 45.0,
        "house_style": True,
    },
    "generation": {
        "held_out_percentage": 25,
        "max_tokens": 4_000_000,
        "max_cost_usd": 9.0,
        "concurrency": 4,
        "batch_minimum": 300,
    },
    "router": {
        "memory_mb": 640,
        "timeout_seconds": 21,
        "log_retention_days": 90,
        "tuned_model_cache_seconds": 12.0,
        "log_text": True,
        "shadow": {"share": 0.3, "mode": "base", "daily_usd": 0.7},
    },
    "feedback": {"keep_text_days": 33},
    "evaluation": {"concurrency": 6, "max_cost_usd": 21.0, "batch_minimum": 400, "gate": {"mode": "combined"}},
    "guardrail": {"content": "high", "words": ["hush"]},
    "edge": {"serve": "api", "waf": True, "requests_per_second": 8.0, "burst": 16, "requests_per_address": 250},
    "alarm_email": "somebody@example.com",
    "monthly_budget_usd": 70.0,
}
"""Every number another than it is by default: what a construct sets by itself is told from what the settings say."""
WITHOUT_COPIES: dict[str, Any] = {"aws:cdk:disable-asset-staging": True, "aws:cdk:bundling-stacks": []}
"""What keeps a synthesis from copying the code of every function: half of its time, and nothing of the templates."""


@pytest.fixture(scope="session")
def context(root: Path) -> dict[str, Any]:
    """The context of `cdk.json` without copies of assets, and `everything` and the other environments besides."""
    loaded: dict[str, Any] = json.loads((root / "cdk.json").read_text())["context"] | WITHOUT_COPIES
    loaded["environments"]["everything"] = {**loaded["environments"]["prod"], **EVERYTHING}
    loaded["environments"]["hosted"] = {**loaded["environments"]["dev"], "account": "123456789012", **HOSTED}
    loaded["environments"]["elsewhere"] = {**loaded["environments"]["dev"], "account": "123456789012", **ELSEWHERE}
    loaded["environments"]["managed"] = {**loaded["environments"]["dev"], "account": "123456789012", **MANAGED}
    loaded["environments"]["told"] = {**loaded["environments"]["dev"], "account": "123456789012", **TOLD}
    return loaded


@pytest.fixture(scope="session", autouse=True)
def _quick_synthesis() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CDK_VALIDATION", "false")
        yield


@pytest.fixture(scope="session")
def synthesise(context: dict[str, Any], common: Path, _quick_synthesis: None) -> Callable[[str], Deployment]:
    """The deployment of an environment; synthesised on first use, and read by every other process."""

    @cache
    def deployment(environment: str) -> Deployment:
        folder = common / f"assembly-{environment}"
        with locked(common / f"{environment}.lock"):
            if not (folder / "manifest.json").exists():
                app = cdk.App(context={**context, "env": environment}, outdir=str(folder))
                build(app, context["environments"])
                app.synth()
        return Deployment.read(folder, environment)

    return deployment


@pytest.fixture(params=["dev", "prod", "local", "everything"])
def deployment(request: pytest.FixtureRequest, synthesise: Callable[[str], Deployment]) -> Deployment:
    """Every environment in turn."""
    return synthesise(request.param)


@pytest.fixture
def prod(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("prod")


@pytest.fixture
def dev(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("dev")


@pytest.fixture
def hosted(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("hosted")


@pytest.fixture
def elsewhere(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("elsewhere")


@pytest.fixture
def managed(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("managed")


@pytest.fixture
def told(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("told")


@pytest.fixture
def everything(synthesise: Callable[[str], Deployment]) -> Deployment:
    return synthesise("everything")
