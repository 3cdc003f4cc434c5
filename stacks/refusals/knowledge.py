"""The knowledge base: settings that its store cannot follow, and those that do nothing where others made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings

MANAGED_REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-central-1",
    "ap-northeast-1",
    "ap-southeast-2",
    "us-gov-west-1",
)
"""Bedrock user guide, *kb-managed-regions*."""
INGESTING = {
    "models": ("embedding", "embedding_dimensions", "embedding_type"),
    "knowledge_base": ("language",),
    "chunking": None,
    "parsing": None,
}
"""The settings that say how documents come into a knowledge base of Arbiter's own; none is a whole block."""


def refused_knowledge(s: Settings) -> Iterator[Problem]:
    """Every choice about the knowledge base that cannot work, or does nothing."""
    if s.retrieval.search == "hybrid" and not s.hybrid_search:
        reason = "without knowledge_base.language the index is not searched by words"
        yield _problem("retrieval.search", f'"hybrid" is not possible: {reason}', "knowledge_base.language")
    if s.knowledge_base.existing:
        yield from _of_others(s)
    elif s.knowledge_base.managed:
        yield from _of_aws(s)
    if s.knowledge_base.managed and s.region not in MANAGED_REGIONS:
        text = f'"managed" is offered in {", ".join(MANAGED_REGIONS)}, not in {s.region}'
        yield _problem("knowledge_base.store", text, "region")
    yield from _compared(s)


def _compared(s: Settings) -> Iterator[Problem]:
    """Further knowledge bases of an evaluation that cannot be meant."""
    for name, base in s.evaluation.knowledge_bases.items():
        path = f"evaluation.knowledge_bases.{name}"
        if name == "default":
            yield _problem(
                path, "cannot be called so: default is the deployment's own knowledge base; choose another name"
            )
        if base.id == s.knowledge_base.existing:
            yield _problem(
                f"{path}.id", f"{base.id} is knowledge_base.existing itself; leave it out", "knowledge_base.existing"
            )
        if base.managed and s.region not in MANAGED_REGIONS:
            text = f"managed knowledge bases are offered in {', '.join(MANAGED_REGIONS)}, not in {s.region}"
            yield _problem(f"{path}.managed", text, "region")


def _of_others(s: Settings) -> Iterator[Problem]:
    if s.documents.check_schedule:
        reason = "the documents of an existing knowledge base are looked after by who made it"
        yield _problem("documents.check_schedule", f"is not possible: {reason}", "knowledge_base.existing")
    for path in _chosen(s):
        reason = f'who made "{s.knowledge_base.existing}" chose how its documents are read and embedded'
        yield _problem(
            path, f"does nothing with knowledge_base.existing: {reason}; leave it out", "knowledge_base.existing"
        )


def _of_aws(s: Settings) -> Iterator[Problem]:
    """Bedrock user guide, *kb-managed-create* and *kb-managed-customize-ingestion*: with its own embedding, which its
    own reranking takes, neither model nor chunking is chosen, and it has one parser."""
    for path in _chosen(s):
        reason = "AWS parses, cuts and embeds the documents by itself"
        yield _problem(
            path, f'is not possible with knowledge_base.store "managed": {reason}; leave it out', "knowledge_base.store"
        )


def _chosen(s: Settings) -> list[str]:
    """The settings of the ingestion that are not their defaults: a default that is written down asks for nothing."""
    changed = s.model_dump(include=set(INGESTING), exclude_defaults=True)
    return sorted(
        f"{block}.{name}"
        for block, names in INGESTING.items()
        for name in changed.get(block, ())
        if names is None or name in names
    )


def _problem(path: str, text: str, *others: str) -> Problem:
    return Problem(tuple(path.split(".")), text, reads=(path, *others))
