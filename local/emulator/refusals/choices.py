"""Items of a list that must differ, and members that a choice asks for (the API reference of each type)."""

from typing import Any

from local.emulator.base.http import ServiceError

Properties = dict[str, Any]
_CHUNKING = "VectorIngestionConfiguration.ChunkingConfiguration"
_PARSING = "VectorIngestionConfiguration.ParsingConfiguration"

UNIQUE: dict[str, tuple[tuple[str, str], ...]] = {
    "AWS::Bedrock::Guardrail": (
        ("TopicPolicyConfig.TopicsConfig", "Name"),
        ("ContentPolicyConfig.FiltersConfig", "Type"),
        ("ContextualGroundingPolicyConfig.FiltersConfig", "Type"),
        ("SensitiveInformationPolicyConfig.PiiEntitiesConfig", "Type"),
        ("SensitiveInformationPolicyConfig.RegexesConfig", "Name"),
    ),
    "AWS::Budgets::Budget": (("NotificationsWithSubscribers", "Notification"),),
    "AWS::CloudWatch::Alarm": (("Metrics", "Id"), ("Dimensions", "Name")),
    "AWS::DynamoDB::Table": (("AttributeDefinitions", "AttributeName"),),
    "AWS::Events::Rule": (("Targets", "Id"),),
    "AWS::IAM::Role": (("Policies", "PolicyName"),),
    "AWS::S3Vectors::Index": (("MetadataConfiguration.NonFilterableMetadataKeys", ""),),
    "AWS::WAFv2::WebACL": (("Rules", "Name"), ("Rules", "Priority")),
}
"""By type: a list, and the member by which its items differ; an empty name stands for the items themselves."""

NEEDED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "AWS::ApiGateway::Method": tuple(
        ("Integration.Type", kind, "Integration.Uri") for kind in ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY")
    ),
    "AWS::Bedrock::DataSource": (
        (f"{_CHUNKING}.ChunkingStrategy", "FIXED_SIZE", f"{_CHUNKING}.FixedSizeChunkingConfiguration"),
        (f"{_CHUNKING}.ChunkingStrategy", "HIERARCHICAL", f"{_CHUNKING}.HierarchicalChunkingConfiguration"),
        (f"{_CHUNKING}.ChunkingStrategy", "SEMANTIC", f"{_CHUNKING}.SemanticChunkingConfiguration"),
        (f"{_PARSING}.ParsingStrategy", "BEDROCK_FOUNDATION_MODEL", f"{_PARSING}.BedrockFoundationModelConfiguration"),
        ("DataSourceConfiguration.Type", "S3", "DataSourceConfiguration.S3Configuration"),
    ),
    "AWS::Bedrock::KnowledgeBase": (
        ("KnowledgeBaseConfiguration.Type", "VECTOR", "KnowledgeBaseConfiguration.VectorKnowledgeBaseConfiguration"),
        ("StorageConfiguration.Type", "S3_VECTORS", "StorageConfiguration.S3VectorsConfiguration"),
    ),
    "AWS::DynamoDB::Table": (
        ("BillingMode", "None", "ProvisionedThroughput"),
        ("BillingMode", "PROVISIONED", "ProvisionedThroughput"),
        ("TimeToLiveSpecification.Enabled", "True", "TimeToLiveSpecification.AttributeName"),
    ),
    "AWS::Lambda::Function": tuple(
        ("PackageType", kind, member) for kind in ("None", "Zip") for member in ("Runtime", "Handler")
    ),
    "AWS::Scheduler::Schedule": (("FlexibleTimeWindow.Mode", "FLEXIBLE", "FlexibleTimeWindow.MaximumWindowInMinutes"),),
}
"""By type: a member, a value of it, and the member that it asks for; `None` stands for a member left out."""


def check(kind: str, properties: Properties) -> None:
    """Refuse two items of one name, and a choice without what it asks for.

    Raises:
        ServiceError: ValidationException.
    """
    for path, name in UNIQUE.get(kind, ()):
        items = _at(properties, path) or ()
        named = [str(item.get(name) if name else item) for item in items]
        if len(set(named)) < len(named):
            raise ServiceError("ValidationException", f"{path} contains duplicates of {name or 'a value'}")
    for path, value, needed in NEEDED.get(kind, ()):
        if str(_at(properties, path)).title() == value.title() and _at(properties, needed) is None:
            raise ServiceError("ValidationException", f"{needed} is required where {path} is {value}")


def _at(properties: Properties, path: str) -> Any:
    value: Any = properties
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
