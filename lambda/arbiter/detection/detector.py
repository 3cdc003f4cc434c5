"""Secrets and personal data of a text, as training samples are searched for them."""

from collections.abc import Iterator

from arbiter.detection.personal_data import personal_data_in
from arbiter.detection.secrets import secrets_in
from arbiter.training_data.text.sensitive_data import SensitiveData

# A sample of the longest kind allowed is shorter; without an end one line could take minutes to search.
_SEARCHED = 200_000


def detect(text: str) -> Iterator[SensitiveData]:
    """Detect what a model must not, or perhaps should not, learn of a text."""
    searched = text[:_SEARCHED]
    yield from secrets_in(searched)
    yield from personal_data_in(searched)
