"""What must not be lost, and what must not stay behind."""

import json
from collections.abc import Callable

import pytest

from arbiter.feedback import PREFIX
from tests.stacks.permissions import may, permissions, statements
from tests.stacks.resolved import Deployment

BUCKETS = ("AccessLogsBucket", "DocumentsBucket", "ResultsBucket", "TrainingBucket")
CDK_HASH = 8
"""Characters that the CDK puts behind a logical id."""
POINTERS = ("TunedModelCandidate", "TunedModelInService")


def test_data_keeps_its_logical_ids(prod: Deployment, everything: Deployment) -> None:
    """A changed logical id replaces the resource: the data would be left behind."""
    template = prod.templates["Storage"]["Resources"]
    assert {i: template[i]["Type"] for i in BUCKETS} == dict.fromkeys(BUCKETS, "AWS::S3::Bucket")
    assert {i: template[i]["Type"] for i in POINTERS} == dict.fromkeys(POINTERS, "AWS::SSM::Parameter")
    assert everything.templates["Storage"]["Resources"]["DataKey"]["Type"] == "AWS::KMS::Key"


def test_data_is_retained_in_prod(everything: Deployment) -> None:
    template = everything.templates["Storage"]["Resources"]
    for logical_id in (*BUCKETS, *POINTERS, "DataKey"):
        assert template[logical_id]["DeletionPolicy"] == "Retain", logical_id
        assert template[logical_id]["UpdateReplacePolicy"] == "Retain", logical_id


def test_nothing_stays_of_a_disposable_environment(dev: Deployment) -> None:
    kept = [r.name for r in dev.resources() if r.raw.get("DeletionPolicy", "Delete") != "Delete"]
    assert kept == []


def test_every_bucket_of_a_disposable_environment_is_emptied(dev: Deployment, prod: Deployment) -> None:
    emptied = {r.properties["BucketName"] for r in dev.resources("Custom::EmptiedBucket")}
    assert emptied == {f"<Storage.{name}>" for name in BUCKETS}
    assert list(prod.resources("Custom::EmptiedBucket")) == []


def test_texts_of_feedback_are_gone_after_their_days_or_at_once(prod: Deployment, everything: Deployment) -> None:
    for deployment, days in ((prod, 1), (everything, 90)):
        results = next(one for one in deployment.resources("AWS::S3::Bucket") if one.id == "ResultsBucket")
        (rule,) = (one for one in results.properties["LifecycleConfiguration"]["Rules"] if "Prefix" in one)
        current, old = rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]
        assert (rule["Prefix"], current, old) == (PREFIX, days, {"NoncurrentDays": 1})
        keeping = {p.role for p in permissions(deployment) if p.action == "s3:PutObject" and PREFIX in p.resource}
        assert keeping == ({"Inference.RouterRole", "Edge.FrontRole"} if days == 90 else set())


def test_access_logs_are_emptied_after_the_buckets_that_write_them(dev: Deployment) -> None:
    (last,) = (r.id for r in dev.resources("Custom::EmptiedBucket") if "AccessLogs" in r.id)
    for bucket in dev.resources("AWS::S3::Bucket"):
        assert bucket.id == "AccessLogsBucket" or last in bucket.depends_on, bucket.name


def test_the_emptier_keeps_its_permissions_while_it_works(dev: Deployment) -> None:
    policies = {
        p.id for p in dev.resources("AWS::IAM::Policy") if "<Storage.EmptiedEmptierRole>" in p.properties["Roles"]
    }
    buckets = list(dev.resources("Custom::EmptiedBucket"))
    assert len(buckets) == len(list(dev.resources("AWS::S3::Bucket")))
    for emptied in buckets:
        own = {p for p in policies if emptied.id[:-CDK_HASH] in p or "DefaultPolicy" in p}
        assert own, emptied.name
        assert own <= set(emptied.depends_on), emptied.name


def test_every_bucket_refuses_plain_http(deployment: Deployment) -> None:
    refusing = {
        p.properties["Bucket"]
        for p in deployment.resources("AWS::S3::BucketPolicy")
        for s in statements(p.properties["PolicyDocument"])
        if s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert refusing == {b.ref for b in deployment.resources("AWS::S3::Bucket")}


def test_every_bucket_refuses_old_tls_and_is_nobody_elses(everything: Deployment) -> None:
    old = {"NumericLessThan": {"s3:TlsVersion": 1.2}}
    refusing = {
        p.properties["Bucket"]
        for p in everything.resources("AWS::S3::BucketPolicy")
        for s in statements(p.properties["PolicyDocument"])
        if s["Effect"] == "Deny" and s["Condition"] == old
    }
    assert refusing == {b.ref for b in everything.resources("AWS::S3::Bucket")}
    for bucket in everything.resources("AWS::S3::Bucket"):
        # The one that takes logs is opened to their delivery by its policy.
        assert bucket.properties.get("AccessControl", "LogDeliveryWrite") == "LogDeliveryWrite", bucket.name
        log = {"DestinationBucketName": "<Storage.AccessLogsBucket>", "LogFilePrefix": f"{bucket.id[:-6].lower()}/"}
        assert bucket.properties.get("LoggingConfiguration", log) == log, bucket.name
    assert "PendingWindowInDays" not in everything.one("AWS::KMS::Key").properties, "a month to take a deletion back"


def test_tags_do_not_touch_the_pointer(everything: Deployment) -> None:
    """To change a tag CloudFormation writes the parameter anew, over the model in service."""
    for parameter in everything.resources("AWS::SSM::Parameter"):
        assert "Tags" not in parameter.properties
        assert parameter.properties["Value"] == "none"


def test_the_customer_managed_key_encrypts_data_and_vectors(everything: Deployment) -> None:
    key = "<Storage.DataKey.Arn>"
    for bucket in everything.resources("AWS::S3::Bucket"):
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        expected = None if bucket.id == "AccessLogsBucket" else key
        assert rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID") == expected, bucket.name
    vectors = everything.one("AWS::S3Vectors::VectorBucket").properties
    assert vectors["EncryptionConfiguration"] == {"SseType": "aws:kms", "KmsKeyArn": key}
    source = everything.one("AWS::Bedrock::DataSource").properties
    assert source["ServerSideEncryptionConfiguration"] == {"KmsKeyArn": key}
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert may(everything, "KnowledgeBase.DocumentsRole", action, key)


def test_the_policy_of_the_knowledge_base_does_not_wait_for_the_index(deployment: Deployment) -> None:
    """A policy that is as young as the knowledge base may not have spread when Bedrock tries it."""
    for policy in deployment.resources("AWS::IAM::Policy"):
        if "<KnowledgeBase.DocumentsRole>" in policy.properties["Roles"]:
            assert "VectorsIndex" not in json.dumps(policy.raw)


@pytest.mark.parametrize(
    ("environment", "protected"),
    [
        ("prod", {"Storage", "KnowledgeBase", "Inference"}),
        ("everything", {"Storage", "KnowledgeBase", "Inference", "Edge"}),
        ("dev", set()),
        ("managed", set()),
    ],
)
def test_what_holds_data_or_answers_is_protected_where_data_is_retained(
    synthesise: Callable[[str], Deployment], environment: str, protected: set[str]
) -> None:
    assembly = synthesise(environment).files["Storage"].parent
    manifest = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    found = {
        name.removeprefix(f"Arbiter-{environment}-")
        for name, artifact in manifest.items()
        if artifact.get("properties", {}).get("terminationProtection")
    }
    assert found == protected
