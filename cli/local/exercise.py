"""Every part of a deployment used once, and everything that it lacked while it was."""

import json
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arbiter.routing.artefact import knowledge_key
from cli.asking.question import Reply, ask_all
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import new_run
from cli.core.progress import Progress, silent
from cli.evaluation.run import EvaluateResult, evaluate
from cli.generation.outcome import GenerateResult
from cli.generation.run import generate
from cli.local.beside import beside, looking
from cli.local.demo_models import ModelsExercised, exercise_models
from cli.local.permissions import naming_denials, require_permissions
from cli.sync.synchronise import SyncResult, sync
from cli.training.result import TrainResult
from cli.training.run import train
from local.launcher import LocalAws

GROUNDED = ("rag", "combined")
EVALUATED = 30
"""Most questions that are evaluated: enough to see a difference; `arbiter evaluate` takes all."""
PROFILE_SECONDS = 120
"""Longest wait for the function that a finished ingestion starts."""
GENERATED = 8
"""Samples made from the documents: enough to see that it works; the examples are what is trained on."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of the demonstration, and what every mode made of it."""

    question: str
    document: str | None
    """The document that holds the answer; `None` where none does."""
    replies: tuple[Reply, ...]

    def problems(self) -> list[str]:
        """List what a demonstration must not show: a failure, a fallback, a grounded answer without its source."""
        problems: list[str] = []
        for reply in self.replies:
            if reply.response is None:
                error = reply.error or {}
                problems.append(f"{reply.mode}: {error.get('code')}: {error.get('message')}")
                continue
            problems += [f"{reply.mode}: degraded: {note}" for note in reply.response["degraded"]]
            cited = [citation["uri"] for citation in reply.response["citations"]]
            if self.document and reply.mode in GROUNDED and not any(uri.endswith(self.document) for uri in cited):
                problems.append(f"{reply.mode}: {self.document} is not among the citations {cited}")
        return [f"“{self.question}” in mode {problem}" for problem in problems]


@dataclass(frozen=True, kw_only=True)
class Exercised:
    """Every part of a deployment, used once."""

    documents: SyncResult
    generation: GenerateResult
    training: TrainResult
    asked: tuple[Asked, ...]
    evaluation: EvaluateResult
    models: ModelsExercised


def exercise(examples: Path, deployment: Deployment, aws: LocalAws, progress: Progress = silent) -> Exercised:
    """Use every part of a deployment once.

    Raises:
        CliError: something failed, or a role lacked a permission; the message names all of it.
    """
    with naming_denials(aws):
        exercised = _exercise(examples, deployment, aws, progress)
    problems = [problem for one in exercised.asked for problem in one.problems()]
    problems += _problems_of(exercised.evaluation)
    if problems:
        raise CliError("The demonstration failed:\n  " + "\n  ".join(problems))
    return exercised


def _problems_of(evaluation: EvaluateResult) -> list[str]:
    """Every answer and every verdict that an evaluation lacks."""
    summary = evaluation.summary
    answers = [
        f"evaluation of {row['name']}: {count} times {code}"
        for row in summary["arms"]
        for code, count in (*row["failed"].items(), ("missing", row["missing"]))
        if count
    ]
    verdicts = [
        f"evaluation by judge {judge}: {count} times {code}"
        for judge, codes in summary["judges_agreement"]["failures"].items()
        for code, count in codes.items()
    ]
    return answers + verdicts + ([evaluation.problem] if evaluation.problem else [])


def _exercise(examples: Path, deployment: Deployment, aws: LocalAws, progress: Progress) -> Exercised:
    pairs = examples / "training" / "pairs.jsonl"
    # A training needs no documents, and waits for jobs most of its time.
    with beside(lambda: train(deployment, pairs, run=new_run(), promote=True)) as trained:
        meanwhile = looking(trained, progress)
        documents = sync(deployment, examples / "documents", progress=meanwhile)
        _require_documents(documents)
        require_permissions(aws)
        generation = _generate(deployment, meanwhile)
        progress("Training on the examples")
        training = trained.result()
    require_permissions(aws)
    # It asks no `auto`, so it goes on while the profile of the documents is made.
    evaluation = _evaluate(examples / "evaluation" / "questions.jsonl", deployment, progress)
    require_permissions(aws)
    _await_profile(deployment, progress)
    asked = _ask(deployment, examples / "demo.jsonl", progress)
    require_permissions(aws)
    models = exercise_models(deployment, examples, progress)
    return Exercised(
        documents=documents,
        generation=generation,
        training=training,
        asked=asked,
        evaluation=evaluation,
        models=models,
    )


def _require_documents(documents: SyncResult) -> None:
    if documents.problems:
        lines = "\n".join(f"  {item.document}: {item.status}: {item.reason}" for item in documents.problems)
        raise CliError(f"Not every document reached the knowledge base:\n{lines}")
    if not documents.automatic:
        raise CliError("The upload did not start an ingestion by itself, as the sync function should.")


def _await_profile(deployment: Deployment, progress: Progress) -> None:
    """Wait for the profile of the documents, which is made after a sync: without one `auto` says that it is degraded.

    Raises:
        CliError: it was not made.
    """
    progress("Waiting for the profile of the documents")
    storage, bucket = deployment.client("s3"), deployment.output("ResultsBucketName")
    key = knowledge_key(deployment.output("KnowledgeBaseId"))
    deadline = time.monotonic() + PROFILE_SECONDS
    while not storage.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)["KeyCount"]:
        if time.monotonic() > deadline:
            raise CliError(f"After a sync no profile of the documents was made within {PROFILE_SECONDS} s: {key}.")
        time.sleep(0.1)


def _generate(deployment: Deployment, progress: Progress) -> GenerateResult:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pairs.jsonl"
        return generate(
            deployment,
            purpose="training",
            pairs=GENERATED,
            out=out,
            target="combined",
            confirm=lambda estimate: True,
            progress=progress,
        )


def _evaluate(questions: Path, deployment: Deployment, progress: Progress) -> EvaluateResult:
    """Evaluate on some of the questions, evenly over the file and so over its tags."""
    lines = _lines(questions)
    with tempfile.TemporaryDirectory() as folder:
        some = Path(folder) / questions.name
        some.write_text("\n".join(lines[:: math.ceil(len(lines) / EVALUATED)]) + "\n", encoding="utf-8")
        return evaluate(deployment, some, progress=progress)


def _lines(questions: Path) -> list[str]:
    """The lines of a file: a text may hold characters at which str.splitlines ends one, too."""
    return [line for line in questions.read_text(encoding="utf-8").split("\n") if line.strip()]


def _ask(deployment: Deployment, questions: Path, progress: Progress) -> tuple[Asked, ...]:
    lines = list(map(json.loads, _lines(questions)))
    asked: list[Asked] = []
    for line in lines:
        progress("Asking in every mode", len(asked), len(lines))
        replies: Sequence[Reply] = ask_all(deployment, {"question": line["question"]})
        asked.append(Asked(question=line["question"], document=line.get("document"), replies=tuple(replies)))
    progress("Asking in every mode", len(asked), len(lines))
    return tuple(asked)
