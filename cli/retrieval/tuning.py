"""A comparison of ways to retrieve: questions with known documents, measured, compared, and the setting to change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress
from cli.evaluation.order import read_file
from cli.retrieval.arms import Arm
from cli.retrieval.deployed import documents_in
from cli.retrieval.local import measure
from cli.retrieval.outcome import Advice, ArmOutcome, advise, compared, outcome
from cli.sync.places import documents_of


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Every arm's figures, and what they advise."""

    outcomes: Sequence[ArmOutcome]
    current: Arm
    advice: Advice
    documents: int
    model: str
    unread: Sequence[str]

    def dump(self) -> dict[str, Any]:
        return {
            "arms": [one.dump() for one in self.outcomes],
            "current": self.current.name,
            "better": self.advice.better.dump() if self.advice.better else None,
            "cheaper": self.advice.cheaper.dump() if self.advice.cheaper else None,
            "documents": self.documents,
            "model": self.model,
            "unread": list(self.unread),
        }


def tune_deployed(
    file: Path, deployment: Deployment, arms: Sequence[Arm], current: Callable[[str], Arm], progress: Progress
) -> Tuning:
    """Measure the arms on the documents of a deployment, which are read from its bucket.

    Raises:
        CliError: the file cannot be used, no question knows its document, the documents are somebody else's, or their
            search is managed.
    """
    if deployment.optional("ManagedSearch"):
        raise CliError(
            "A managed knowledge base cuts and searches by itself: there is nothing to tune. Measure what S3 Vectors "
            "would find in its documents by `arbiter tune-retrieval QUESTIONS --documents FOLDER`.",
            code="managed",
        )
    now = current(deployment.environment)
    questions(file)  # What is wrong with the file is told before anything is read.
    with documents_in(documents_of(deployment), progress) as copied:
        tuning = tune(file, copied.folder, arms, now, progress, source=f"s3://{copied.bucket}")
    return replace(tuning, unread=(*tuning.unread, *copied.left_out))


def tune(
    file: Path, folder: Path, arms: Sequence[Arm], current: Arm, progress: Progress, *, source: str = ""
) -> Tuning:
    """Measure the arms, the current one among them, on the questions of a file; `source`: what the folder copies.

    Raises:
        CliError: the file or the folder cannot be used, or no question knows its document.
    """
    asked = questions(file)
    every = list(dict.fromkeys([current, *arms]))
    measured, described = measure(folder, [question for question, _ in asked], every, progress)
    documents = [document for _, document in asked]
    known = {document for each in measured.values() for document, _ in each.passages}
    if lost := sorted(set(documents) - known):
        problems = [{"document": name, "problem": "it is not among the documents that can be read"} for name in lost]
        raise CliError(f"{file} names documents that {source or folder} does not have.", code="bad_questions",
                       details={"problems": problems})  # fmt: skip
    outcomes = compared([outcome(arm, measured[arm.chunking], documents) for arm in every], current, documents)
    return Tuning(
        outcomes=outcomes,
        current=current,
        advice=advise(outcomes, current),
        documents=described["documents"],
        model=described["model"],
        unread=described["unread"],
    )


def questions(file: Path) -> list[tuple[str, str]]:
    """The questions of a file that know their document, each with it.

    Raises:
        CliError: the file cannot be used, or no question knows its document.
    """
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of questions (.jsonl, .json or .csv).", code="no_file")
    read = read_file(file)
    if read.problems:
        problems = [{"problem": problem} for problem in read.problems]
        raise CliError(f"{file} cannot be used.", code="bad_questions", details={"problems": problems})
    asked = [(case["question"], case["document"]) for case in read.cases if case.get("document")]
    if not asked:
        text = 'No question says where its answer stands: give each "document", its path in the folder.'
        raise CliError(f"{file}: {text}", code="bad_questions")
    return asked
