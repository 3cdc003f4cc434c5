"""Misspelt model ids, and the models that they are taken for."""

import difflib
import re

from arbiter.base_models import GEOGRAPHIES
from stacks.settings.model_catalogue import KNOWN, foundation_model, is_known, profile_prefix

_PROVIDERS = frozenset(model.split(".", 1)[0] for model in KNOWN)
_CLOSE = 0.85
_DAY = re.compile(r"-?\d{8}")
_VERSION = re.compile(r"\d+(-\d+)*")


def meant(model: str) -> str | None:
    """The id that a misspelt one is taken for; a newer version of a known model is not misspelt."""
    if is_known(model):
        return None
    prefix, _, rest = model.partition(".")
    spelt = rest if rest.split(".", 1)[0] in _PROVIDERS else model
    close = difflib.get_close_matches(spelt, KNOWN, n=1, cutoff=_CLOSE)
    if spelt != model and prefix not in GEOGRAPHIES:
        geography = difflib.get_close_matches(prefix, GEOGRAPHIES, n=1, cutoff=0.0)
        return f"{geography[0]}.{close[0] if close else spelt}"
    if not close or _is_newer(foundation_model(model), close[0]):
        return None
    return model.replace(foundation_model(model), close[0]) if profile_prefix(model) else close[0]


def _is_newer(model: str, known: str) -> bool:
    """Whether two ids differ in their version numbers alone; in a day alone, one of them is mistaken."""
    if _VERSION.sub("0", model) != _VERSION.sub("0", known):
        return False
    return _DAY.sub("", model) != _DAY.sub("", known)
