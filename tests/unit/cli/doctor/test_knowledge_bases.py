"""Findings about knowledge bases that others made: the deployment's own, and those that evaluations compare."""

import pytest

from cli.doctor.checks import ingestion, knowledge_base
from cli.doctor.findings.finding import Severity
from tests.unit.cli.doctor.test_deployed import NOW, situated
from tests.unit.cli.fakes import StubbedDeployment

THEIRS = {
    "knowledgeBaseId": "ABCDEFGHIJ", "name": "theirs", "roleArn": "arn:aws:iam::123456789012:role/theirs",
    "knowledgeBaseArn": "arn:aws:bedrock:us-east-1:123456789012:knowledge-base/ABCDEFGHIJ",
    "createdAt": NOW, "updatedAt": NOW,
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "kind", "store", "search", "code"),
    [
        ("ACTIVE", "VECTOR", "OPENSEARCH_SERVERLESS", "hybrid", None),
        ("ACTIVE", "VECTOR", "S3_VECTORS", "semantic", None),
        ("ACTIVE", "KENDRA", None, "semantic", None),
        ("ACTIVE", "VECTOR", "PINECONE", "hybrid", "search_not_offered"),
        ("FAILED", "VECTOR", "RDS", "semantic", "knowledge_base_inactive"),
        ("ACTIVE", "SQL", None, "semantic", "knowledge_base_type"),
        ("ACTIVE", "MANAGED", None, "semantic", "knowledge_base_type"),
    ],
)
def test_an_existing_knowledge_base_is_asked_what_it_can_do(
    status: str, kind: str, store: str | None, search: str, code: str | None
) -> None:
    deployment = StubbedDeployment()
    blocks = {"knowledge_base": {"existing": "ABCDEFGHIJ"}, "retrieval": {"search": search}}
    [check] = knowledge_base.checks(situated(deployment, **blocks))
    over = {"storageConfiguration": {"type": store}} if store else {}
    described = {**THEIRS, "status": status, "knowledgeBaseConfiguration": {"type": kind}, **over}
    deployment.stub("bedrock-agent").add_response("get_knowledge_base", {"knowledgeBase": described})
    looked = check.look()

    assert [finding.code for finding in looked.findings] == ([code] if code else [])
    assert status in looked.seen
    assert not list(ingestion.checks(situated(deployment, **blocks)))


@pytest.mark.parametrize(("kind", "code"), [("MANAGED", None), ("VECTOR", "knowledge_base_type")])
def test_a_managed_knowledge_base_of_others_is_searched_by_both_where_the_setting_says_so(
    kind: str, code: str | None
) -> None:
    blocks = {"knowledge_base": {"existing": "ABCDEFGHIJ", "store": "managed"}, "retrieval": {"search": "hybrid"}}
    deployment = StubbedDeployment()
    [check] = knowledge_base.checks(situated(deployment, **blocks))
    described = {**THEIRS, "status": "ACTIVE", "knowledgeBaseConfiguration": {"type": kind}}
    deployment.stub("bedrock-agent").add_response("get_knowledge_base", {"knowledgeBase": described})

    assert [finding.code for finding in check.look().findings] == ([code] if code else [])


def test_each_knowledge_base_that_evaluations_compare_is_asked_by_its_own_setting() -> None:
    deployment = StubbedDeployment()
    bases = {"aws": {"id": "ABCDEFGHIJ"}, "gone": {"id": "KLMNOPQRST"}}
    looks = [check.look for check in knowledge_base.checks(situated(deployment, evaluation={"knowledge_bases": bases}))]
    described = {**THEIRS, "status": "ACTIVE", "knowledgeBaseConfiguration": {"type": "MANAGED"}}
    deployment.stub("bedrock-agent").add_response("get_knowledge_base", {"knowledgeBase": described})
    deployment.stub("bedrock-agent").add_client_error("get_knowledge_base", "ResourceNotFoundException")
    [managed], [missing] = (look().findings for look in looks)

    assert "evaluation.knowledge_bases.aws.managed: true" in managed.remedy
    assert managed.consequence == "the arms of an evaluation fail that search aws"
    assert "evaluation.knowledge_bases.gone.id: another id" in missing.remedy


def test_the_deployment_s_own_search_is_not_changed_for_the_sake_of_another_store() -> None:
    deployment, compared = StubbedDeployment(), {"knowledge_bases": {"other": {"id": "ABCDEFGHIJ"}}}
    [check] = knowledge_base.checks(situated(deployment, retrieval={"search": "hybrid"}, evaluation=compared))
    over = {"storageConfiguration": {"type": "S3_VECTORS"}, "knowledgeBaseConfiguration": {"type": "VECTOR"}}
    described = {**THEIRS, "status": "ACTIVE", **over}
    deployment.stub("bedrock-agent").add_response("get_knowledge_base", {"knowledgeBase": described})
    [finding] = check.look().findings
    assert finding.remedy.startswith("arbiter evaluate --retrieval search=semantic")


def test_an_existing_knowledge_base_that_is_not_there_is_told_with_the_setting() -> None:
    deployment = StubbedDeployment()
    [check] = knowledge_base.checks(situated(deployment, knowledge_base={"existing": "ABCDEFGHIJ"}))
    deployment.stub("bedrock-agent").add_client_error("get_knowledge_base", "ResourceNotFoundException")
    [finding] = check.look().findings

    assert "knowledge_base.existing" in finding.remedy
    assert finding.severity is Severity.BLOCKS
