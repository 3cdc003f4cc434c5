"""The guardrail of an environment: whether it is there and ready, for without it nothing is answered."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation


def checks(situation: Situation) -> Iterator[Check]:
    """The guardrail, where the settings ask for one."""
    if situation.settings.guardrail:
        yield Check("guardrail", partial(_look, situation))


def _look(situation: Situation) -> Looked:
    bedrock, name = situation.client("bedrock"), f"arbiter-{situation.environment}"
    listed = [one for page in bedrock.get_paginator("list_guardrails").paginate() for one in page["guardrails"]]
    own = next((one for one in listed if one["name"] == name), None)
    pages = bedrock.get_paginator("list_guardrails").paginate(guardrailIdentifier=own["id"]) if own else ()
    versions = [one for page in pages for one in page["guardrails"] if one["version"] != "DRAFT"]
    problem = problem_of(name, versions)
    if problem is None:
        numbers = ", ".join(sorted(one["version"] for one in versions))
        return Looked(f"{name}, in the version{'s' if len(versions) > 1 else ''} {numbers}")
    finding = Finding(
        code="guardrail",
        subject=f"guardrail {name}",
        severity=Severity.BLOCKS,
        problem=problem,
        consequence="nothing is answered: the functions may call models with their version of the guardrail only",
        remedy=f"npx cdk deploy --all --revert-drift -c env={situation.environment}",
    )
    return Looked("cannot be used", (finding,))


def problem_of(name: str, versions: Sequence[Mapping[str, Any]]) -> str | None:
    """A sentence about versions that no call can name; `None` where every one is ready."""
    if not versions:
        return f"there is no guardrail {name} with a version in this account and region"
    amiss = [f"version {one['version']} is {one['status']}" for one in versions if one["status"] != "READY"]
    return f"of the guardrail {name}, {' and '.join(amiss)}" if amiss else None
