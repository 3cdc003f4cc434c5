"""A training run: what its name and keys may hold, and the names of everything it makes."""

import re
from dataclasses import dataclass

# jobName takes no underscore, customModelName no two signs in a row; both at most 63 characters (API model).
_RUN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,39}")
# An s3Uri takes no space, no "=" and no "%" (API model); the dataset guide allows fewer signs still.
_KEY = re.compile(r"[A-Za-z0-9_./-]{1,900}")
DATASETS = "datasets/"
NAME_RULE = "use 1 to 40 of a-z and 0-9, with single hyphens between them"


def is_name(run: str) -> bool:
    """Whether a run may be called so."""
    return _RUN.fullmatch(run) is not None


def raw_key(run: str) -> str:
    """Where the file of a run is uploaded."""
    return f"{DATASETS}{run}/raw.jsonl"


def prepared_key(run: str) -> str:
    """Where the checked and converted file is written: what Bedrock reads."""
    return f"{DATASETS}{run}/train.jsonl"


def output_prefix(run: str) -> str:
    """Where Bedrock writes the metrics of the job."""
    return f"customization/{run}/"


def problems_of(run: str, key: str) -> list[str]:
    """What forbids a run's name or the key of its training file; Bedrock accepts few characters in either."""
    problems = []
    if not is_name(run):
        problems.append(f"run {run!r}: {NAME_RULE}")
    if not _KEY.fullmatch(key) or not key.startswith(DATASETS) or ".." in key:
        problems.append(f"training_key {key!r}: use a key under {DATASETS} of letters, digits and _ - . / alone")
    return problems


@dataclass(frozen=True)
class JobNames:
    """Everything named after a run; the digest keeps names apart when a run is repeated with other data."""

    job_name: str
    custom_model_name: str
    deployment_name: str
    client_token: str

    @classmethod
    def of(cls, run: str, digest: str) -> "JobNames":
        name = f"arbiter-{run}-{digest[:8]}"
        # A token that Bedrock has seen before makes no new job and no error: it must differ with the data.
        return cls(name, name, name, f"{run}-{digest[:32]}")
