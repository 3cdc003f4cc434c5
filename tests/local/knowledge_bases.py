"""Knowledge bases made for a test, each over a bucket of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.core.deployment import Deployment
from cli.doctor.checks import knowledge_base
from cli.doctor.findings.finding import Looked
from cli.doctor.findings.situation import Situation
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from tests.local.account import Account, allow, new_name

SERVICE = "bedrock.amazonaws.com"
OWN = {"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:000000000000:knowledge-base/*"}}
EMBEDDING = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
EMBEDDED = {
    "type": "VECTOR",
    "vectorKnowledgeBaseConfiguration": {
        "embeddingModelArn": EMBEDDING,
        "embeddingModelConfiguration": {"bedrockEmbeddingModelConfiguration": {"dimensions": 512}},
    },
}
NEEDED = (
    "bedrock:InvokeModel",
    "s3:ListBucket",
    "s3:GetObject",
    "s3vectors:GetIndex",
    "s3vectors:PutVectors",
    "s3vectors:GetVectors",
    "s3vectors:DeleteVectors",
    "s3vectors:QueryVectors",
)


@dataclass(frozen=True)
class Base:
    """A knowledge base over a bucket."""

    account: Account
    bucket: str
    ids: dict[str, str]
    index: str = ""
    form: str = "vectorSearchConfiguration"

    def upload(self, documents: Mapping[str, str | bytes]) -> None:
        for key, text in documents.items():
            self.account.client("s3").put_object(
                Bucket=self.bucket, Key=key, Body=text if isinstance(text, bytes) else text.encode()
            )

    def sync(self) -> dict[str, Any]:
        agent = self.account.client("bedrock-agent")
        job = agent.start_ingestion_job(**self.ids)["ingestionJob"]
        while job["status"] in ("STARTING", "IN_PROGRESS"):
            time.sleep(0.1)
            job = agent.get_ingestion_job(**self.ids, ingestionJobId=job["ingestionJobId"])["ingestionJob"]
        return dict(job)

    def documents(self) -> dict[str, tuple[str, str | None]]:
        details = self.account.client("bedrock-agent").list_knowledge_base_documents(**self.ids)["documentDetails"]
        return {
            detail["identifier"]["s3"]["uri"].rsplit("/", 1)[-1]: (detail["status"], detail.get("statusReason"))
            for detail in details
        }

    def retrieve(self, question: str, **settings: Any) -> list[dict[str, Any]]:
        found = self.account.client("bedrock-agent-runtime").retrieve(
            knowledgeBaseId=self.ids["knowledgeBaseId"],
            retrievalQuery={"text": question},
            retrievalConfiguration={self.form: {"numberOfResults": 3, **settings}},
        )
        return list(found["retrievalResults"])


def make(account: Account, *actions: str, reading: Mapping[str, Any] | None = None) -> Base:
    """A vector store, a role with these permissions, and a knowledge base on them."""
    bucket, store = account.bucket(), new_name("vectors")
    vectors = account.client("s3vectors")
    vectors.create_vector_bucket(vectorBucketName=store)
    index = vectors.create_index(
        vectorBucketName=store,
        indexName="passages",
        dataType="float32",
        dimension=512,
        distanceMetric="cosine",
        metadataConfiguration={
            "nonFilterableMetadataKeys": ["AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"],
            "textSearchConfigurations": [{"metadataKey": "AMAZON_BEDROCK_TEXT", "language": "en"}],
        },
    )["indexArn"]
    agent = account.client("bedrock-agent")
    base = agent.create_knowledge_base(
        name=new_name("base"),
        roleArn=account.role(allow(*actions), trusts=SERVICE, condition=OWN),
        knowledgeBaseConfiguration=EMBEDDED,
        storageConfiguration={"type": "S3_VECTORS", "s3VectorsConfiguration": {"indexArn": index}},
    )["knowledgeBase"]["knowledgeBaseId"]
    return Base(account, bucket, _with_source(agent, base, bucket, reading), index)


def make_elsewhere(account: Account, *actions: str) -> Base:
    """A role with these permissions, and a knowledge base over a collection of OpenSearch Serverless that is none."""
    agent, bucket = account.client("bedrock-agent"), account.bucket()
    fields = {"vectorField": "vector", "textField": "text", "metadataField": "metadata"}
    base = agent.create_knowledge_base(
        name=new_name("theirs"),
        roleArn=account.role(allow(*actions), trusts=SERVICE, condition=OWN),
        knowledgeBaseConfiguration=EMBEDDED,
        storageConfiguration={
            "type": "OPENSEARCH_SERVERLESS",
            "opensearchServerlessConfiguration": {
                "collectionArn": "arn:aws:aoss:us-east-1:000000000000:collection/theirs",
                "vectorIndexName": "passages",
                "fieldMapping": fields,
            },
        },
    )["knowledgeBase"]["knowledgeBaseId"]
    return Base(account, bucket, _with_source(agent, base, bucket))


def make_managed(account: Account, *actions: str) -> Base:
    """A role with these permissions, and a managed knowledge base with a connector to a bucket."""
    bucket, agent = account.bucket(), account.client("bedrock-agent")
    base = agent.create_knowledge_base(
        name=new_name("managed"),
        roleArn=account.role(allow(*actions), trusts=SERVICE, condition=OWN),
        knowledgeBaseConfiguration={"type": "MANAGED"},
    )["knowledgeBase"]["knowledgeBaseId"]
    source = agent.create_data_source(
        knowledgeBaseId=base, name="documents", dataSourceConfiguration=connector(type="S3", bucket=bucket)
    )["dataSource"]["dataSourceId"]
    ids = {"knowledgeBaseId": base, "dataSourceId": source}
    return Base(account, bucket, ids, form="managedSearchConfiguration")


def connector(*, bucket: str, version: str = "1", **named: str) -> dict[str, Any]:
    """The configuration of a connector to a bucket."""
    parameters = {**named, "version": version, "connectionConfiguration": {"bucketName": bucket}}
    kind = "MANAGED_KNOWLEDGE_BASE_CONNECTOR"
    return {"type": kind, "managedKnowledgeBaseConnectorConfiguration": {"connectorParameters": parameters}}


def look(deployment: Deployment, settings: Mapping[str, Any]) -> Looked:
    """The look of `arbiter doctor` at the knowledge base of these settings."""
    book = {"as_of": "2026-11-28", "region": "us-east-1", "currency": "USD", "models": {}}
    situation = Situation(
        deployment=deployment,
        settings=Settings.model_validate({"knowledge_base": settings}),
        prices=PriceBook.parse(book),
        account="000000000000",
        caller="arn:aws:iam::000000000000:root",
        now=datetime.now(UTC),
    )
    [check] = knowledge_base.checks(situation)
    return check.look()


def _with_source(agent: Any, base: str, bucket: str, reading: dict[str, Any] | None = None) -> dict[str, str]:
    """The ids of a knowledge base and of a data source that is made for it, over a bucket."""
    source = agent.create_data_source(
        knowledgeBaseId=base,
        name="documents",
        dataSourceConfiguration={"type": "S3", "s3Configuration": {"bucketArn": f"arn:aws:s3:::{bucket}"}},
        **({"vectorIngestionConfiguration": reading} if reading else {}),
    )["dataSource"]["dataSourceId"]
    return {"knowledgeBaseId": base, "dataSourceId": source}
