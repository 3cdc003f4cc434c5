"""Blocks of settings over the whole schema: the choices of every setting, and its smallest and largest amounts."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from stacks.settings.environment import Settings

Block = dict[str, Any]

ELSEWHERE = "arn:aws:bedrock:us-east-1:123456789012:{}/abcdefghijkl"
HAIKU, LLAMA = "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.meta.llama3-3-70b-instruct-v1:0"
WORLD_HAIKU, MISTRAL = "global.anthropic.claude-haiku-4-5-20251001-v1:0", "mistral.mistral-large-2402-v1:0"
BATCH: Block = {"evaluation": {"batch_minimum": 100}}
GUARDRAIL: Block = {
    "content": "high",
    "prompt_attack": "medium",
    "denied_topics": [{"name": "investments", "definition": "Advice on buying shares.", "examples": ["Buy gold?"]}],
    "words": ["hush"],
    "profanity": True,
    "sensitive_information": {"EMAIL": "mask", "US_SOCIAL_SECURITY_NUMBER": "block"},
    "grounding": 0.7,
    "relevance": 0.5,
}
JWT: Block = {
    "issuer": "https://login.example.com/tenant/",
    "audience": ["arbiter", "api://arbiter"],
    "filters": {"department": "team", "https://example.com/level": "level"},
    "modes": ["auto", "rag"],
}
PROVISIONED: Block = {"hosting": "provisioned", "provisioned": {"ttl_hours": 24}}


def elsewhere(region: str, geography: str) -> Block:
    """Another region, with the profiles that are called from there."""
    haiku, opus = f"{geography}.anthropic.claude-haiku-4-5-20251001-v1:0", f"{geography}.anthropic.claude-opus-4-8"
    return {
        "region": region,
        "fine_tuning": {"enabled": False},
        "evaluation": {
            "judges": [haiku, "openai.gpt-oss-120b-1:0"],
            "models": [f"{geography}.amazon.nova-2-lite-v1:0"],
        },
        "generation": {"verifier": opus},
    }


FACTORS: dict[str, list[Block]] = {
    "encryption": [{"encryption": "s3_managed"}, {"encryption": "customer_managed"}],
    "fine_tuning": [
        {},
        {"fine_tuning": {"enabled": False}},
        {"fine_tuning": PROVISIONED},
        {"fine_tuning": {"customization_type": "DISTILLATION", "teacher_model": "us.amazon.nova-pro-v1:0"}},
        {"fine_tuning": {"customization_type": "DISTILLATION", "teacher_model": "amazon.nova-pro-v1:0"}},
        {"fine_tuning": {"tuned_model": ELSEWHERE.format("imported-model")}},
        {"fine_tuning": {"tuned_model": ELSEWHERE.format("custom-model-deployment")}},
        {"fine_tuning": {"tuned_model": ELSEWHERE.format("provisioned-model")}},
    ],
    "batch": [
        {},
        BATCH,
        {"evaluation": {"batch_minimum": 50_000, "batch_answers": True}},
        {"generation": {"batch_minimum": 100}},
        {"evaluation": {"batch_minimum": 100}, "generation": {"batch_minimum": 50_000}},
    ],
    "base": [{}, {"models": {"base": "us.amazon.nova-micro-v1:0"}}, {"models": {"base": "amazon.nova-lite-v1:0"}}],
    "tuned_base": [
        {},
        {"fine_tuning": {"base_model": "amazon.nova-lite-v1:0:300k"}},
        {"fine_tuning": {"base_model": "amazon.nova-2-lite-v1:0:256k"}},
    ],
    "style": [{}, {"fine_tuning": {"house_style": True}}],
    "compared": [{}, {"evaluation": {"models": ["us.amazon.nova-2-lite-v1:0", "amazon.nova-pro-v1:0"]}}],
    "searched": [
        {},
        {"evaluation": {"knowledge_bases": {"words": {"id": "KLMNOPQRST"}}}},
        {
            "evaluation": {
                "knowledge_bases": {"aws-1": {"id": "UVWXYZ0123", "managed": True}, "b": {"id": "KLMNOPQRST"}}
            }
        },
    ],
    "judges": [
        {},
        {"evaluation": {"judges": [WORLD_HAIKU, MISTRAL]}},
        {"evaluation": {"judges": [HAIKU, LLAMA, MISTRAL]}},
    ],
    "generating": [
        {},
        {"generation": {"generator": "us.amazon.nova-2-lite-v1:0", "verifier": MISTRAL}},
        {"generation": {"generator": MISTRAL, "verifier": "us.amazon.nova-pro-v1:0"}},
    ],
    "native": [{}, {"evaluation": {"native_jobs": True}}],
    "schedule": [{}, {"evaluation": {"schedule": "rate(7 days)"}}, {"evaluation": {"schedule": "cron(0 4 ? * MON *)"}}],
    "chunking": [
        {},
        {"chunking": {"max_tokens": 8192, "overlap_percentage": 99}},
        {"chunking": {"strategy": "hierarchical", "max_tokens": 500, "parent_tokens": 7500, "overlap_tokens": 499}},
        {"chunking": {"strategy": "semantic", "buffer_sentences": 1, "breakpoint_percentile": 50}},
        {"chunking": {"strategy": "none", "transformation": "arn:aws:lambda:us-east-1:123456789012:function:cut"}},
    ],
    "parsing": [
        {},
        {"parsing": {"strategy": "data_automation"}},
        {"parsing": {"strategy": "foundation_model", "model": "us.amazon.nova-2-lite-v1:0", "prompt": "Read."}},
        {"parsing": {"strategy": "foundation_model", "model": "amazon.nova-lite-v1:0"}},
    ],
    "guardrail": [{}, {"guardrail": GUARDRAIL}, {"guardrail": {"words": ["hush"]}}],
    "admission": [
        {},
        {"edge": {"serve": "api"}},
        {"edge": {"serve": "api", "auth": "iam", "logging_role": "account"}},
        {"edge": {"serve": "api", "auth": "jwt", "jwt": JWT}},
        {"edge": {"serve": "api", "auth": "jwt", "jwt": {**JWT, "budget_usd": 5.0, "budget_tokens": 1_000_000}}},
    ],
    "stream": [{}, {"edge": {"stream": True}}],
    "firewall": [{}, {"edge": {"waf": True}}],
    "agents": [{}, {"edge": {"agents": True}}],
    "looked_at": [{}, {"documents": {"check_schedule": "rate(1 day)"}}],
    "gate": [{}, {"evaluation": {"gate": {"mode": "combined"}}}],
    "rerank": [{}, {"models": {"rerank": "cohere.rerank-v3-5:0"}}],
    "store": [
        {},
        {"retrieval": {"search": "hybrid"}},
        {"knowledge_base": {"language": "ja"}, "retrieval": {"search": "hybrid"}},
        {"knowledge_base": {"language": None}},
        {"knowledge_base": {"existing": "ABCDEFGHIJ"}},
        {"knowledge_base": {"store": "managed"}},
        {"knowledge_base": {"store": "managed", "existing": "ABCDEFGHIJ"}, "retrieval": {"search": "hybrid"}},
    ],
    "embedding": [{}, {"models": {"embedding": "cohere.embed-multilingual-v3", "embedding_dimensions": 1024}}],
    "protection": [{"protection": "disposable"}, {"protection": "retained"}],
    "account": [{}, {"account": "123456789012"}],
    "region": [
        {},
        elsewhere("eu-west-1", "eu"),
        elsewhere("ap-northeast-1", "jp"),
        elsewhere("ap-southeast-2", "au"),
        elsewhere("ap-south-1", "apac"),
        elsewhere("ca-central-1", "ca"),
    ],
    "told": [
        {},
        {"alarm_email": "a@example.com", "monthly_budget_usd": 1.5, "fine_tuning": {"notification_email": "a@b.cd"}},
    ],
    "boundary": [{}, {"permissions_boundary": "Boundary", "tags": {"team": "search"}}],
    "prompts": [
        {},
        {"prompting": {"examples": "examples/training/pairs.jsonl"}},
        {"prompting": {"house": "examples/prompts/house.json", "technique": "house"}},
    ],
    "calibrated": [{}, {"evaluation": {"calibrate": "cost"}}],
    "logged": [
        {},
        {"router": {"log_text": True, "log_retention_days": 3653}},
        {"router": {"log_text": True, "shadow": {"share": 0.1, "mode": "base", "daily_usd": 0.5}}},
    ],
}
UNTOLD = {"models.embedding_type"}
"""Has one value that is possible."""


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Mapping[str, float]]]:
    """Every setting with the bounds of its number; a setting without any has none."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, (*path, name))
            continue
        bounds = {b: getattr(m, b) for m in field.metadata for b in ("ge", "gt", "le") if hasattr(m, b)}
        yield (*path, name), bounds


def amounts() -> list[Block]:
    """Every number of the schema as small as it may be, and as large: but for those that another factor chooses."""
    chosen = {path for blocks in FACTORS.values() for block in blocks for path in paths(block)}
    numbers = {path: bounds for path, bounds in leaves(Settings) if bounds and path not in chosen}
    least: Block = {}
    most: Block = {}
    for path, bounds in numbers.items():
        whole = all(isinstance(bound, int) for bound in bounds.values()) and "gt" not in bounds
        low = bounds.get("ge", 0.01)
        _put(least, path, low if whole else float(low))
        high = bounds.get("le", max(low, 1) * 10)
        _put(most, path, high if whole else float(high))
    return [{}, least, most]


def paths(block: Block) -> Iterator[tuple[str, ...]]:
    """Every setting that a block names."""
    return (path for path, _ in values(block))


def values(block: Block, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every setting that a block names, with its value."""
    for name, value in block.items():
        if isinstance(value, dict) and name not in ("tags", "provisioned", "guardrail", "jwt", "knowledge_bases"):
            yield from values(value, (*path, name))
        else:
            yield (*path, name), value


def _put(block: Block, path: tuple[str, ...], value: object) -> None:
    for part in path[:-1]:
        block = block.setdefault(part, {})
    block[path[-1]] = value
