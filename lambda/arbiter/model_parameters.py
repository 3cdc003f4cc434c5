"""The inference parameters that models take, as of 2026-11-28: by a part of their ids."""

import re

_NO_SAMPLING = re.compile(r"claude-(?:opus-(?:4-[78]|5)|haiku-5-5)")
"""Claude Opus 4.7, 4.8, 5, 5.5 and Haiku 5.5 refuse it ("`temperature` is deprecated for this model"): public reports
of 2026, for example of promptfoo (10307), openclaw (73663) and opensearch-build (6330). Other models are learned from
the refusal."""

_REASONING = re.compile(r"deepseek\.r1|gpt-oss|kimi-k2-thinking|minimax-m2|claude-(?:opus|sonnet|haiku)-5")
REASONING_TOKENS = 4_096
"""Output tokens that a model may spend on reasoning before its answer, which Bedrock counts against `maxTokens`."""

_CACHED_PREFIXES = {
    **dict.fromkeys(("amazon.nova-micro", "amazon.nova-lite", "amazon.nova-pro"), 1_000),
    "claude-sonnet-4-5": 1_024,
    "claude-haiku-4-5": 4_096,
    "claude-opus-4-5": 4_096,
}
"""Tokens of the shortest prefix that a model caches, by a part of its id. Bedrock user guide, *prompt-caching*, for
Nova and as of 2026 for Claude, with Anthropic's *prompt caching*. Below it nothing is cached, and that is no error; a
model that is not named here may refuse the request, so it gets no cache point."""

_CONTEXTS = {
    "nova-micro": 128_000,
    "nova-lite": 300_000,
    "nova-pro": 300_000,
    "nova-2-lite": 1_000_000,
    **dict.fromkeys(("claude-3", "claude-haiku-4", "claude-sonnet-4", "claude-opus-4"), 200_000),
    **dict.fromkeys(("llama3-1", "llama3-2", "llama3-3"), 128_000),
}
"""Tokens that a model reads and writes at most, by a part of its id. Bedrock model cards of Nova; refusals of Claude
("206456 tokens > 200000 maximum") and Llama ("maximum context length is 131072")."""


def cached_prefix(model: str) -> int | None:
    """The tokens of the shortest prefix that a model caches; `None` where it is not known to cache any."""
    if ":custom-model" in model or ":provisioned-model/" in model:
        return None
    return next((tokens for part, tokens in _CACHED_PREFIXES.items() if part in model), None)


def context_tokens(model: str) -> int | None:
    """The tokens of a model's context, which the id of one that is customized ends with; `None` where no id tells."""
    own = model.rpartition(":")[2]
    if own.endswith("k") and own[:-1].isdecimal():
        return int(own[:-1]) * 1_000
    return next((tokens for part, tokens in _CONTEXTS.items() if part in model), None)


def takes_temperature(model: str) -> bool:
    """Tell if a model takes `temperature` and `topP`, as far as its id says."""
    return _NO_SAMPLING.search(model) is None


def reasoning_tokens(model: str) -> int:
    """The output tokens to allow a model beyond its answer."""
    return REASONING_TOKENS if _REASONING.search(model) else 0
