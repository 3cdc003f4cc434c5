"""Findings of cdk-nag that are meant: each on one resource, with its reason. A test refuses stale ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Acknowledgment, App, Validations
from constructs import IConstruct

from stacks.models import foundation_model, profile_prefix
from stacks.settings import Settings
from stacks.stack import Target

FUNCTIONS = (
    "Storage/Emptied/Emptier",
    "KnowledgeBase/Ingestion/Sync",
    "Inference/Router",
    "Evaluation/Publish",
    "Evaluation/Summarise",
    "FineTuning/Prepare",
)
PIPELINE_ROLES = ("Evaluation/PipelineRole", "FineTuning/PipelineRole")

RUNTIME = "python3.13 is the runtime the tests run; it is supported by Lambda and moved deliberately."
TRACING = "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources, nor do the log delivery actions."
EMPTYING = "Emptying a disposable bucket means every object and version in this one bucket."
DOCUMENTS = "Bedrock reads every document in this one bucket."
RUNS = "The id of an evaluation run is chosen when it starts; the prefix is the limit."
DATASETS = "The id of a training run is chosen when it starts; the prefix is the limit."
JOB_OUTPUT = "Bedrock names the objects that a customization job writes; the prefix is the limit."
TUNED = "Bedrock gives tuned models, jobs and deployments their ids after synthesis; the account is the limit."
MAP_RUNS = "Executions of this one state machine's map get their ids when they start."
PROFILE = "AWS chooses the region behind an inference profile; the policy's condition admits this one profile only."

DOCUMENT_OBJECTS = "{storage}:ExportsOutputFnGetAttDocumentsBucketArn979EBF06/*"
RUN_OBJECTS = "{storage}:ExportsOutputFnGetAttResultsBucketArn64D1118C/evaluations/*"
DATASET_OBJECTS = "{storage}:ExportsOutputFnGetAttTrainingBucketArn0691B367/datasets/*"
JOB_OUTPUT_OBJECTS = "{storage}:ExportsOutputFnGetAttTrainingBucketArn0691B367/customization/*"
OWN_MODELS = "{bedrock}:custom-model/*"
OWN_DEPLOYMENTS = "{bedrock}:custom-model-deployment/*"
OWN_JOBS = "{bedrock}:model-customization-job/*"
OWN_EXECUTIONS = "arn:aws:states:{region}:{account}:execution:<PipelineStateMachine1814BD05.Name>:*"


@dataclass(frozen=True)
class Meant:
    """One finding that is meant."""

    construct: str
    finding: str
    reason: str


def _wildcard(policy: str, resource: str, reason: str) -> Meant:
    return Meant(policy, f"AwsSolutions-IAM5[Resource::{resource}]", reason)


def _of_role(role: str, resource: str, reason: str) -> Meant:
    return _wildcard(f"{role}/DefaultPolicy", resource, reason)


MEANT = (
    *(Meant(f"{function}/Function", "AwsSolutions-L1", RUNTIME) for function in FUNCTIONS),
    *(_of_role(f"{function}/Role", "*", TRACING) for function in FUNCTIONS),
    *(_of_role(role, "*", TRACING) for role in PIPELINE_ROLES),
    *(
        _wildcard(f"Storage/Emptied/{name}Policy", f"<{name}Bucket.Arn>/*", EMPTYING)
        for name in ("Documents", "Training", "Results", "AccessLogs")
    ),
    _of_role("KnowledgeBase/Documents/Role", DOCUMENT_OBJECTS, DOCUMENTS),
    _of_role("Inference/Router/Role", OWN_MODELS, TUNED),
    _of_role("Inference/Router/Role", OWN_DEPLOYMENTS, TUNED),
    _of_role("Evaluation/Summarise/Role", RUN_OBJECTS, RUNS),
    _of_role("Evaluation/PipelineRole", RUN_OBJECTS, RUNS),
    _wildcard("Evaluation/MapRuns", OWN_EXECUTIONS, MAP_RUNS),
    _of_role("FineTuning/CustomizationRole", DATASET_OBJECTS, DATASETS),
    _of_role("FineTuning/CustomizationRole", JOB_OUTPUT_OBJECTS, JOB_OUTPUT),
    _of_role("FineTuning/Prepare/Role", DATASET_OBJECTS, DATASETS),
    _of_role("FineTuning/PipelineRole", OWN_MODELS, TUNED),
    _of_role("FineTuning/PipelineRole", OWN_DEPLOYMENTS, TUNED),
    _of_role("FineTuning/PipelineRole", OWN_JOBS, TUNED),
)
NEEDS_FINE_TUNING = {("Inference/Router/Role/DefaultPolicy", TUNED)}


def acknowledge(target: Target) -> None:
    """Acknowledge what is meant, on the resources that exist in this environment."""
    for path, finding, reason in acknowledged(target):
        if construct := _find(target.app, path):
            Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledged(target: Target) -> list[tuple[str, str, str]]:
    """Path, finding and reason of everything that is acknowledged."""
    prefix = f"Arbiter-{target.environment}"
    account = target.settings.account or "<AWS::AccountId>"
    names = {
        "storage": f"{prefix}-Storage",
        "bedrock": f"arn:aws:bedrock:{target.settings.region}:{account}",
        "region": target.settings.region,
        "account": account,
    }
    return [
        (f"{prefix}-{meant.construct}", f"AwsSolutions::{meant.finding.format(**names)}", meant.reason)
        for meant in _meant(target.settings)
        if _find(target.app, f"{prefix}-{meant.construct}")
    ]


def _meant(settings: Settings) -> Iterator[Meant]:
    for meant in MEANT:
        if settings.fine_tuning.enabled or (meant.construct, meant.reason) not in NEEDS_FINE_TUNING:
            yield meant
    if profile_prefix(settings.models.base):
        regional = f"arn:aws:bedrock:*::foundation-model/{foundation_model(settings.models.base)}"
        yield _of_role("Inference/Router/Role", regional, PROFILE)


def _find(app: App, path: str) -> IConstruct | None:
    construct: IConstruct | None = app
    for part in path.split("/"):
        construct = construct.node.try_find_child(part) if construct else None
    return construct
