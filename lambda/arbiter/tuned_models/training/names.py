"""The names of everything that training makes: a model after what it was trained on, a job after its run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

SLOTS = 3
"""One for the model in service, one for the previous one, one for the candidate."""
DIGITS = 16
# jobName and customModelName take 63 characters: with a run's name of at most 40, and "arbiter-", so many are left.
DIGITS_BESIDE_RUN = 14
LONGEST_GATED_RUN = 35
"""The gate's evaluation is called after the run, and no name of a run is longer than 40."""


def content_digest(
    *,
    environment: str,
    training: str,
    validation: str | None,
    base_model: str,
    customization_type: str,
    teacher_model: str | None,
    hyperparameters: Mapping[str, str],
) -> str:
    """Sixteen digits for what decides a model: the prepared data and every setting that the job is given.

    The environment is one: two in one account share no model, for its tags let only one of them touch it.
    """
    settings = [environment, base_model, customization_type, teacher_model, sorted(hyperparameters.items())]
    decisive = json.dumps([training, validation, *settings], separators=(",", ":"))
    return hashlib.sha256(decisive.encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True)
class JobNames:
    """The names of a customization job and of the model that it makes."""

    job_name: str
    custom_model_name: str
    client_token: str

    @classmethod
    def of(cls, run: str, digest: str, *, attempt: str, forced: bool = False) -> "JobNames":
        """A model after data and settings, so that the same are found again, with `forced` after the run as well.

        A job is named after its attempt, which is told apart from any other: the name of a job, a failed one's too, is
        taken for ever, and a token that Bedrock has seen before makes no new job and no error.
        """
        model = f"arbiter-{digest[:DIGITS_BESIDE_RUN]}-{run}" if forced else f"arbiter-{digest}"
        digits = hashlib.sha256(f"{digest}/{attempt}".encode()).hexdigest()[:DIGITS_BESIDE_RUN]
        return cls(f"arbiter-{run}-{digits}", model, f"{run}-{digits}")


def slots(environment: str) -> tuple[str, ...]:
    """The deployments on demand of an environment: each keeps its ARN while models come and go."""
    return tuple(f"arbiter-{environment}-slot-{number}" for number in range(1, SLOTS + 1))


def throughput_name(environment: str, run: str) -> str:
    """The provisioned throughput of a run; 63 characters are allowed."""
    digits = hashlib.sha256(f"{environment}/{run}".encode()).hexdigest()[:8]
    return f"arbiter-{environment[:12].rstrip('-')}-{run[:33].rstrip('-')}-{digits}"
