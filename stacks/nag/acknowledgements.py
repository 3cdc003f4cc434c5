"""Findings of cdk-nag that are meant, acknowledged each on one resource with its reason. A test refuses stale ones."""

from collections.abc import Iterator
from typing import NamedTuple

from aws_cdk import Acknowledgment, App, Validations
from constructs import IConstruct

from stacks.nag import reasons
from stacks.settings.environment import Settings
from stacks.settings.model_catalogue import foundation_model, profile_prefix
from stacks.stack import Target

_OF_TUNED = (reasons.MODELS, reasons.DEPLOYMENTS, reasons.THROUGHPUTS)
BUCKETS = ("Documents", "Training", "Results", "AccessLogs")


class Meant(NamedTuple):
    """One finding that is meant."""

    construct: str
    finding: str
    reason: str


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
        (f"{prefix}-{one.construct}", f"AwsSolutions::{one.finding.format(**names)}", one.reason)
        for one in _all(target.settings)
        if _find(target.app, f"{prefix}-{one.construct}")
    ]


def _all(settings: Settings) -> Iterator[Meant]:
    for function, wildcards in reasons.FUNCTIONS.items():
        yield Meant(f"{function}/Function", "AwsSolutions-L1", reasons.RUNTIME)
        yield from _wildcards(f"{function}/Role/DefaultPolicy", reasons.TRACING, *wildcards)
    for role in reasons.PIPELINES:
        yield from _wildcards(f"{role}/DefaultPolicy", reasons.TRACING)
    for role, wildcards in reasons.ROLES.items():
        yield from _wildcards(f"{role}/DefaultPolicy", *wildcards)
    for policy, wildcards in reasons.POLICIES.items():
        yield from _wildcards(policy, *wildcards)
    for name in BUCKETS:
        yield from _wildcards(
            f"Storage/Emptied/{name}Policy", reasons.Wildcard(f"<{name}Bucket.Arn>/*", reasons.EMPTYING)
        )
    yield from _tuned_models(settings)
    yield from _batch_inference(settings)
    for function, models in _callers(settings).items():
        yield from _wildcards(f"{function}/Role/DefaultPolicy", *_profiles(models))


def _tuned_models(settings: Settings) -> Iterator[Meant]:
    """Models and hosts that are made after synthesis: only where they are, and of the kind that is set."""
    tuning = settings.fine_tuning
    if tuning.enabled and not tuning.tuned_model:
        for function in reasons.CALLS_TUNED:
            yield from _wildcards(f"{function}/Role/DefaultPolicy", *_OF_TUNED)
    if tuning.hosting == "on_demand":
        yield from _wildcards("FineTuning/Place/Role/DefaultPolicy", reasons.DEPLOYMENTS)
    host = reasons.DEPLOYMENTS if tuning.hosting == "on_demand" else reasons.THROUGHPUTS
    yield from _wildcards("FineTuning/PipelineRole/DefaultPolicy", host)
    teachers = [tuning.teacher_model] if tuning.teacher_model else []
    yield from _wildcards("FineTuning/CustomizationRole/DefaultPolicy", *_profiles(teachers))


def _batch_inference(settings: Settings) -> Iterator[Meant]:
    """Findings that batch inference adds, in each pipeline that it is set for."""
    evaluation, generation = settings.evaluation, settings.generation
    if evaluation.batch_minimum is not None:
        yield from _wildcards(
            "Evaluation/Engine/Judge/Role/DefaultPolicy", reasons.results(reasons.batches("evaluations"))
        )
        if answering := settings.answering_in_batch:
            folder = reasons.results(reasons.batches("evaluations"))
            yield from _wildcards("Evaluation/Engine/Answer/Role/DefaultPolicy", folder)
        yield from _batch_stages("Evaluation", "evaluations", [*evaluation.judges, *answering])
    if generation.batch_minimum is not None:
        yield from _batch_stages("Generation/Pairs", "generation", [generation.generator, generation.verifier])


def _batch_stages(parent: str, runs: str, models: list[str]) -> Iterator[Meant]:
    folder = reasons.results(reasons.batches(runs))
    for function, wildcard in {"Records": folder, "Stop": reasons.BATCH_JOBS}.items():
        path = f"{parent}/BatchInference/{function}"
        yield Meant(f"{path}/Function", "AwsSolutions-L1", reasons.RUNTIME)
        yield from _wildcards(f"{path}/Role/DefaultPolicy", reasons.TRACING, wildcard)
    for number, model in enumerate(models, start=1):
        yield from _wildcards(f"{parent}/BatchInference/Job{number}/Role/DefaultPolicy", folder, *_profiles([model]))
    yield from _wildcards(f"{parent}/PipelineRole/DefaultPolicy", reasons.BATCH_JOBS, *_profiles(models))


def _callers(settings: Settings) -> dict[str, list[str]]:
    """The foundation models that each function may call."""
    teachers = [settings.fine_tuning.teacher_model] if settings.fine_tuning.teacher_model else []
    return {
        "Inference/Router": [settings.models.base],
        "Evaluation/Engine/Answer": [settings.models.base, *settings.evaluation.models],
        "Evaluation/Engine/Judge": settings.evaluation.judges,
        "Evaluation/Native": settings.evaluation.judges,
        "Evaluation/Engine/Plan": [settings.models.base, *settings.evaluation.models, *settings.evaluation.judges],
        "FineTuning/Prepare": [*teachers, settings.models.base, *settings.evaluation.judges],
        "Generation/Pairs/Plan": [settings.generation.generator, settings.generation.verifier],
        "Generation/Pairs/Generate": [settings.generation.generator, settings.generation.verifier],
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
