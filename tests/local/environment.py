"""An environment that was really used: documents, a model in service, hosting by the hour, runs that go on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.core.deployment import Deployment
from cli.destroy.destruction import DestroyResult, Destruction
from cli.destroy.survey import Surveyor
from cli.evaluation.run import evaluate
from cli.models.service import promote
from cli.sync.synchronise import sync
from cli.training.run import train
from tests.local.account import Account, new_name
from tests.local.deployed import Deployed
from tests.local.killed import dies_at
from tests.local.tuned_models import ModelFactory

ANSWERS = {f"Where is hut {number}?": f"Hut {number} stands by lake {number}." for number in range(10)}
ODD_KEYS = ("bell\x07.md", "escape\x1b[2J.md", "line\nbreak.md", "a.md")
TAG = "arbiter:environment"


def destroy(deployment: Deployment, *, keeps_data: bool = False) -> DestroyResult:
    """Destroy an environment as the command does."""
    surveyor = Surveyor(deployment, keeps_data=keeps_data)
    return Destruction(deployment, surveyor).run(surveyor.look())


def fill(deployed: Deployed, run: str = "first") -> None:
    """A nominated model with both kinds of hosting, an imported model, and documents with odd keys."""
    factory, client = ModelFactory(deployed), deployed.deployment.client
    model = factory.deploy(run, factory.train(run, ANSWERS))
    factory.nominate(model)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
    factory.provision(run, model.custom_model, expires_at=soon)
    import_model(client, new_name("imported"), factory.role, deployed.deployment.environment)
    bucket = deployed.deployment.output("DocumentsBucketName")
    for key in ODD_KEYS:
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"text")
        client("s3").delete_object(Bucket=bucket, Key=key)


def import_model(client: Callable[[str], Any], name: str, role: str, environment: str | None) -> None:
    """Import a model, for an environment or for nobody."""
    bedrock = client("bedrock")
    weights = {"s3DataSource": {"s3Uri": "s3://weights/model/"}}
    bedrock.create_model_import_job(jobName=name, importedModelName=name, roleArn=role, modelDataSource=weights)
    if environment:
        # The local AWS takes no tags with the job.
        arn = bedrock.get_imported_model(modelIdentifier=name)["modelArn"]
        bedrock.tag_resource(resourceARN=arn, tags=[{"key": TAG, "value": environment}])


def plant_neighbours(account: Account, deployed: Deployed) -> None:
    """Parts of another environment, and parts that bear no tag, named as if they were this environment's."""

    class OfAnother(ModelFactory):
        tags = [{"key": TAG, "value": "local-2"}]  # noqa: RUF012

    class Untagged(ModelFactory):
        tags: Any = []  # noqa: RUF012

    for number, kind in enumerate((OfAnother, Untagged)):
        factory = kind(deployed)
        model = factory.train(f"neighbour-{number}", ANSWERS)
        factory.deploy(f"neighbour-{number}", model)
        tags = [{"Key": one["key"], "Value": one["value"]} for one in factory.tags]
        bucket = f"arbiter-local-storage-documentsbucket-{number}"
        account.client("s3").create_bucket(Bucket=bucket)
        if tags:
            account.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        named = {"tags": {one["Key"]: one["Value"] for one in tags}} if tags else {}
        account.client("logs").create_log_group(logGroupName=f"Arbiter-local-Storage-Group-{number}", **named)
        account.client("s3vectors").create_vector_bucket(
            vectorBucketName=f"arbiter-local-knowledgebase-{number}", **named
        )
        import_model(account.client, f"neighbour-{number}", factory.role, "local-2" if tags else None)
    account.client("cloudformation").create_stack(
        StackName="Arbiter-local-2-Storage", TemplateBody='{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    )
    role = account.role(trusts="scheduler.amazonaws.com")
    account.client("scheduler").create_schedule(
        Name="Arbiter-local-2-FineTuning-Expiry",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:lambda:us-east-1:{account.aws.account}:function:none", "RoleArn": role},
    )


def killed_commands(folder: Path, examples: Path, run: str = "first") -> dict[str, Callable[[], None]]:
    """Commands killed in the middle of their work, by what was going on."""

    def documents(deployment: Deployment) -> None:
        sync(deployment, examples / "documents")

    def training(deployment: Deployment) -> None:
        train(deployment, examples / "training" / "pairs.jsonl", run="killed-training")

    def evaluation(deployment: Deployment) -> None:
        evaluate(deployment, examples / "evaluation" / "questions.jsonl", run="killed-evaluation")

    def promotion(deployment: Deployment) -> None:
        promote(deployment, run)

    return {
        "sync, uploading": lambda: dies_at(folder, "PutObject", documents, number=2),
        "sync, ingesting": lambda: dies_at(folder, "ListIngestionJobs", documents),
        "train, before it starts": lambda: dies_at(folder, "StartExecution", training),
        "evaluate, running": lambda: dies_at(folder, "StartExecution", evaluation, after=True),
        "train, running": lambda: dies_at(folder, "StartExecution", training, after=True),
        "promote, asked": lambda: dies_at(folder, "Invoke", promotion),
        "promote, done": lambda: dies_at(folder, "Invoke", promotion, after=True),
    }


DESTROYING = (
    ("StopExecution", 1, False),
    ("DeleteProvisionedModelThroughput", 1, False),
    ("DeleteImportedModel", 1, False),
    ("DeleteStack", 1, True),
    ("DeleteStack", 2, False),
    ("DeleteObjects", 1, True),
    ("DeleteBucket", 1, True),
    ("DeleteStack", 1, True),
)
"""Calls that a destruction, taken up again after each, is killed at: which of them, and whether AWS had answered."""
