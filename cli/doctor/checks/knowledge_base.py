"""A knowledge base that others made: whether it answers, and how it can be searched."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

MANAGED = "MANAGED"
SEARCHED_BY_WORDS = frozenset({"OPENSEARCH_SERVERLESS", "RDS", "MONGO_DB_ATLAS"})
"""Bedrock user guide, *kb-test-config*: the stores of which `Retrieve` offers hybrid search."""


def checks(situation: Situation) -> Iterator[Check]:
    """The knowledge base of the setting, where there is one."""
    if existing := situation.settings.knowledge_base.existing:
        yield Check("knowledge base", lambda: _look(situation, existing))


def _look(situation: Situation, existing: str) -> Looked:
    try:
        found = situation.client("bedrock-agent").get_knowledge_base(knowledgeBaseId=existing)["knowledgeBase"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        absent = f"there is no knowledge base {existing} in this account and region"
        return Looked("is not there", (_finding("knowledge_base_missing", existing, absent, situation),))
    store, kind = _store(found), found["knowledgeBaseConfiguration"]["type"]
    searched = "meaning and words" if _hybrid(store) or kind == MANAGED else "meaning"
    seen = f"{found['status']}, {kind} over {store}, searched by {searched}; its documents are somebody else's"
    return Looked(seen, tuple(problems(situation, existing, found["status"], kind, store)))


def _store(found: Mapping[str, Any]) -> str:
    return str((found.get("storageConfiguration") or {}).get("type") or "a store of its own")


def _hybrid(store: str) -> bool:
    return store in SEARCHED_BY_WORDS


def problems(situation: Situation, existing: str, status: str, kind: str, store: str) -> Iterator[Finding]:
    """Findings where a knowledge base of this state, type and store does not fit the settings."""
    if status != "ACTIVE":
        yield _finding("knowledge_base_inactive", existing, f"the knowledge base {existing} is {status}", situation)
    stated = situation.settings.knowledge_base.store
    if (kind == MANAGED) != (stated == "managed"):
        problem = f'the knowledge base {existing} is of the type {kind}, and knowledge_base.store says "{stated}"'
        meant = '"managed"' if kind == MANAGED else '"s3_vectors", or leave it out'
        yield _finding("knowledge_base_type", existing, problem, situation, f"knowledge_base.store: {meant}")
    elif kind not in (MANAGED, "VECTOR", "KENDRA"):
        problem = f"the knowledge base {existing} is of the type {kind}, which Retrieve answers in another form"
        yield _finding("knowledge_base_type", existing, problem, situation)
    elif situation.settings.retrieval.search == "hybrid" and not _hybrid(store) and kind != MANAGED:
        problem = f"retrieval.search is hybrid, and the knowledge base {existing} over {store} is searched by meaning"
        yield _finding("search_not_offered", existing, problem, situation, 'retrieval.search: "semantic"')


def _finding(
    code: str, existing: str, problem: str, situation: Situation, setting: str = "knowledge_base.existing: another id"
) -> Finding:
    return Finding(
        code=code,
        subject=f"knowledge base {existing}",
        severity=Severity.BLOCKS,
        problem=problem,
        consequence="rag and combined fail",
        remedy=f"cdk.json, environments.{situation.environment}.{setting}; then {situation.deploy_command}",
    )
