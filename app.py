"""The composition root: the settings of one environment in, its stacks out."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# The functions' package is deployed from here; the stacks use its settings without it being installed.
sys.path.append(str(Path(__file__).resolve().parent / "lambda"))

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

from stacks.constructs.knowledge.searched import ExistingKnowledgeBase, Searched
from stacks.evaluation import Evaluation
from stacks.fine_tuning import FineTuning
from stacks.generation import Generation
from stacks.inference import Inference
from stacks.knowledge_base import KnowledgeBaseStack
from stacks.nag.acknowledgements import acknowledge
from stacks.operations import Operations
from stacks.parsing import parse, with_nulls
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError, nearest
from stacks.stack import Target
from stacks.storage import Storage
from stacks.warnings import warnings

if TYPE_CHECKING:  # Loaded where there is one.
    from stacks.edge import Edge

DEFAULT_ENVIRONMENT = "dev"
ENVIRONMENT_NAME = re.compile(r"(?=.{1,24}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
# CloudFormation would write the tuned-model parameters anew, over the model in service, to change their tags.
UNTAGGED = ["AWS::SSM::Parameter"]


@dataclass(frozen=True, kw_only=True)
class Arbiter:
    """The stacks of one environment; `fine_tuning` and `edge` are absent where they are switched off."""

    storage: Storage
    knowledge_base: KnowledgeBaseStack | None
    inference: Inference
    evaluation: Evaluation
    fine_tuning: FineTuning | None
    generation: Generation
    operations: Operations
    edge: "Edge | None"


def build(app: cdk.App, environments: Any = None) -> Arbiter:
    """All stacks of the environment that the context names.

    Args:
        environments: their blocks, where they are others than those of the context and `cdk.json`.

    Raises:
        SettingsError: naming every problem of the settings.
    """
    prices = PriceBook.parse(app.node.try_get_context("prices"))
    known = with_nulls(app.node.try_get_context("environments"), Path("cdk.json"))
    target = _target(app, environments or known, prices)
    arbiter = _stacks(target, prices)
    for key, value in {"arbiter:environment": target.environment, **target.settings.tags}.items():
        cdk.Tags.of(app).add(key, value, exclude_resource_types=UNTAGGED)
    if target.settings.permissions_boundary:
        name = target.settings.permissions_boundary
        boundary = iam.ManagedPolicy.from_managed_policy_name(arbiter.storage, "PermissionsBoundary", name)
        iam.PermissionsBoundary.of(app).apply(boundary)
    acknowledge(target)
    for setting, sentence in warnings(target.environment, target.settings, prices):
        cdk.Annotations.of(arbiter.storage).add_warning_v2(f"arbiter:{setting}", sentence)
    return arbiter


def _stacks(target: Target, prices: PriceBook) -> Arbiter:
    """Who uses what of whom."""
    storage = Storage(target)
    pointer = storage.pointer
    knowledge, searched = _knowledge(target, storage)
    inference = Inference(target, prices=prices, pointer=pointer, knowledge_base=searched, results=storage.results)
    evaluation = Evaluation(
        target,
        prices=prices,
        results=storage.results,
        training=storage.training,
        pointer=pointer,
        inference=inference,
    )
    fine_tuning = None
    if target.settings.fine_tuning.enabled:
        fine_tuning = FineTuning(
            target,
            training=storage.training,
            results=storage.results,
            pointer=pointer,
            evaluation=evaluation,
            prices=prices,
        )
    generation = Generation(
        target,
        prices=prices,
        documents=storage.documents,
        results=storage.results,
        knowledge_base=searched,
    )
    edge = None
    if target.settings.edge.deployed:
        from stacks.edge import Edge

        edge = Edge(target, inference=inference, pointer=pointer, key=storage.key)
    operations = Operations(target, inference=inference, ingestion=knowledge.ingestion if knowledge else None)
    return Arbiter(
        storage=storage,
        knowledge_base=knowledge,
        inference=inference,
        evaluation=evaluation,
        fine_tuning=fine_tuning,
        generation=generation,
        operations=operations,
        edge=edge,
    )


def _knowledge(target: Target, storage: Storage) -> tuple[KnowledgeBaseStack | None, Searched]:
    """The stack of Arbiter's own knowledge base, absent where others made one, and what is searched."""
    settings = target.settings.knowledge_base
    if settings.existing:
        return None, ExistingKnowledgeBase(storage, settings.existing, managed=settings.managed)
    own = KnowledgeBaseStack(target, documents=storage.documents, results=storage.results, key=storage.key)
    return own, own.knowledge_base


def _target(app: cdk.App, environments: Any, prices: PriceBook) -> Target:
    name = app.node.try_get_context("env") or DEFAULT_ENVIRONMENT
    if not isinstance(environments, dict) or not environments:
        raise SettingsError("cdk.json has no environments in its context; run the app through the CDK CLI: cdk synth")
    if name not in environments:
        hint = nearest(str(name), environments) or ";"
        allowed = ", ".join(environments)
        raise SettingsError(f'cdk.json: there is no environment "{name}"{hint} allowed with -c env=…: {allowed}')
    if not ENVIRONMENT_NAME.fullmatch(name):
        rule = "use 1 to 24 letters and digits, with single hyphens between them: stacks are named after it"
        raise SettingsError(f'cdk.json: an environment cannot be called "{name}"; {rule}')
    return Target(app=app, environment=name, settings=parse(name, environments[name], prices))


def main() -> int:
    """Synthesize; settings that cannot be deployed are told in a sentence, without a stack trace."""
    app = cdk.App()
    try:
        build(app)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
