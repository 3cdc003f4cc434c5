"""What the roles of a deployment may reach, held against what they did reach by the journal of decisions."""

import fnmatch
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from policy_sentry.querying.actions import get_action_data  # type: ignore[import-untyped]

from cli.core.deployment import Deployment
from tests.stacks.permissions import statements

_RANDOM = re.compile(r"-[0-9A-Fa-f]{13}\b")
_PLACE = re.compile(r"arn:aws:|us-east-1:\d*:|arbiter-local-(?:storage-)?", re.IGNORECASE)
_BY_BEDROCK = re.compile(r":(custom-model|custom-model-deployment|provisioned-model|[a-z-]+-job)/.*")
_BY_STATES = re.compile(r"(:execution:[^:]+):.*")
_OBJECT = re.compile(r"(arn:aws:s3:::[^/]+)/([^/]*/)?.*")
_READS = re.compile(r"^[a-z0-9]+:(Get|List|Describe)")


ANSWERING_BY_PROFILES = "Evaluation-EngineAnswerRoleD1C12B44: s3:GetObject on s3:::resultsbucket/routing/*"
"""Reached only by an evaluation of `auto`."""
RERANKED_ANSWERS = (
    "Evaluation-EngineAnswerRoleD1C12B44: bedrock:InvokeModel on bedrock:foundation-model/cohere.rerank-v3-5:0"
)
RERANKER_TRIED = (
    "Evaluation-EnginePlanRoleE9C5DA46: bedrock:InvokeModel on bedrock:foundation-model/cohere.rerank-v3-5:0"
)
"""Both reached only by an evaluation that reranks: tests/local/test_least_privilege.py."""
EMBEDDING_TRIED = (
    "Evaluation-EnginePlanRoleE9C5DA46: bedrock:InvokeModel on bedrock:foundation-model/amazon.titan-embed-text-v2:0"
)
"""Reached only by an evaluation that searches: the same."""
FORMER_PROFILE = "KnowledgeBase-IngestionProfileRole94B24572A3AE2C6A: s3:GetObject on s3:::resultsbucket/routing/*"
"""Reached only when a second profile is made."""


@dataclass(frozen=True)
class Grant:
    """One action on one pattern of resources, as the policies of a deployed role have it."""

    role: str
    action: str
    pattern: str
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Key in small letters -> operator."""

    def covers(self, resource: str) -> bool:
        return fnmatch.fnmatchcase(resource, self.pattern)


@dataclass(frozen=True)
class Use:
    """One call that was allowed."""

    role: str
    action: str
    resource: str
    context: Mapping[str, str]


def grants(deployment: Deployment) -> list[Grant]:
    """What Arbiter's roles may do; what knows no resources is left out, for it stands in policies of its own."""
    iam = deployment.client("iam")
    names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    return [
        Grant(role, action, pattern, _conditions(statement))
        for role in names
        if role.startswith("Arbiter-")
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in statements(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
        for action in statement["Action"]
        for pattern in statement["Resource"]
        if pattern != "*"
    ]


def uses(journal: Path) -> list[Use]:
    """What a journal says was allowed."""
    lines = map(json.loads, journal.read_text().splitlines())
    return [
        Use(one["role"], one["action"], one["resource"], one.get("context", {}))
        for one in lines
        if one["decision"] == "allow"
    ]


def foundation_models(root: Path) -> list[str]:
    """The ARNs of every model that has a price: whatever a role may invoke is looked for among them."""
    models = json.loads((root / "cdk.json").read_text())["context"]["prices"]["models"]
    return [f"arn:aws:bedrock:us-east-1::foundation-model/{model}" for model in models]


def overreach(granted: Iterable[Grant], used: Iterable[Use], known: Iterable[str]) -> set[str]:
    """`role: action on kind of resource` for what a role may reach and did not, of what somebody reached.

    Only actions that the role did use are looked at: unused ones are another test's. `known` are further resources.
    """
    there: dict[str, set[str]] = defaultdict(set)
    reached: dict[tuple[str, str], set[str]] = defaultdict(set)
    for use in used:
        there[use.action.partition(":")[0]].add(use.resource)
        reached[use.role, use.action].add(_kind(use.resource))
    there["bedrock"].update(known)
    return {
        _short(f"{grant.role}: {grant.action} on {kind}")
        for grant in granted
        if (own := reached.get((grant.role, grant.action)))
        for kind in {_kind(one) for one in there[grant.action.partition(":")[0]] if grant.covers(one)} - own
    }


def unconditional(granted: Iterable[Grant], used: Iterable[Use]) -> set[str]:
    """`role: action on pattern without key` where every use bore the same value of a key that the grant is silent on.

    Reads are left out: they are held to resources, and must find what has lost its tags. So are keys that but repeat
    the resource, and those that the service authorization reference does not name for the action.
    """
    by_grant = _by_grant(granted, used)
    return {
        _short(f"{grant.role}: {grant.action} on {grant.pattern} without {key}")
        for grant, calls in by_grant
        if calls and not _READS.match(grant.action)
        for key in set.intersection(*(set(call.context) for call in calls))
        & _keys(grant.action) - grant.conditions.keys()
        if len({call.context[key] for call in calls}) == 1 and any(call.context[key] != call.resource for call in calls)
    }


def vacuous(granted: Iterable[Grant], used: Iterable[Use]) -> set[str]:
    """Keys that a condition lets be absent, and that were in every use: it would never bind, as if misspelt."""
    borne = {key for use in used for key in use.context}
    may_lack = {key for grant in granted for key, operator in grant.conditions.items() if operator.endswith("IfExists")}
    return may_lack - borne


@cache
def _keys(action: str) -> set[str]:
    """The condition keys of an action, in small letters; a key of tags stands for the environment's."""
    service, name = action.split(":")
    rows = get_action_data(service, name)[service]
    return {key.lower().replace("${tagkey}", "arbiter:environment") for row in rows for key in row["condition_keys"]}


def _by_grant(granted: Iterable[Grant], used: Iterable[Use]) -> Iterator[tuple[Grant, list[Use]]]:
    by_action: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in used:
        by_action[use.role, use.action].append(use)
    for grant in granted:
        yield grant, [use for use in by_action[grant.role, grant.action] if grant.covers(use.resource)]


def _conditions(statement: dict[str, Any]) -> dict[str, str]:
    conditions = statement.get("Condition", {})
    return {key.lower(): operator for operator, pairs in conditions.items() for key in pairs}


def _short(text: str) -> str:
    """A name or ARN without what every deployment has anew."""
    return _PLACE.sub("", _RANDOM.sub("", text))


def _kind(resource: str) -> str:
    """The resource, with what is named at run time left open: an id, an execution, an object below its first folder."""
    if match := _OBJECT.match(resource):
        return f"{match[1]}/{match[2] or ''}*" if "documentsbucket" not in match[1] else f"{match[1]}/*"
    return _BY_STATES.sub(r"\1:*", _BY_BEDROCK.sub(r":\1/*", resource))
