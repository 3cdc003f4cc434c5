"""Knowledge bases that others made: whether each answers, and how it can be searched."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

MANAGED = "MANAGED"
SEARCHED_BY_WORDS = frozenset({"OPENSEARCH_SERVERLESS", "RDS", "MONGO_DB_ATLAS"})
"""Bedrock user guide, *kb-test-config*: the stores of which `Retrieve` offers hybrid search."""

EXISTING = "knowledge_base.existing"


class Named(NamedTuple):
    """A knowledge base as the settings name it."""

    id: str
    setting: str
    """The setting that has its id."""
    managed: bool
    kind_setting: str
    kinds: tuple[str, str]
    """The values of that setting for one that is not managed, and for one that is."""
    consequence: str


def checks(situation: Situation) -> Iterator[Check]:
    """The knowledge base of the setting, where there is one, and each that evaluations may compare."""
    settings = situation.settings
    if existing := settings.knowledge_base.existing:
        kinds, managed = ('"s3_vectors"', '"managed"'), settings.knowledge_base.managed
        failing = "rag and combined fail"
        named = Named(existing, EXISTING, managed, "knowledge_base.store", kinds, failing)
        yield Check("knowledge base", partial(_look, situation, named))
    for name, base in settings.evaluation.knowledge_bases.items():
        path = f"evaluation.knowledge_bases.{name}"
        failing = f"the arms of an evaluation fail that search {name}"
        compared = Named(base.id, f"{path}.id", base.managed, f"{path}.managed", ("false", "true"), failing)
        yield Check(f"knowledge base {name}", partial(_look, situation, compared))


def _look(situation: Situation, named: Named) -> Looked:
    try:
        described = situation.client("bedrock-agent").get_knowledge_base(knowledgeBaseId=named.id)["knowledgeBase"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        absent = f"there is no knowledge base {named.id} in this account and region"
        return Looked("is not there", (_finding("knowledge_base_missing", named, absent, situation),))
    store, kind = _store(described), described["knowledgeBaseConfiguration"]["type"]
    searched = "meaning and words" if _hybrid(store) or kind == MANAGED else "meaning"
    seen = f"{described['status']}, {kind} over {store}, searched by {searched}; its documents are somebody else's"
    return Looked(seen, tuple(problems(situation, named, described["status"], kind, store)))


def _store(described: Mapping[str, Any]) -> str:
    return str((described.get("storageConfiguration") or {}).get("type") or "a store of its own")


def _hybrid(store: str) -> bool:
    return store in SEARCHED_BY_WORDS


def problems(situation: Situation, named: Named, status: str, kind: str, store: str) -> Iterator[Finding]:
    """Findings where a knowledge base of this state, type and store does not fit the settings."""
    if status != "ACTIVE":
        yield _finding("knowledge_base_inactive", named, f"the knowledge base {named.id} is {status}", situation)
    if (kind == MANAGED) != named.managed:
        stated, meant = named.kinds[named.managed], named.kinds[kind == MANAGED]
        problem = f"the knowledge base {named.id} is of the type {kind}, and {named.kind_setting} says {stated}"
        setting = f"{named.kind_setting}: {meant}" + ("" if kind == MANAGED else ", or leave it out")
        yield _finding("knowledge_base_type", named, problem, situation, setting)
    elif kind not in (MANAGED, "VECTOR", "KENDRA"):
        problem = f"the knowledge base {named.id} is of the type {kind}, which Retrieve answers in another form"
        yield _finding("knowledge_base_type", named, problem, situation)
    elif situation.settings.retrieval.search == "hybrid" and not _hybrid(store) and kind != MANAGED:
        problem = f"retrieval.search is hybrid, and the knowledge base {named.id} over {store} is searched by meaning"
        own = named.setting == EXISTING
        # What is right for the deployment's own knowledge base is not changed for the sake of another.
        remedy = "" if own else "arbiter evaluate --retrieval search=semantic, which asks for no other search"
        yield _finding("search_not_offered", named, problem, situation, 'retrieval.search: "semantic"', remedy)


def _finding(
    code: str, named: Named, problem: str, situation: Situation, setting: str = "", remedy: str = ""
) -> Finding:
    changed = setting or f"{named.setting}: another id"
    return Finding(
        code=code,
        subject=f"knowledge base {named.id}",
        severity=Severity.BLOCKS,
        problem=problem,
        consequence=named.consequence,
        remedy=remedy or f"cdk.json, environments.{situation.environment}.{changed}; then {situation.deploy_command}",
    )
