"""How documents are cut, parsed and embedded: choices that AWS would refuse when it is deployed or ingests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings import model_catalogue
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings

HIERARCHICAL_TOKENS = 8000
"""Bedrock user guide, *knowledge-base-setup*, S3 Vectors: parents and children of more run into the limit on metadata,
in which the text of the parent is kept."""
TEXT_ONLY = (
    "amazon.nova-micro",
    "openai.gpt-oss",
    "deepseek.",
    "mistral.mistral-large",
    "meta.llama3-1",
    "meta.llama3-3",
)
"""Models that read no pictures of pages (model cards)."""
EMBEDDED_TOKENS = {"cohere.embed-english-v3": 512, "cohere.embed-multilingual-v3": 512}
"""Bedrock user guide, *model-parameters-embed-v3*: texts of up to 2,048 characters, of about four a token."""
AUTOMATION_REGIONS = ("us-east-1", "us-west-2")
"""Bedrock user guide, *knowledge-base-supported-parsing*: regions of the parser of Bedrock Data Automation."""


def refused_documents(s: Settings) -> Iterator[Problem]:
    """Every choice about documents that cannot work."""
    yield from _chunking(s)
    yield from _parsing(s)
    if s.models.embedding_type == "binary":
        reason = 'S3 Vectors, the vector store deployed, keeps float32 only; allowed: "float32"'
        yield _problem("models.embedding_type", f'"binary" is not possible: {reason}')


def _chunking(s: Settings) -> Iterator[Problem]:
    chunking = s.chunking
    for name in chunking.idle_settings:
        text = f'does nothing with chunking.strategy "{chunking.strategy}"; leave it out'
        yield _problem(f"chunking.{name}", text, "chunking.strategy")
    if chunking.strategy == "hierarchical":
        yield from _hierarchy(s)
    most = EMBEDDED_TOKENS.get(s.models.embedding)
    if most and s.knowledge_base.embeds and chunking.strategy != "none" and chunking.max_tokens > most:
        text = f'{chunking.max_tokens:,} tokens are more than "{s.models.embedding}" embeds: {most}; lower it'
        yield _problem("chunking.max_tokens", text, "models.embedding")
    if (arn := chunking.transformation) and arn.split(":")[3] != s.region:
        text = f"the function is in {arn.split(':')[3]}, but the knowledge base in {s.region}; name one there"
        yield _problem("chunking.transformation", text, "region")


def _hierarchy(s: Settings) -> Iterator[Problem]:
    parent, child = s.chunking.parent_tokens, s.chunking.max_tokens
    if parent <= child:
        text = f"{parent} tokens hold no passage of {child}; set it above chunking.max_tokens"
        yield _problem("chunking.parent_tokens", text, "chunking.max_tokens")
    if parent + child > HIERARCHICAL_TOKENS:
        kept = "S3 Vectors keeps the parent's text beside each passage, and not that much of it"
        text = (
            f"{parent:,} and {child:,} tokens are more than {HIERARCHICAL_TOKENS:,} together: {kept}; lower one of them"
        )
        yield _problem("chunking.parent_tokens", text, "chunking.max_tokens")
    if s.chunking.overlap_tokens >= child:
        text = f"{s.chunking.overlap_tokens} tokens repeat all of a passage of {child}; lower it"
        yield _problem("chunking.overlap_tokens", text, "chunking.max_tokens")


def _parsing(s: Settings) -> Iterator[Problem]:
    parsing = s.parsing
    reads = parsing.strategy == "foundation_model"
    if reads and parsing.model is None:
        text = 'is needed with parsing.strategy "foundation_model"; name a model that reads pages'
        yield _problem("parsing.model", f'{text}, such as "us.amazon.nova-2-lite-v1:0"', "parsing.strategy")
    for name in ("model", "prompt"):
        if not reads and getattr(parsing, name) is not None:
            text = f'does nothing with parsing.strategy "{parsing.strategy}"; leave it out'
            yield _problem(f"parsing.{name}", text, "parsing.strategy")
    if reads and parsing.model and model_catalogue.foundation_model(parsing.model).startswith(TEXT_ONLY):
        text = f'"{parsing.model}" reads text alone, and no pages; name one that does'
        yield _problem("parsing.model", f'{text}, such as "us.amazon.nova-2-lite-v1:0"')
    if parsing.strategy == "data_automation" and s.region not in AUTOMATION_REGIONS:
        allowed = ", ".join(AUTOMATION_REGIONS)
        text = f'"data_automation" is offered in {allowed}, not in {s.region}; choose another'
        yield _problem("parsing.strategy", text, "region")


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))
