"""The demonstration: every part of Arbiter once, on the local AWS, with the project's own examples."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.ask import Reply, ask_all
from cli.bring_up import deploy, start
from cli.deployment import Deployment
from cli.errors import CliError
from cli.evaluate import EvaluateResult, evaluate
from cli.execution import new_run
from cli.progress import Progress, silent
from cli.sync import SyncResult, sync
from cli.tear_down import tear_down
from cli.train import TrainResult, train
from local import launcher
from local.launcher import LocalAws

EXAMPLES = Path("examples")
GROUNDED = ("rag", "combined")
STAND_IN = "extractive and deterministic: it repeats sentences of what it is given, and knows nothing else"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of the demonstration, and what every mode made of it."""

    question: str
    document: str | None
    """The document that holds the answer; `None` where none does."""
    replies: tuple[Reply, ...]

    def problems(self) -> list[str]:
        """What a demonstration must not show: a failure, a fallback, a grounded answer without its source."""
        found: list[str] = []
        for reply in self.replies:
            if reply.response is None:
                error = reply.error or {}
                found.append(f"{reply.mode}: {error.get('code')}: {error.get('message')}")
                continue
            found += [f"{reply.mode}: degraded: {note}" for note in reply.response["degraded"]]
            cited = [citation["uri"] for citation in reply.response["citations"]]
            if self.document and reply.mode in GROUNDED and not any(uri.endswith(self.document) for uri in cited):
                found.append(f"{reply.mode}: {self.document} is not among the citations {cited}")
        return [f"“{self.question}” in mode {problem}" for problem in found]


@dataclass(frozen=True, kw_only=True)
class Exercised:
    """Every part of a deployment, used once."""

    documents: SyncResult
    training: TrainResult
    asked: tuple[Asked, ...]
    evaluation: EvaluateResult


@dataclass(frozen=True, kw_only=True)
class DemoResult(Exercised):
    """Everything the demonstration did and saw."""

    endpoint: str
    seconds: float
    language_model: str
    """What generated the answers: the stand-in, or the server at ARBITER_LLM_URL."""

    @property
    def tuned_model(self) -> str:
        """What generated the specialised answers."""
        if self.language_model == STAND_IN:
            return "a memory of the training pairs and their style"
        return "the same model, shown the nearest training pairs with each question"

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def demonstrate(root: Path, *, keep: bool, language_model: str, progress: Progress = silent) -> DemoResult:
    """Deploy, ingest, train, ask and evaluate; then delete and stop it all, unless it ran before or is kept.

    Raises:
        CliError: something failed or was not as it must be; the message names all of it.
    """
    aws, started = start(root, progress)
    try:
        begun = time.monotonic()
        with naming_denials(aws):
            deployment = deploy(root, aws, progress)
        exercised = exercise(root / EXAMPLES, deployment, aws, progress)
        if started and not keep:
            dismantle(deployment, aws, progress)
        seconds = round(time.monotonic() - begun, 1)
        return DemoResult(endpoint=aws.endpoint, seconds=seconds, language_model=language_model, **vars(exercised))
    finally:
        if started and not keep:
            progress("Stopping the local AWS")
            launcher.stop(root)


def dismantle(deployment: Deployment, aws: LocalAws, progress: Progress = silent) -> None:
    """Delete every stack, full buckets included.

    Raises:
        CliError: a stack stayed, or a role lacked a permission.
    """
    with naming_denials(aws):
        tear_down(deployment, progress)


def exercise(examples: Path, deployment: Deployment, aws: LocalAws, progress: Progress = silent) -> Exercised:
    """Use every part of a deployment once.

    Raises:
        CliError: something failed, or a role lacked a permission; the message names all of it.
    """
    with naming_denials(aws):
        exercised = _exercise(examples, deployment, progress)
    problems = [problem for one in exercised.asked for problem in one.problems()]
    problems += [
        f"evaluation in mode {mode}: {count} times {code}"
        for mode, row in exercised.evaluation.summary["modes"].items()
        for code, count in row["failed"].items()
    ]
    if problems:
        raise CliError("The demonstration failed:\n  " + "\n  ".join(problems))
    return exercised


@contextmanager
def naming_denials(aws: LocalAws) -> Iterator[None]:
    """Whatever was denied meanwhile is a failure, and is named with any other: some denials are otherwise silent."""
    failure: CliError | None = None
    try:
        yield
    except CliError as error:
        failure = error
    lacking = denials(aws.authorizations)
    if failure or lacking:
        said = str(failure) if failure else "The demonstration failed:"
        raise CliError("\n  ".join((said, *lacking))) from failure


def _exercise(examples: Path, deployment: Deployment, progress: Progress) -> Exercised:
    documents = sync(deployment, examples / "documents", progress=progress)
    if documents.problems:
        lines = "\n".join(f"  {item.document}: {item.status}: {item.reason}" for item in documents.problems)
        raise CliError(f"Not every document reached the knowledge base:\n{lines}")
    if not documents.automatic:
        raise CliError("The upload did not start an ingestion by itself, as the sync function should.")
    training = train(deployment, examples / "training" / "pairs.jsonl", run=new_run(), progress=progress)
    asked = _ask(deployment, examples / "demo.jsonl", progress)
    evaluation = evaluate(deployment, examples / "evaluation" / "questions.jsonl", progress=progress)
    return Exercised(documents=documents, training=training, asked=asked, evaluation=evaluation)


def _ask(deployment: Deployment, questions: Path, progress: Progress) -> tuple[Asked, ...]:
    lines = [json.loads(line) for line in questions.read_text().splitlines() if line.strip()]
    asked: list[Asked] = []
    for line in lines:
        progress("Asking in every mode", len(asked), len(lines))
        replies: Sequence[Reply] = ask_all(deployment, {"question": line["question"]})
        asked.append(Asked(question=line["question"], document=line.get("document"), replies=tuple(replies)))
    progress("Asking in every mode", len(asked), len(lines))
    return tuple(asked)


def language_model(environment: Mapping[str, str]) -> str:
    """What generates the answers, in words: it decides what the answers are worth."""
    url = environment.get("ARBITER_LLM_URL")
    if url:
        return f"{environment.get('ARBITER_LLM_MODEL', 'the default model')} at {url}"
    return STAND_IN


def denials(journal: Path) -> list[str]:
    """Every permission that a role of the deployment lacked, in words."""
    if not journal.exists():
        return []
    decisions = [json.loads(line) for line in journal.read_text().splitlines() if line.strip()]
    return [
        f"the role {decision['role']} may not {decision['action']} on {decision['resource']}"
        for decision in decisions
        if decision["decision"] == "deny"
    ]
