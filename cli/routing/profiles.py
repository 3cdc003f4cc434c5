"""The profiles that `arbiter route` decides by: made from files on the spot, or those of a deployment."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from arbiter.answering.decision import Profiles
from arbiter.routing import knowledge, tuned
from arbiter.routing.artefact import DamagedProfileError, knowledge_key
from arbiter.routing.making import building
from arbiter.routing.plain import SUFFIXES, plain
from arbiter.training_data.check import rows_of
from arbiter.training_data.reading.conversations import read
from arbiter.training_data.reading.samples import Notes
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import again
from cli.core.progress import Progress, silent
from cli.routing.looking import Passages
from cli.routing.meaning import Meanings

CHUNK_BYTES = 1 << 20
ABSENT = ("NoSuchKey", "NoSuchBucket", "404")


def profiles_of_files(
    folder: Path, training: Path | None = None, *, house_style: bool = False, progress: Progress = silent
) -> tuple[Profiles, Passages]:
    """The profiles of a folder of documents and of a training file, and the passages of the folder.

    Raises:
        CliError: there is no such folder or file, or nothing in it that can be read.
    """
    if not folder.is_dir():
        raise CliError(f"{folder} is not a folder. Name one with documents ({', '.join(SUFFIXES)}).", code="no_folder")
    if training and not training.is_file():
        raise CliError(f"{training} is not a file. Name a training file (.jsonl or .csv).", code="no_file")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    passages = Passages(Meanings())
    try:
        documents = building.build(_texts(paths, passages, progress))
    except building.EmptyKnowledgeError:
        kinds = ", ".join(SUFFIXES)
        raise CliError(f"{folder} holds no words in files of {kinds}. Name another folder.", code="no_words") from None
    habits = tuned.build(_samples(training), everybody=house_style) if training else None
    if training and habits and not habits.samples:
        check = again("train", "check", str(training), env=None)
        raise CliError(f"{training} holds no sample that can be read. `{check}` says why.", code="no_samples")
    return Profiles(documents, habits), passages


def profiles_of_deployment(deployment: Deployment) -> Profiles:
    """The profile of a deployment's knowledge base, as its router has it.

    Raises:
        CliError: none was made yet, or it is damaged.
    """
    bucket = deployment.output("ResultsBucketName")
    key = knowledge_key(deployment.output("KnowledgeBaseId"))
    client = deployment.client("s3")
    remedy = "`arbiter sync FOLDER` makes it; --documents FOLDER does without a deployment"
    try:
        text = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return Profiles(knowledge.loads(text))
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
        raise CliError(f"There is no profile of the documents yet: {remedy}.", code="no_profile") from None
    except DamagedProfileError as error:
        raise CliError(f"The profile s3://{bucket}/{key} {error}. {remedy}.", code="bad_profile") from None


def _texts(paths: list[Path], passages: Passages, progress: Progress) -> Iterator[str]:
    for number, path in enumerate(paths):
        progress("Reading the documents", number, len(paths))
        text = plain(path.read_bytes(), path.suffix)
        passages.add(text)
        yield text
    progress("Measuring the bounds")


def _samples(file: Path) -> Iterator[tuple[str, str]]:
    """The last question of each sample that can be read, and its answer."""
    for row in rows_of(file.suffix)(_chunks(file)):
        sample = read(row.value, Notes()) if row.readable and row.holds else None
        if sample and len(sample.turns) > 1:
            yield sample.turns[-2].text, sample.turns[-1].text


def _chunks(file: Path) -> Iterable[bytes]:
    with file.open("rb") as content:
        yield from iter(lambda: content.read(CHUNK_BYTES), b"")
