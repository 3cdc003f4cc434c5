"""The demonstration: every part of Arbiter once, on the local AWS, with the project's own examples."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.destroy.destruction import Destruction
from cli.destroy.survey import Surveyor
from cli.local.bring_up import deploy, start, synthesis
from cli.local.exercise import Exercised, exercise
from cli.local.permissions import naming_denials
from local import launcher
from local.launcher import LocalAws

EXAMPLES = Path("examples")
BUCKETS = ("DocumentsBucketName", "TrainingBucketName", "ResultsBucketName")
STAND_IN = "extractive and deterministic: it repeats sentences of what it is given, and knows nothing else"


@dataclass(frozen=True, kw_only=True)
class DemoResult(Exercised):
    """Everything the demonstration did and saw."""

    endpoint: str
    seconds: float
    language_model: str
    """The model behind the answers: the stand-in, or the server at ARBITER_LLM_URL."""

    @property
    def tuned_model(self) -> str:
        """The model behind the specialised answers, in words."""
        if self.language_model == STAND_IN:
            return "a memory of the training pairs and their style"
        return "the same model, shown the nearest training pairs with each question"

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def demonstrate(root: Path, *, keep: bool, language_model: str, progress: Progress = silent) -> DemoResult:
    """Deploy, ingest, train, ask and evaluate; then delete and stop it all, unless it ran before or is kept.

    Raises:
        CliError: the local AWS was used before, or something failed or was not as it must be; the message names all
            of it.
    """
    if running := launcher.status(root):
        require_unused(Deployment.find("local", root))
    started, begun = running is None, time.monotonic()
    try:
        with synthesis(root) as templates:
            aws = start(root, progress)
            with naming_denials(aws):
                deployment = deploy(root, aws, templates, progress)
        exercised = exercise(root / EXAMPLES, deployment, aws, progress)
        if started and not keep:
            dismantle(deployment, aws, progress)
        seconds = round(time.monotonic() - begun, 1)
        return DemoResult(endpoint=aws.endpoint, seconds=seconds, language_model=language_model, **vars(exercised))
    finally:
        if started and not keep:
            progress("Stopping the local AWS")
            launcher.stop(root)


def require_unused(deployment: Deployment) -> None:
    """Refuse to mix the demonstration's documents and models with those of a local AWS that somebody works with.

    Raises:
        CliError: its buckets hold something.
    """
    try:
        buckets = [deployment.output(name) for name in BUCKETS]
    except CliError as error:
        if error.code != "not_deployed":
            raise
        return
    storage = deployment.client("s3")
    if any(storage.list_objects_v2(Bucket=bucket, MaxKeys=1)["KeyCount"] for bucket in buckets):
        raise CliError(
            "The local AWS that runs here was used before: the demonstration needs an empty one, and would change the"
            " models in service. Ask what is there: `arbiter ask`; or delete all of it with `arbiter local down`, and"
            " run the demonstration again.",
            code="in_use",
        )


def dismantle(deployment: Deployment, aws: LocalAws, progress: Progress = silent) -> None:
    """Delete everything, models and full buckets included.

    Raises:
        CliError: something is left, or a role lacked a permission.
    """
    with naming_denials(aws):
        surveyor = Surveyor(deployment, keeps_data=False)
        progress("Looking at what there is")
        result = Destruction(deployment, surveyor, progress).run(surveyor.look())
        if not result.clean:
            left = "; ".join(f"{part.kind} {part.name}: {part.note}" for part in result.left)
            raise CliError(f"Not everything could be deleted: {left or '; '.join(result.problems)}")


def language_model(environment: Mapping[str, str]) -> str:
    """Name the model behind the answers: it decides what they are worth."""
    url = environment.get("ARBITER_LLM_URL")
    if url:
        return f"{environment.get('ARBITER_LLM_MODEL', 'the default model')} at {url}"
    return STAND_IN
