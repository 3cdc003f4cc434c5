"""Secrets and personal data in a text, as a check needs to know of them; who finds them is not its business."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

REMEDIES = {
    "secret": "revoke it, and remove it from the text",
    "possible_secret": "if it is one, revoke it and remove it from the text",
    "example_key": "it opens nothing; replace it unless the model may repeat it",
    "personal_data": "replace it unless the model may repeat it",
}


@dataclass(frozen=True)
class SensitiveData:
    """Something that a model must not, or perhaps should not, learn: never the data themselves."""

    code: str
    name: str
    position: int
    """Where it begins, counted from 1."""

    @property
    def remedy(self) -> str:
        return REMEDIES[self.code]


class Detect(Protocol):
    """Finds secrets and personal data in a text."""

    def __call__(self, text: str, /) -> Iterable[SensitiveData]: ...


def detects_nothing(_: str, /) -> Iterable[SensitiveData]:
    """Looks for nothing."""
    return ()
