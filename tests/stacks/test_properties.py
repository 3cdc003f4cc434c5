"""Properties that a template may set, by type: one more does more than its sentences say, and is argued for here."""

from collections.abc import Callable

from tests.stacks.resolved import Deployment

SET = {
    "ApiGateway::Account": "CloudWatchRoleArn",
    "ApiGateway::Deployment": "Description RestApiId",
    "ApiGateway::GatewayResponse": "ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode",
    "ApiGateway::Method": (
        "AuthorizationType HttpMethod Integration RequestModels RequestParameters RequestValidatorId "
        "ResourceId RestApiId"
    ),
    "ApiGateway::Model": "ContentType Name RestApiId Schema",
    "ApiGateway::RequestValidator": "RestApiId ValidateRequestBody ValidateRequestParameters",
    "ApiGateway::Resource": "ParentId PathPart RestApiId",
    "ApiGateway::RestApi": "Description EndpointConfiguration Name",
    "ApiGateway::Stage": "AccessLogSetting DeploymentId MethodSettings RestApiId StageName TracingEnabled",
    "Bedrock::DataSource": (
        "DataDeletionPolicy DataSourceConfiguration KnowledgeBaseId Name ServerSideEncryptionConfiguration "
        "VectorIngestionConfiguration"
    ),
    "Bedrock::KnowledgeBase": "KnowledgeBaseConfiguration Name RoleArn StorageConfiguration",
    "BedrockAgentCore::Gateway": "AuthorizerType Description Name ProtocolConfiguration ProtocolType RoleArn",
    "BedrockAgentCore::GatewayTarget": ("CredentialProviderConfigurations GatewayIdentifier Name TargetConfiguration"),
    "Budgets::Budget": "Budget NotificationsWithSubscribers ResourceTags",
    "CloudWatch::Alarm": (
        "AlarmActions AlarmDescription ComparisonOperator Dimensions EvaluationPeriods ExtendedStatistic "
        "MetricName Metrics Namespace Period Statistic Threshold TreatMissingData"
    ),
    "CloudWatch::Dashboard": "DashboardBody",
    "DynamoDB::Table": (
        "AttributeDefinitions BillingMode KeySchema PointInTimeRecoverySpecification SSESpecification "
        "TimeToLiveSpecification"
    ),
    "Events::Rule": "Description EventPattern Targets",
    "IAM::Policy": "PolicyDocument PolicyName Roles",
    "IAM::Role": "AssumeRolePolicyDocument PermissionsBoundary",
    "KMS::Key": "Description EnableKeyRotation KeyPolicy",
    "Lambda::Alias": "FunctionName FunctionVersion Name",
    "Lambda::EventInvokeConfig": "FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier",
    "Lambda::EventSourceMapping": "BatchSize EventSourceArn FunctionName MaximumBatchingWindowInSeconds",
    "Lambda::Function": (
        "Architectures Code Description Environment Handler Layers LoggingConfig MemorySize RecursiveLoop "
        "Role Runtime Timeout TracingConfig"
    ),
    "Lambda::LayerVersion": "CompatibleRuntimes Content Description",
    "Lambda::Permission": "Action FunctionName Principal SourceAccount SourceArn",
    "Lambda::Url": "AuthType Qualifier TargetFunctionArn",
    "Lambda::Version": "FunctionName",
    "Logs::LogGroup": "RetentionInDays",
    "Logs::MetricFilter": "FilterPattern LogGroupName MetricTransformations",
    "S3::Bucket": (
        "BucketEncryption LifecycleConfiguration LoggingConfiguration NotificationConfiguration "
        "OwnershipControls PublicAccessBlockConfiguration VersioningConfiguration"
    ),
    "S3::BucketPolicy": "Bucket PolicyDocument",
    "S3Vectors::Index": "DataType Dimension DistanceMetric IndexName MetadataConfiguration VectorBucketArn",
    "S3Vectors::VectorBucket": "EncryptionConfiguration",
    "SNS::Subscription": "Endpoint Protocol TopicArn",
    "SNS::TopicPolicy": "PolicyDocument Topics",
    "SQS::Queue": "MessageRetentionPeriod RedrivePolicy SqsManagedSseEnabled VisibilityTimeout",
    "SQS::QueuePolicy": "PolicyDocument Queues",
    "SSM::Parameter": "Description Type Value",
    "Scheduler::Schedule": "Description FlexibleTimeWindow ScheduleExpression Target",
    "StepFunctions::StateMachine": (
        "DefinitionString LoggingConfiguration RoleArn StateMachineType TracingConfiguration"
    ),
    "WAFv2::WebACL": "DefaultAction Rules Scope VisibilityConfig",
    "WAFv2::WebACLAssociation": "ResourceArn WebACLArn",
    "Custom::EmptiedBucket": "BucketName ServiceTimeout ServiceToken",
}
"""Properties of a type, without tags. A function's concurrency, the routing of an alias, the class of a log group, a
disabled key or the origins of a URL are not among them: each changes what runs, what is counted, or who may ask."""
LAYER = "AWS::Lambda::LayerVersion"
ENVIRONMENTS = ("prod", "dev", "everything", "hosted", "elsewhere", "managed")


def test_no_resource_has_a_property_that_nothing_speaks_of(synthesise: Callable[[str], Deployment]) -> None:
    for environment in ENVIRONMENTS:
        for resource in synthesise(environment).resources():
            allowed = {"Tags", *SET.get(resource.type.removeprefix("AWS::"), "").split()}
            assert resource.properties.keys() <= allowed, f"{environment}: {resource.name}"


def test_every_property_that_is_spoken_of_is_set_somewhere(synthesise: Callable[[str], Deployment]) -> None:
    resources = [one for environment in ENVIRONMENTS for one in synthesise(environment).resources()]
    for kind, names in SET.items():
        used = {name for one in resources if one.type.removeprefix("AWS::") == kind for name in one.properties}
        assert set(names.split()) <= used, kind


def test_layers_serve_what_runs_and_the_edge_is_of_its_region_and_its_protocol(everything: Deployment) -> None:
    (runtime,) = {one.properties["Runtime"] for one in everything.resources("AWS::Lambda::Function")}
    assert all(one.properties["CompatibleRuntimes"] == [runtime] for one in everything.resources(LAYER))
    assert everything.one("AWS::WAFv2::WebACL").properties["Scope"] == "REGIONAL"
    spoken = everything.one("AWS::BedrockAgentCore::Gateway").properties["ProtocolConfiguration"]["Mcp"]
    assert spoken["SupportedVersions"] == ["2025-03-26", "2025-06-18"]
