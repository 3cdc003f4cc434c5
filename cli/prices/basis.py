"""The counts that a cost rests on: measured where runs exist, else assumed, and said to be."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arbiter.answering.expected import OUTPUT_TOKENS
from arbiter.answering.prompts import GROUNDING, SYSTEM
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.evaluation.planning.answering import Sizes, answers
from arbiter.evaluation.run.arms import Arm
from arbiter.modes import Mode
from cli.core.progress import Progress
from stacks.settings.prompting import house_tokens

if TYPE_CHECKING:
    from arbiter.aws.objects import Objects
    from stacks.settings.environment import Settings

QUESTION_TOKENS = 25
SAMPLES, SAMPLE_TOKENS = 1_000, 200
ROUTER_SECONDS = 1.0
"""What the router runs for one request: mostly waiting for the model."""
ALARM_METRICS, HOSTING_ALARM_METRICS = 19, 2
"""Metrics in the alarms of every deployment, and in those of hosting by the hour."""
API_ALARM_METRICS, LETTING_IN_ALARM_METRICS = 2, 2
"""Metrics in alarms of an API, and of the keys or tokens that it lets in by."""
CHECK_ALARM_METRICS = 1
"""Metrics in alarms that `documents.check_schedule` adds."""
MODE_METRICS = 9
"""Metrics that the router writes for a mode in which it answers."""
KEYS = 1
"""Customer managed keys of a deployment with `encryption: customer_managed`."""
CASE = {"question": "x" * 90}
"""A question of usual length."""
PLAIN = Arm("plain", Mode.RAG, prompting="zero_shot")
METADATA = ".metadata.json"
"""The end of the name of a file beside a document, which is not embedded."""
LOOKING = "Looking for what was measured"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The counts of one environment, each with a sentence on where it comes from."""

    usage: Mapping[Mode, Usage]
    usage_from: str
    documents: int
    document_bytes: int
    documents_from: str
    training_tokens: int
    training_from: str

    def sentences(self) -> tuple[str, ...]:
        return self.usage_from, self.documents_from, self.training_from


def assumed(settings: "Settings", root: Path) -> Basis:
    """The counts of a deployment that nobody has used, or that cannot be reached."""
    passages = estimated_tokens(GROUNDING) + settings.retrieval.results * settings.chunking.passage_tokens
    more = added(settings, settings.prompting.technique)
    own, written = estimated_tokens(SYSTEM) + QUESTION_TOKENS + more.input_tokens, OUTPUT_TOKENS + more.output_tokens
    folder = (root / "examples" / "documents").rglob("*")
    examples = [file for file in folder if file.is_file() and not file.name.endswith(METADATA)]
    epochs = settings.fine_tuning.epochs
    return Basis(
        usage={mode: Usage(own + (passages if mode.grounded else 0), written) for mode in Mode},
        usage_from=f"Tokens of a request are assumed: a question of {QUESTION_TOKENS}, an answer of {OUTPUT_TOKENS}, "
        f"{settings.retrieval.results} full passages where documents are searched.",
        documents=len(examples),
        document_bytes=sum(file.stat().st_size for file in examples),
        documents_from=f"Documents are assumed: the {len(examples)} of examples/documents.",
        training_tokens=SAMPLES * SAMPLE_TOKENS * epochs,
        training_from=f"A training is assumed: {SAMPLES:,} samples of {SAMPLE_TOKENS} tokens, {epochs} epochs.",
    )


def added(settings: "Settings", technique: str) -> Usage:
    """The tokens that a prompting adds to a request and to its answer."""
    asked, plain = (
        answers([CASE], PLAIN._replace(prompting=name), sizes(settings)) for name in (technique, "zero_shot")
    )
    return Usage(asked.input_tokens - plain.input_tokens, asked.output_tokens - plain.output_tokens)


def sizes(settings: "Settings") -> Sizes:
    """The sizes that requests have by the settings."""
    prompting = settings.prompting
    return Sizes(
        settings.retrieval.results,
        settings.chunking.passage_tokens,
        512,
        example_tokens=prompting.example_tokens,
        house_tokens=house_tokens(prompting),
        thinking_tokens=prompting.thinking_tokens,
        search=settings.retrieval.search,
        prompting=prompting.technique,
    )


def measured(basis: Basis, environment: str, progress: Progress) -> tuple[Basis, str | None]:
    """The same with everything that a deployment has measured, and why nothing was, where it could not be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    from cli.core.errors import CliError

    try:
        return _measured(basis, environment, progress), None
    except (BotoCoreError, ClientError, CliError) as error:
        return basis, str(error).split(". ")[0].rstrip(".")


def _measured(basis: Basis, environment: str, progress: Progress) -> Basis:
    # Slow to import, and of no use without a deployment.
    from arbiter.aws.objects import Objects
    from cli.core.deployment import Deployment

    deployment = Deployment.find(environment)
    progress(LOOKING)
    quick = deployment.client("s3", connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})
    listed = Objects(quick, deployment.output("DocumentsBucketName")).listing()
    documents = [item.size for item in listed if not item.key.endswith(METADATA)]
    results = Objects(quick, deployment.output("ResultsBucketName"))
    changes: dict[str, Any] = {}
    if documents:
        changes |= {"documents": len(documents), "document_bytes": sum(documents)}
        changes["documents_from"] = f"{len(documents):,} documents are there, with {sum(documents):,} bytes."
    name, summary = _newest(results, "evaluations/", "summary.json")
    if summary:
        changes |= _of_run(basis, name, summary)
    name, record = _newest(results, "training/", "record.json")
    if tokens := (record.get("cost") or {}).get("tokens"):
        changes |= {"training_tokens": tokens, "training_from": f"A training has as many tokens as that of run {name}."}
    return replace(basis, **changes)


def _of_run(basis: Basis, name: str, summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tokens of the modes that a run has answered in, each by its first arm."""
    used = dict(_usage_by_mode(summary))
    if not used:
        return {}
    names = ", ".join(mode.value for mode in used)
    others = ", ".join(mode.value for mode in Mode if mode not in used)
    sentence = f"Tokens of a request are measured by the evaluation run {name} ({names})."
    more = f" Those of {others} are assumed: their costs do not compare with the measured ones." if others else ""
    return {"usage": {**basis.usage, **used}, "usage_from": sentence + more}


def _usage_by_mode(summary: Mapping[str, Any]) -> Iterator[tuple[Mode, Usage]]:
    for arm in reversed(summary["arms"]):
        means = arm["tokens"]["mean_input"], arm["tokens"]["mean_output"]
        # One that only said that it does not know has been paid for as well.
        if means[0] and arm["mode"] in {mode.value for mode in Mode}:
            yield Mode(arm["mode"]), Usage(*map(round, means))


def _newest(results: "Objects", prefix: str, file: str) -> tuple[str, dict[str, Any]]:
    """The name of the run whose file was written last, and the file; an empty one where there is none."""
    items = [item for folder in results.folders(prefix) for item in results.listing(folder + file)]
    if not items:
        return "", {}
    newest = max(items, key=lambda item: item.modified_at)
    return newest.key.removeprefix(prefix).partition("/")[0], json.loads(results.read(newest.key))
