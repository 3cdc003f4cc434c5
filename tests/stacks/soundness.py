"""What no general checker sees: settings of different resources that must agree, and permissions that must be there."""

import json
from collections.abc import Iterator
from typing import Any

from arbiter.runs import output_prefix, prepared_key
from stacks.settings.model_catalogue import EMBEDDING_DIMENSIONS
from tests.stacks import pipelines
from tests.stacks.permissions import conditional, may, permissions, statements
from tests.stacks.resolved import Deployment, Resource

ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012"
MODELS = "arn:aws:bedrock:us-east-1::foundation-model/"
JOBS_OF = {
    "createModelCustomizationJob": "model-customization-job/*",
    "createModelInvocationJob": "model-invocation-job/*",
}
"""What Bedrock takes a role for that a pipeline passes to it."""
SERVED = {"AWS::Bedrock::KnowledgeBase": "knowledge-base/*"}


def unsound(deployment: Deployment) -> list[str]:
    """Every disagreement found; empty for what may be deployed."""
    checks = (
        _vectors,
        _knowledge_base,
        _ingestion,
        _router,
        _customization,
        _unfinished_runs,
        _buckets,
        _keys,
        _trust,
        _queues,
        _watch,
    )
    return [finding for check in checks for finding in check(deployment)] + pipelines.unsound(deployment)


def _vectors(d: Deployment) -> Iterator[str]:
    index = d.one("AWS::S3Vectors::Index").properties
    knowledge_base = _vector_configuration(d)
    model = knowledge_base["EmbeddingModelArn"].removeprefix(MODELS)
    configuration = knowledge_base.get("EmbeddingModelConfiguration", {}).get("BedrockEmbeddingModelConfiguration", {})
    dimensions = configuration.get("Dimensions", EMBEDDING_DIMENSIONS.get(model, (None,))[0])
    if index["Dimension"] != dimensions:
        yield f"the index has {index['Dimension']} dimensions, the embedding {dimensions}"
    if model in EMBEDDING_DIMENSIONS and dimensions not in EMBEDDING_DIMENSIONS[model]:
        yield f"{model} offers no {dimensions} dimensions"
    if configuration.get("EmbeddingDataType", "FLOAT32") != "FLOAT32" or index["DataType"] != "float32":
        yield "S3 Vectors keeps float32 alone"
    keys = index.get("MetadataConfiguration", {}).get("NonFilterableMetadataKeys", [])
    for key in ("AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"):
        if key not in keys:
            yield f"{key} is filterable"


def _knowledge_base(d: Deployment) -> Iterator[str]:
    resource = d.one("AWS::Bedrock::KnowledgeBase")
    role, index = resource.properties["RoleArn"], d.one("AWS::S3Vectors::Index")
    source = d.one("AWS::Bedrock::DataSource").properties
    bucket = source["DataSourceConfiguration"]["S3Configuration"]["BucketArn"]
    if resource.properties["StorageConfiguration"]["S3VectorsConfiguration"]["IndexArn"] != index.attribute("IndexArn"):
        yield "the knowledge base does not use the index"
    needs = [("bedrock:InvokeModel", _vector_configuration(d)["EmbeddingModelArn"])]
    vectors = ("GetIndex", "PutVectors", "GetVectors", "DeleteVectors", "QueryVectors")
    needs += [(f"s3vectors:{name}", _index_by_name(index)) for name in vectors]
    needs += [("s3:ListBucket", bucket), ("s3:GetObject", f"{bucket}/a")]
    yield from _missing(d, role, needs)
    policies = [p.id for p in d.resources("AWS::IAM::Policy") if f"<{_name(role)}>" in p.properties["Roles"]]
    if not set(policies) <= set(resource.depends_on):
        yield "the knowledge base is created before its role is complete"
    if source["KnowledgeBaseId"] != resource.attribute("KnowledgeBaseId"):
        yield "the data source belongs to another knowledge base"


def _index_by_name(index: Resource) -> str:
    """The ARN that the index will have; a policy over it need not wait for the index."""
    return f"{index.properties['VectorBucketArn']}/index/{index.properties['IndexName']}"


def _ingestion(d: Deployment) -> Iterator[str]:
    knowledge_base, source = d.one("AWS::Bedrock::KnowledgeBase"), d.one("AWS::Bedrock::DataSource")
    sync = d.one("AWS::Lambda::Function", "Sync").properties
    variables = sync["Environment"]["Variables"]
    if variables["ARBITER_KNOWLEDGE_BASE_ID"] != knowledge_base.attribute("KnowledgeBaseId"):
        yield "the sync function has another knowledge base"
    if variables["ARBITER_DATA_SOURCE_ID"] != source.attribute("DataSourceId"):
        yield "the sync function has another data source"
    arn = knowledge_base.attribute("KnowledgeBaseArn")
    jobs = ("StartIngestionJob", "GetIngestionJob", "ListIngestionJobs")
    yield from _missing(d, sync["Role"], [(f"bedrock:{job}", arn) for job in jobs])
    rule, documents = d.one("AWS::Events::Rule", "DocumentChanged").properties, d.one("AWS::S3::Bucket", "Documents")
    if rule["EventPattern"]["detail"]["bucket"]["name"] != [documents.ref]:
        yield "the rule watches another bucket"
    if set(rule["EventPattern"]["detail-type"]) != {"Object Created", "Object Deleted"}:
        yield "the rule misses uploads or deletions"
    events = documents.properties.get("NotificationConfiguration", {}).get("EventBridgeConfiguration", {})
    if events.get("EventBridgeEnabled") is not True:
        yield "the documents bucket sends no events"


def _queues(d: Deployment) -> Iterator[str]:
    rule, mapping = d.one("AWS::Events::Rule", "DocumentChanged"), d.one("AWS::Lambda::EventSourceMapping").properties
    queue = next(q for q in d.resources("AWS::SQS::Queue") if q.attribute("Arn") == mapping["EventSourceArn"])
    sync = d.one("AWS::Lambda::Function", "Sync").properties
    if rule.properties["Targets"][0]["Arn"] != queue.attribute("Arn"):
        yield "the rule's target is not the queue that is read"
    if queue.properties["VisibilityTimeout"] < 6 * sync["Timeout"]:
        yield "messages return while the function may still work on them"
    if not queue.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn"):
        yield "the queue has no dead letters"
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage")
    yield from _missing(d, sync["Role"], [(f"sqs:{action}", queue.attribute("Arn")) for action in actions])
    senders = [s for s in _resource_policy(d, "AWS::SQS::QueuePolicy", queue.ref) if s["Effect"] == "Allow"]
    if not any(s["Condition"]["ArnEquals"]["aws:SourceArn"] == rule.attribute("Arn") for s in senders):
        yield "the rule may not send to the queue"
    for any_queue in d.resources("AWS::SQS::Queue"):
        if not any_queue.properties.get("SqsManagedSseEnabled"):
            yield f"{any_queue.name} is not encrypted"


def _router(d: Deployment) -> Iterator[str]:
    router = d.one("AWS::Lambda::Function", "Router").properties
    variables = router["Environment"]["Variables"]
    base, knowledge_base = variables["ARBITER_BASE_MODEL"], d.one("AWS::Bedrock::KnowledgeBase")
    profile = base.split(".")[0] in ("us", "eu", "apac", "global")
    needs = [("bedrock:InvokeModel", f"{ACCOUNT}:inference-profile/{base}" if profile else f"{MODELS}{base}")]
    if profile:
        regional = MODELS.replace("us-east-1", "us-west-2") + base.split(".", 1)[1]
        needs.append(("bedrock:InvokeModel", regional))
    needs.append(("bedrock:Retrieve", knowledge_base.attribute("KnowledgeBaseArn")))
    pointer = f"arn:aws:ssm:us-east-1:123456789012:parameter/{variables['ARBITER_TUNED_MODEL_PARAMETER']}"
    needs.append(("ssm:GetParameter", pointer))
    if "FineTuning" in d.templates:
        needs += [
            ("bedrock:InvokeModel", f"{ACCOUNT}:{kind}/x") for kind in ("custom-model", "custom-model-deployment")
        ]
    yield from _missing(d, router["Role"], needs)
    if variables["ARBITER_TUNED_MODEL_PARAMETER"] != "<Storage.TunedModelInService>":
        yield "the router follows another pointer"
    if variables["ARBITER_KNOWLEDGE_BASE_ID"] != knowledge_base.attribute("KnowledgeBaseId"):
        yield "the router has another knowledge base"
    if d.one("AWS::Lambda::Url").properties["AuthType"] != "AWS_IAM":
        yield "anybody may ask the router"


def _customization(d: Deployment) -> Iterator[str]:
    for _, name, state in pipelines.tasks(d):
        if "createModelCustomizationJob" not in state["Resource"]:
            continue
        bucket = d.one("AWS::S3::Bucket", "Training").attribute("Arn")
        role = state["Arguments"]["RoleArn"]
        needs = [("s3:GetObject", f"{bucket}/{prepared_key('run')}"), ("s3:ListBucket", bucket)]
        needs.append(("s3:PutObject", f"{bucket}/{output_prefix('run')}x"))
        yield from _missing(d, role, needs)
        prepare = d.one("AWS::Lambda::Function", "Prepare").properties["Environment"]["Variables"]
        if prepare["ARBITER_BASE_MODEL"] != state["Arguments"]["BaseModelIdentifier"]:
            yield f"{name}: the training set is checked for another model"
        if int(state["Arguments"].get("TimeoutSeconds", 0)):
            yield f"{name}: the timeout stands among the arguments"


def _unfinished_runs(d: Deployment) -> Iterator[str]:
    if "FineTuning" not in d.templates:
        return
    rule, permission = (d.one(f"AWS::{kind}", "UnfinishedRuns") for kind in ("Events::Rule", "Lambda::Permission"))
    pattern = rule.properties["EventPattern"]["detail"]
    conclude = d.one("AWS::Lambda::Function", "FineTuning.Conclude").attribute("Arn")
    if set(pattern["status"]) != {"ABORTED", "TIMED_OUT", "FAILED"}:
        yield "nothing concludes runs that cannot end by themselves"
    if pattern["stateMachineArn"] != [d.one("AWS::StepFunctions::StateMachine", "FineTuning").ref]:
        yield "the rule watches another state machine"
    if rule.properties["Targets"][0]["Arn"] != conclude or permission.properties["FunctionName"] != conclude:
        yield "the rule's target is not what concludes"
    if permission.properties["SourceArn"] != rule.attribute("Arn") or "SourceAccount" not in permission.properties:
        yield "the rule may not invoke what concludes, or anybody may"


def _buckets(d: Deployment) -> Iterator[str]:
    for bucket in d.resources("AWS::S3::Bucket"):
        p = bucket.properties
        if set(p.get("PublicAccessBlockConfiguration", {}).values()) != {True}:
            yield f"{bucket.name} may become public"
        if p.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield f"{bucket.name} keeps no versions"
        if "BucketEncryption" not in p:
            yield f"{bucket.name} is not encrypted"
        if "LoggingConfiguration" not in p and "AccessLogs" not in bucket.id:
            yield f"{bucket.name} has no access log"
        rules = p.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any("NoncurrentVersionExpiration" in r and "AbortIncompleteMultipartUpload" in r for r in rules):
            yield f"{bucket.name} grows for ever"
        denied = [s for s in _resource_policy(d, "AWS::S3::BucketPolicy", bucket.ref) if s["Effect"] == "Deny"]
        if not any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied):
            yield f"{bucket.name} answers plain http"


def _keys(d: Deployment) -> Iterator[str]:
    encrypted = {b.attribute("Arn"): _key(b) for b in d.resources("AWS::S3::Bucket") if _key(b)}
    for p in permissions(d):
        key = encrypted.get(p.resource.split("/")[0])
        needed = {"s3:GetObject": ["kms:Decrypt"], "s3:PutObject": ["kms:Decrypt", "kms:GenerateDataKey"]}
        if key:
            yield from _missing(d, p.role, [(action, key) for action in needed.get(p.action, [])])


def _trust(d: Deployment) -> Iterator[str]:
    kinds = {d.one("AWS::Bedrock::KnowledgeBase").properties["RoleArn"]: "knowledge-base/*"}
    kinds |= {m.properties["RoleArn"]: "stateMachine:*" for m in d.resources("AWS::StepFunctions::StateMachine")}
    for _, _, state in pipelines.tasks(d):
        if "RoleArn" in state["Arguments"]:
            kinds[state["Arguments"]["RoleArn"]] = JOBS_OF[state["Resource"].rsplit(":", 1)[-1].removesuffix(".sync")]
    for role, statement in conditional(d):
        conditions = statement.get("Condition", {})
        if "aws:SourceAccount" not in conditions.get("StringEquals", {}):
            yield f"{role.name} serves every account"
        kind = kinds.get(role.attribute("Arn"))
        if kind and not str(conditions.get("ArnLike", {}).get("aws:SourceArn", "")).endswith(f":{kind}"):
            yield f"{role.name} does not trust {kind}"


def _watch(d: Deployment) -> Iterator[str]:
    alarms = {a.name: json.dumps(a.properties) for a in d.resources("AWS::CloudWatch::Alarm")}
    for what in ("Errors", "Duration", "DocumentsFailed", "JobsFailed", "ApproximateNumberOfMessagesVisible"):
        if not any(f'"{what}"' in text for text in alarms.values()):
            yield f"nothing watches {what}"


def _vector_configuration(d: Deployment) -> dict[str, Any]:
    configuration: dict[str, Any] = d.one("AWS::Bedrock::KnowledgeBase").properties["KnowledgeBaseConfiguration"]
    return dict(configuration["VectorKnowledgeBaseConfiguration"])


def _resource_policy(d: Deployment, kind: str, resource: str) -> Iterator[dict[str, Any]]:
    for policy in d.resources(kind):
        if resource in (policy.properties.get("Bucket"), *policy.properties.get("Queues", [])):
            yield from statements(policy.properties["PolicyDocument"])


def _key(bucket: Resource) -> str | None:
    (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    key: str | None = rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID")
    return key


def _missing(d: Deployment, role: str, needs: list[tuple[str, str]]) -> Iterator[str]:
    for action, resource in needs:
        if not may(d, role, action, resource):
            yield f"{_name(role)} may not {action} on {resource}"


def _name(role: str) -> str:
    return role.strip("<>").removesuffix(".Arn")
