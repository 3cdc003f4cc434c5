"""Findings of cdk-nag and the CDK that are meant, each acknowledged once a stack with its reason; none is stale."""

from collections.abc import Iterator
from typing import NamedTuple

from aws_cdk import Acknowledgment, App, Validations
from constructs import IConstruct

from stacks.nag import reasons
from stacks.settings.environment import Settings
from stacks.settings.model_catalogue import foundation_model, profile_prefix
from stacks.stack import Target

STACKS = ("Storage", "KnowledgeBase", "Inference", "Evaluation", "FineTuning", "Generation", "Edge")
"""Those with functions; Edge where there is an API; Storage has one where it is disposable."""
LISTING = (
    "Inference/Router",
    "Inference/Shadow",
    "Evaluation/Engine/Answer",
    "Evaluation/BatchInference/Stop",
    "FineTuning/Retirement",
    "FineTuning/HostingExpiry",
    "Generation/Pairs/BatchInference/Stop",
    "Edge/Front",
    "Edge/Streaming/Stream",
)
"""Functions with actions that know no resources, each in a policy of its own."""
BUCKETS = ("Documents", "Training", "Results", "AccessLogs")


class Meant(NamedTuple):
    """One finding that is meant."""

    construct: str
    finding: str
    reason: str
    rules: str = "AwsSolutions"
    """Whose finding it is."""


def acknowledge(target: Target) -> None:
    """Acknowledge what is meant, on the resources that exist in this environment."""
    for path, finding, reason in acknowledged(target):
        if construct := _find(target.app, path):
            Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledged(target: Target) -> list[tuple[str, str, str]]:
    """Path, finding and reason of everything that is acknowledged."""
    prefix = f"Arbiter-{target.environment}"
    account = target.settings.account or "<AWS::AccountId>"
    partition = "aws-us-gov" if target.settings.region.startswith("us-gov-") else "aws"
    names = {
        "storage": f"{prefix}-Storage",
        "evaluation": f"{prefix}-Evaluation",
        "bedrock": f"arn:{partition}:bedrock:{target.settings.region}:{account}",
        "partition": partition,
        "region": target.settings.region,
        "account": account,
    }
    return [
        (f"{prefix}-{one.construct}", f"{one.rules}::{one.finding.format(**names)}", one.reason)
        for one in _all(target.settings)
        if _find(target.app, f"{prefix}-{one.construct}")
    ]


def _all(settings: Settings) -> Iterator[Meant]:
    for stack in STACKS if settings.disposable else STACKS[1:]:
        yield Meant(stack, "AwsSolutions-L1", reasons.RUNTIME)
        yield from _wildcards(f"{stack}/Tracing", reasons.TRACING)
        yield from _wildcards(stack, *reasons.STACKS.get(stack, ()), *_profiles(_called(settings).get(stack, [])))
    for pipeline in ("Evaluation/Pipeline", "FineTuning/Pipeline", "Generation/Pairs/Pipeline"):
        yield from _wildcards(f"{pipeline}/Delivery", reasons.DELIVERY)
    for function in LISTING:
        yield from _wildcards(f"{function}/Lists", reasons.LISTS)
    for name in BUCKETS:
        yield from _wildcards(
            f"Storage/Emptied/{name}Policy", reasons.Wildcard(f"<{name}Bucket.Arn>/*", reasons.EMPTYING)
        )
    yield from _tuned_models(settings)
    if settings.knowledge_base.language:
        yield Meant("KnowledgeBase/Documents/Vectors", "F3002", reasons.SEARCHABLE, "CloudFormation-Validate")
    if settings.edge.deployed:
        yield from _edge(settings)
    yield from _documents(settings)
    yield from _feedback(settings)
    if settings.evaluation.native_jobs:
        yield from _wildcards("Evaluation", *reasons.NATIVE)
    if settings.evaluation.batch_minimum is not None:
        yield from _wildcards("Evaluation", reasons.batches("evaluations"), reasons.BATCH_JOBS)
    if settings.generation.batch_minimum is not None:
        yield from _wildcards("Generation", reasons.batches("generation"), reasons.BATCH_JOBS)


def _edge(settings: Settings) -> Iterator[Meant]:
    yield Meant("Edge", "AwsSolutions-COG4", reasons.NO_POOL)
    if settings.edge.auth != "iam":
        yield Meant("Edge", "AwsSolutions-APIG4", reasons.KEYED)
    if not settings.edge.waf:
        yield Meant("Edge", "AwsSolutions-APIG3", reasons.NO_FIREWALL)
    yield from _wildcards("Edge/Rest/Logging", reasons.API_LOGGING)


def _feedback(settings: Settings) -> Iterator[Meant]:
    """The roles that answer, where the texts of rated answers are kept."""
    for answering in ("Inference", "Edge") if settings.feedback.keep_text_days else ():
        yield from _wildcards(answering, reasons.FEEDBACK)


def _documents(settings: Settings) -> Iterator[Meant]:
    """The knowledge base's role, where reading documents takes more than a bucket and a model."""
    if settings.chunking.transformation:
        yield from _wildcards("KnowledgeBase", reasons.PASSAGES)
    if settings.parsing.strategy == "data_automation":
        yield from _wildcards("KnowledgeBase", *reasons.AUTOMATION)


def _tuned_models(settings: Settings) -> Iterator[Meant]:
    """Roles that call models made after synthesis: only where there are some."""
    tuning = settings.fine_tuning
    if tuning.enabled and not tuning.tuned_model:
        for stack in ("Inference", "Edge"):
            yield from _wildcards(stack, reasons.MODELS, reasons.DEPLOYMENTS, reasons.THROUGHPUTS)
        yield from _wildcards("Evaluation", reasons.MODELS)
    if tuning.enabled:
        yield from _wildcards("Evaluation", *map(reasons.results, ("evaluations/*/gate.json*", "training/*")))


def _called(settings: Settings) -> dict[str, list[str]]:
    """The foundation models that roles of each stack may call."""
    evaluation, generation, tuning = settings.evaluation, settings.generation, settings.fine_tuning
    return {
        "KnowledgeBase": [settings.parsing.model] if settings.parsing.model else [],
        "Inference": [settings.models.base],
        "Edge": [settings.models.base],
        "Evaluation": [settings.models.base, *evaluation.models, *evaluation.judges],
        "FineTuning": [
            *(model for model in (settings.model_to_tune, tuning.teacher_model) if model),
            settings.models.base,
            *evaluation.judges,
        ],
        "Generation": [generation.generator, generation.verifier],
    }


def _profiles(models: list[str]) -> Iterator[reasons.Wildcard]:
    for model in dict.fromkeys(models):
        if profile_prefix(model):
            regional = f"arn:{{partition}}:bedrock:*::foundation-model/{foundation_model(model)}"
            yield reasons.Wildcard(regional, reasons.PROFILE)


def _wildcards(policy: str, *wildcards: reasons.Wildcard) -> Iterator[Meant]:
    for resource, reason in wildcards:
        yield Meant(policy, f"AwsSolutions-IAM5[Resource::{resource}]", reason)


def _find(app: App, path: str) -> IConstruct | None:
    construct: IConstruct | None = app
    for part in path.split("/"):
        construct = construct.node.try_find_child(part) if construct else None
    return construct
