"""One local AWS for the tests of this folder, with parts on that are off by default, and two environments on it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.sync.synchronise import sync
from tests.local.account import Account
from tests.local.deployed import Deployed, deploy_beside, deployed_with, synthesise
from tests.local.guarded import GUARDRAIL, SAUNA
from tests.local.issuer import Issuer, issuing
from tests.local.knowledge_bases import Base, make_elsewhere

FEW = 100
"""Requests that the firewall lets an address make in five minutes: more than all other tests make."""
POOL = "The pool of the sales team opens at seven."


@pytest.fixture(scope="package")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The issuer of the tokens of the environment beside."""
    with issuing(tmp_path_factory.mktemp("issuer")) as made:
        yield made


@pytest.fixture(scope="package")
def optional(root: Path, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Deployed]:
    """All stacks with these settings on; the API lets few requests through at once."""
    blocks: dict[str, Any] = {
        "evaluation": {"schedule": "rate(7 days)"},
        "edge": {
            "serve": "api",
            "stream": True,
            "requests_per_second": 0.1,
            "burst": 8,
            "agents": True,
            "waf": True,
            "requests_per_address": FEW,
        },
        "guardrail": GUARDRAIL,
        "knowledge_base": {"store": "managed"},
    }
    with pytest.MonkeyPatch.context() as patch:
        # Inherited by the functions, as whoever has an authority of their own trusts it on this machine.
        patch.setenv("SSL_CERT_FILE", str(issuer.authority))
        with deployed_with(root, tmp_path_factory.mktemp("optional"), **blocks) as deployed:
            patch.undo()
            yield deployed


@pytest.fixture(scope="package")
def guarded(optional: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The same deployment with documents of two teams in it."""
    folder = tmp_path_factory.mktemp("documents")
    for name, text, team in (("sauna.md", SAUNA, "support"), ("pool.md", POOL, "sales")):
        (folder / name).write_text(text)
        (folder / f"{name}.metadata.json").write_text(json.dumps({"metadataAttributes": {"team": team}}))
    assert sync(optional.deployment, folder).complete
    return optional


@pytest.fixture(scope="package")
def searched(guarded: Deployed) -> Base:
    """A knowledge base of others over OpenSearch Serverless, with the same documents."""
    actions = ("bedrock:InvokeModel", "s3:ListBucket", "s3:GetObject", "aoss:APIAccessAll")
    base = make_elsewhere(Account(guarded.aws), *actions)
    base.upload({"sauna.md": SAUNA, "pool.md": POOL})
    assert base.sync()["statistics"]["numberOfNewDocumentsIndexed"] == 2
    return base


@pytest.fixture(scope="package")
def aside(
    guarded: Deployed, searched: Base, root: Path, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> Deployed:
    """Another environment, which answers from the knowledge base of the first, and lets tokens in."""
    theirs = {"existing": guarded.deployment.output("KnowledgeBaseId"), "store": "managed"}
    admitted = {"issuer": issuer.url, "audience": ["arbiter"], "filters": {"team": "team"}, "budget_tokens": 100_000}
    edge = {"serve": "api", "auth": "jwt", "jwt": admitted, "stream": True, "requests_per_second": 100,
            "burst": 200}  # fmt: skip
    compared = {"knowledge_bases": {"store": {"id": searched.ids["knowledgeBaseId"]}}}
    folder = tmp_path_factory.mktemp("aside") / "assembly"
    stacks = synthesise(root, folder, environment="aside", knowledge_base=theirs, edge=edge, evaluation=compared)
    return deploy_beside(guarded, stacks, "aside", "Storage", "Inference", "Evaluation", "Edge")
