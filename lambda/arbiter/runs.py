"""A training run: what its name and keys may hold."""

import re

# jobName takes no underscore, customModelName no two hyphens in a row; both at most 63 characters (API model).
_RUN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,39}")
# An s3Uri takes no space, no "=" and no "%" (API model); the dataset guide allows fewer characters still.
_KEY = re.compile(r"[A-Za-z0-9_./-]{1,900}")
_NOT_OF_A_KEY = re.compile(r"[^A-Za-z0-9_.-]+")
SUFFIXES = (".jsonl", ".csv")
DATASETS = "datasets/"
LONGEST_NAME = 40
NAME_RULE = "use 1 to 40 of a-z and 0-9, with single hyphens between them"


def is_name(run: str) -> bool:
    """Whether a run may be called so."""
    return len(run) <= LONGEST_NAME and _RUN.fullmatch(run) is not None


def suffix_of(name: str) -> str:
    """The format of a training file by its name: `.csv` for a table, or `.jsonl` for all else."""
    return ".csv" if name.lower().endswith((".csv", ".tsv")) else ".jsonl"


def raw_key(run: str, digest: str, suffix: str = ".jsonl") -> str:
    """Where the file of a run is uploaded: another file of the same run, sent at the same time, does not replace it."""
    return f"{DATASETS}{run}/raw-{digest[:16]}{suffix}"


def prepared_key(run: str) -> str:
    """Where the checked and converted file is written: what Bedrock reads."""
    return f"{DATASETS}{run}/train.jsonl"


def validation_key(run: str) -> str:
    """Where the samples are written that a job is measured on; absent when there are none."""
    return f"{DATASETS}{run}/validation.jsonl"


def output_prefix(run: str) -> str:
    """Where Bedrock writes the metrics of the job."""
    return f"customization/{run}/"


def problems_of(run: str, key: str) -> list[str]:
    """The reason that forbids a run's name or its training file's key; Bedrock accepts few characters in either."""
    problems = []
    if not is_name(run):
        problems.append(f"run {run!r}: {NAME_RULE}")
    if not _KEY.fullmatch(key) or not key.startswith(DATASETS) or ".." in key:
        problems.append(f"training_key {key!r}: use a key under {DATASETS} of letters, digits and _ - . / alone")
    return problems


def better_name(name: str) -> str | None:
    """A name for a local file that Bedrock would take as a key; `None` when it takes the one it has."""
    stem, dot, ending = name.rpartition(".")
    stem, suffix = (stem, f".{ending.lower()}") if dot else (name, "")
    if f".{ending}" in SUFFIXES and _KEY.fullmatch(name):
        return None
    plain = _NOT_OF_A_KEY.sub("-", stem).strip("-.") or "training"
    return plain + suffix_of(suffix)
