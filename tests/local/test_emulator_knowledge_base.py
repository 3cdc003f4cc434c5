"""A knowledge base ingests a bucket document by document, and finds what was said."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.knowledge_bases import NEEDED, Base, connector, make, make_elsewhere, make_managed

pytestmark = pytest.mark.local


@pytest.fixture
def base(account: Account) -> Base:
    return make(account, *NEEDED)


def test_documents_are_indexed_found_changed_and_removed(base: Base) -> None:
    base.upload(
        {
            "rope.md": "# Ropes\nA rope is retired after four years.\n",
            "boots.txt": "Boots are lent for a week and dried afterwards.\n",
        }
    )
    assert base.sync()["statistics"]["numberOfNewDocumentsIndexed"] == 2
    best = base.retrieve("When is a rope retired?")[0]
    assert best["location"]["s3Location"]["uri"] == f"s3://{base.bucket}/rope.md"
    assert "four years" in best["content"]["text"]

    base.upload({"rope.md": "# Ropes\nA rope is retired after six years.\n"})
    base.account.client("s3").delete_object(Bucket=base.bucket, Key="boots.txt")
    statistics = base.sync()["statistics"]
    assert (statistics["numberOfModifiedDocumentsIndexed"], statistics["numberOfDocumentsDeleted"]) == (1, 1)
    assert [result["content"]["text"] for result in base.retrieve("When is a rope retired?")] == [
        "# Ropes\nA rope is retired after six years."
    ]


def test_a_document_that_cannot_be_read_fails_alone_with_its_reason(base: Base) -> None:
    base.upload({"good.md": "A good page.", "bad.pdf": "%PDF", "empty.txt": " "})
    job = base.sync()

    assert job["status"] == "COMPLETE"
    assert job["statistics"]["numberOfDocumentsFailed"] == 2
    documents = base.documents()
    assert documents["good.md"] == ("INDEXED", None)
    assert documents["bad.pdf"][0] == "FAILED"
    assert "the file is no PDF that can be read" in str(documents["bad.pdf"][1])


def test_a_document_fails_alone_with_metadata_that_the_store_does_not_take(base: Base) -> None:
    refused = {"null": None, "empty": [], "numbers": [1], "nan": float("nan"), "nested": {"a": 1}}
    base.upload({"good.md": "A good page.", **{f"{name}.md": "A page." for name in refused}})
    base.upload(
        {f"{name}.md.metadata.json": json.dumps({"metadataAttributes": {"k": v}}) for name, v in refused.items()}
    )
    job = base.sync()

    assert (job["status"], job["statistics"]["numberOfDocumentsFailed"]) == ("COMPLETE", len(refused))
    assert [key for key, (status, _) in base.documents().items() if status == "INDEXED"] == ["good.md"]


def test_metadata_filters_what_is_found(base: Base) -> None:
    for team in ("hill", "coast"):
        attributes = {"metadataAttributes": {"team": team, "size": 3}}
        base.upload({f"{team}.md": f"The {team} team meets on Monday."})
        base.upload({f"{team}.md.metadata.json": json.dumps(attributes)})
    base.sync()

    found = base.retrieve("When does the team meet?", filter={"equals": {"key": "team", "value": "coast"}})
    assert [result["metadata"]["team"] for result in found] == ["coast"]


def test_the_index_is_searched_by_words_as_s3_vectors_does(base: Base) -> None:
    for team, code in (("hill", "E-5032"), ("coast", "E-5032"), ("valley", "E-5033")):
        base.upload({f"{team}.md": f"The {team} pump stops with error {code}."})
        base.upload({f"{team}.md.metadata.json": json.dumps({"metadataAttributes": {"team": team}})})
    base.sync()
    vectors = base.account.client("s3vectors")

    def found(text: str, key: str = "AMAZON_BEDROCK_TEXT", **options: Any) -> list[str]:
        asked = [{"text": text, "metadataKey": key}]
        answer = vectors.query_vectors(indexArn=base.index, topK=5, queryTexts=asked, returnMetadata=True, **options)
        return [each["metadata"]["team"] for each in answer["vectors"]]

    assert sorted(found("5032")) == ["coast", "hill"]
    assert found("5032", filter={"team": {"$eq": "coast"}}) == ["coast"]
    assert found("absent") == []
    for refused in ({"text": "x" * 1_025}, {"text": "5032", "key": "team"}):
        with pytest.raises(ClientError, match=r"ValidationException.*(1,024|not configured)"):
            found(**refused)
    status = vectors.get_index(indexArn=base.index)["index"]["metadataConfiguration"]["textSearchConfigurations"]
    assert [each["status"] for each in status] == ["ACTIVE"]


def test_hybrid_search_is_refused_as_s3_vectors_does(base: Base) -> None:
    with pytest.raises(ClientError, match=r"HYBRID search type is not supported .* S3_VECTORS"):
        base.retrieve("anything", overrideSearchType="HYBRID")


def test_a_managed_knowledge_base_searches_by_both_and_reranks_with_no_permission_but_to_read(account: Account) -> None:
    managed = make_managed(account, "s3:ListBucket", "s3:GetObject")
    for team, code in (("hill", "E-5032"), ("coast", "E-5033")):
        managed.upload({f"{team} %41.md": f"The {team} pump stops with error {code}."})
        managed.upload({f"{team} %41.md.metadata.json": json.dumps({"metadataAttributes": {"team": team}})})
    assert managed.sync()["statistics"]["numberOfNewDocumentsIndexed"] == 2

    best = managed.retrieve("E-5033")[0]
    assert best["location"]["s3Location"]["uri"] == f"https://{managed.bucket}.s3.amazonaws.com/coast%20%2541.md"
    assert best["metadata"]["_source_uri"] == best["location"]["s3Location"]["uri"]
    scores = [managed.retrieve("Which pump?", rerankingModelType=kind)[0]["score"] for kind in ("MANAGED", "NONE")]
    assert scores[0] != scores[1]
    found = managed.retrieve("Which pump?", filter={"equals": {"key": "team", "value": "hill"}})
    assert [each["metadata"]["team"] for each in found] == ["hill"]
    for asked, message in (
        ({"rerankingModelType": "CUSTOM"}, "rerankingConfiguration is required"),
        ({"filter": {"startsWith": {"key": "team", "value": "h"}}}, "startsWith is not supported"),
    ):
        with pytest.raises(ClientError, match=f"ValidationException.*{message}"):
            managed.retrieve("Which pump?", **asked)
    with pytest.raises(ClientError, match="Use managedSearchConfiguration instead"):
        replace(managed, form="vectorSearchConfiguration").retrieve("Which pump?")

    managed.account.client("s3").delete_object(Bucket=managed.bucket, Key="coast %41.md")
    assert managed.sync()["statistics"]["numberOfDocumentsDeleted"] == 1
    assert "coast" not in managed.retrieve("E-5033")[0]["content"]["text"]


def test_a_managed_knowledge_base_refuses_what_aws_chooses(account: Account) -> None:
    managed = make_managed(account, "s3:ListBucket")
    managed.upload({"page.md": "A page."})
    assert managed.sync()["statistics"]["numberOfNewDocumentsIndexed"] == 0
    fixed = {"chunkingStrategy": "NONE"}
    own: dict[str, Any] = {"type": "S3", "s3Configuration": {"bucketArn": f"arn:aws:s3:::{managed.bucket}"}}
    taken = connector(type="S3", bucket=managed.bucket)
    for configuration, reading, message in (
        (own, {}, "Unsupported data source type for MANAGED"),
        (connector(type="S3", bucket=managed.bucket, version="1.0.0"), {}, "Supported versions are: 1"),
        (taken, {"chunkingConfiguration": fixed}, "Omit chunkingConfiguration"),
        (taken, {"parsingConfiguration": {"parsingStrategy": "BEDROCK_DATA_AUTOMATION"}}, "not supported for managed"),
    ):
        with pytest.raises(ClientError, match=f"ValidationException.*{message}"):
            account.client("bedrock-agent").create_data_source(
                knowledgeBaseId=managed.ids["knowledgeBaseId"],
                name="another",
                dataSourceConfiguration=configuration,
                vectorIngestionConfiguration=reading,
            )


ELSEWHERE = ("bedrock:InvokeModel", "s3:ListBucket", "s3:GetObject", "aoss:APIAccessAll")


def test_a_knowledge_base_over_opensearch_searches_by_both_and_filters_by_parts_of_texts(account: Account) -> None:
    theirs = make_elsewhere(account, *ELSEWHERE)
    for team, code in (("hill", "E-5032"), ("coast", "E-5033")):
        theirs.upload({f"{team}.md": f"The {team} pump stops with error {code}."})
        theirs.upload({f"{team}.md.metadata.json": json.dumps({"metadataAttributes": {"team": team}})})
    assert theirs.sync()["statistics"]["numberOfNewDocumentsIndexed"] == 2

    assert "E-5033" in theirs.retrieve("What is E-5033?", overrideSearchType="HYBRID")[0]["content"]["text"]
    for operator, value, found in (("startsWith", "hi", ["hill"]), ("stringContains", "oas", ["coast"])):
        results = theirs.retrieve("Which pump?", filter={operator: {"key": "team", "value": value}})
        assert [each["metadata"]["team"] for each in results] == found
    with pytest.raises(ClientError, match="managedSearchConfiguration is only supported for managed"):
        replace(theirs, form="managedSearchConfiguration").retrieve("Which pump?")


@pytest.mark.parametrize("missing", ["bedrock:InvokeModel", "aoss:APIAccessAll"])
def test_a_knowledge_base_over_opensearch_needs_its_role_to_reach_it(missing: str, account: Account) -> None:
    with pytest.raises(ClientError, match=missing):
        make_elsewhere(account, *(action for action in ELSEWHERE if action != missing))


def test_one_job_runs_at_a_time(base: Base) -> None:
    base.upload({f"page{number}.md": f"Page {number}. " * 200 for number in range(20)})
    agent = base.account.client("bedrock-agent")
    agent.start_ingestion_job(**base.ids)

    with pytest.raises(ClientError, match=r"ConflictException.*ongoing ingestion job"):
        agent.start_ingestion_job(**base.ids)


@pytest.mark.parametrize(
    "missing", ["s3:ListBucket", "s3:GetObject", "s3vectors:PutVectors", "s3vectors:DeleteVectors"]
)
def test_a_job_fails_for_a_permission_that_its_role_lacks(missing: str, account: Account) -> None:
    base = make(account, *(action for action in NEEDED if action != missing))
    base.upload({"page.md": "A page."})
    job = base.sync()

    assert job["status"] == "FAILED"
    assert f"is not authorized to perform: {missing}" in job["failureReasons"][0]


@pytest.mark.parametrize("missing", ["bedrock:InvokeModel", "s3vectors:GetIndex"])
def test_a_knowledge_base_is_refused_whose_role_cannot_reach_its_parts(missing: str, account: Account) -> None:
    with pytest.raises(ClientError, match=missing):
        make(account, *(action for action in NEEDED if action != missing))


@pytest.mark.parametrize("missing", ["s3vectors:QueryVectors", "s3vectors:GetVectors"])
def test_retrieval_needs_the_store(missing: str, account: Account) -> None:
    base = make(account, *(action for action in NEEDED if action != missing))

    with pytest.raises(ClientError, match=missing):
        base.retrieve("anything")
