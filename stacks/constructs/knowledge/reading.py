"""How a data source reads documents: parsed, cut into passages, and these given to a function of the owner."""

from aws_cdk import Stack
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.base import models
from stacks.constructs.base.bucket import Bucket
from stacks.settings.documents import Chunking, Parsing
from stacks.settings.model_catalogue import profile_prefix

Source = bedrock.CfnDataSource
VectorIngestion = bedrock.CfnDataSource.VectorIngestionConfigurationProperty
PASSAGES = "passages/"
"""Where Bedrock leaves the passages of a document for the function, and the function its own."""


def vector_ingestion(scope: Construct, chunking: Chunking, parsing: Parsing, results: Bucket) -> VectorIngestion:
    """The reading of a data source; nothing of it can change in place."""
    return Source.VectorIngestionConfigurationProperty(
        chunking_configuration=_chunking(chunking),
        parsing_configuration=_parsing(scope, parsing),
        custom_transformation_configuration=_transformation(chunking.transformation, results),
    )


def grant_reading(role: iam.Role, chunking: Chunking, parsing: Parsing, results: Bucket) -> None:
    """Let the knowledge base's role call all that its reading takes."""
    if parsing.model:
        models.grant_invoke(role, parsing.model)
    if parsing.strategy == "data_automation":
        _grant_automation(role)
    if chunking.transformation:
        results.grant_list(role, prefix=PASSAGES)
        results.grant_read(role, prefix=PASSAGES)
        results.grant_write(role, prefix=PASSAGES)
        invoke = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[chunking.transformation])
        role.add_to_principal_policy(invoke)


def edition_of(chunking: Chunking, parsing: Parsing) -> list[object]:
    """All that distinguishes a reading from the default one, for the digest of an edition."""
    changed = {
        "chunking": chunking.model_dump(exclude_defaults=True),
        "parsing": parsing.model_dump(exclude_defaults=True),
    }
    for name in ("max_tokens", "overlap_percentage"):
        changed["chunking"].pop(name, None)
    return [changed] if any(changed.values()) else []


def _chunking(chunking: Chunking) -> bedrock.CfnDataSource.ChunkingConfigurationProperty:
    name = {"fixed": "FIXED_SIZE"}.get(chunking.strategy, chunking.strategy.upper())
    configuration = Source.ChunkingConfigurationProperty
    if chunking.strategy == "fixed":
        fixed = Source.FixedSizeChunkingConfigurationProperty(
            max_tokens=chunking.max_tokens, overlap_percentage=chunking.overlap_percentage
        )
        return configuration(chunking_strategy=name, fixed_size_chunking_configuration=fixed)
    if chunking.strategy == "hierarchical":
        level = Source.HierarchicalChunkingLevelConfigurationProperty
        hierarchical = Source.HierarchicalChunkingConfigurationProperty(
            level_configurations=[level(max_tokens=chunking.parent_tokens), level(max_tokens=chunking.max_tokens)],
            overlap_tokens=chunking.overlap_tokens,
        )
        return configuration(chunking_strategy=name, hierarchical_chunking_configuration=hierarchical)
    if chunking.strategy == "semantic":
        semantic = Source.SemanticChunkingConfigurationProperty(
            max_tokens=chunking.max_tokens,
            buffer_size=chunking.buffer_sentences,
            breakpoint_percentile_threshold=chunking.breakpoint_percentile,
        )
        return configuration(chunking_strategy=name, semantic_chunking_configuration=semantic)
    return configuration(chunking_strategy=name)


def _parsing(scope: Construct, parsing: Parsing) -> bedrock.CfnDataSource.ParsingConfigurationProperty | None:
    configuration = Source.ParsingConfigurationProperty
    if parsing.strategy == "data_automation":
        return configuration(parsing_strategy="BEDROCK_DATA_AUTOMATION")
    if parsing.model is None:
        return None
    prompt = Source.ParsingPromptProperty(parsing_prompt_text=parsing.prompt) if parsing.prompt else None
    reader = Source.BedrockFoundationModelConfigurationProperty(
        model_arn=_model_arn(scope, parsing.model), parsing_prompt=prompt
    )
    return configuration(parsing_strategy="BEDROCK_FOUNDATION_MODEL", bedrock_foundation_model_configuration=reader)


def _model_arn(scope: Construct, model: str) -> str:
    if not profile_prefix(model):
        return models.foundation_model_arn(scope, model)
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:inference-profile/{model}"


def _transformation(
    function: str | None, results: Bucket
) -> bedrock.CfnDataSource.CustomTransformationConfigurationProperty | None:
    if function is None:
        return None
    called = Source.TransformationLambdaConfigurationProperty(lambda_arn=function)
    step = Source.TransformationProperty(
        step_to_apply="POST_CHUNKING",
        transformation_function=Source.TransformationFunctionProperty(transformation_lambda_configuration=called),
    )
    location = Source.S3LocationProperty(uri=f"s3://{results.name}/{PASSAGES}")
    return Source.CustomTransformationConfigurationProperty(
        intermediate_storage=Source.IntermediateStorageProperty(s3_location=location), transformations=[step]
    )


def _grant_automation(role: iam.Role) -> None:
    """Bedrock user guide, *kb-permissions*: AWS's own project, the profile of the geography, the state of a call."""
    stack = Stack.of(role)
    own = f"arn:{stack.partition}:bedrock:*:{stack.account}"
    project = f"arn:{stack.partition}:bedrock:{stack.region}:aws:data-automation-project/public-rag-default"
    invoke = ["bedrock:InvokeDataAutomationAsync"]
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=invoke, resources=[project, f"{own}:data-automation-profile/us.data-automation-v1"])
    )
    invocations = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:data-automation-invocation/*"
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=["bedrock:GetDataAutomationStatus"], resources=[invocations])
    )
