"""Access to models, tried with one call of one token each before anything is paid for."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Generation, Model
from arbiter.errors import AccessDenied, ArbiterError, DailyQuota, InvalidRequest, ModelNotFound

Access = Callable[[Sequence[str]], list[str]]
"""Names every model that cannot be called, each with its reason."""

SECONDS = 20.0
PROMPT = Prompt((), (Turn("user", "Hi"),))
LASTING = (AccessDenied, DailyQuota, ModelNotFound, InvalidRequest)
"""Refusals that do not pass by themselves: without a permission, a subscription, an id that can be called, or
anything left of the quota of the day."""


class Purpose(StrEnum):
    """The purpose of a call, as the account's invocation log records it."""

    ACCESS = "access"


def access_through(model: Model) -> Access:
    """Access as a model's own calls find it; what may pass by itself, throttling for one, is no refusal."""

    def refusals(names: Sequence[str]) -> list[str]:
        distinct = list(dict.fromkeys(names))
        with ThreadPoolExecutor(max(1, len(distinct))) as calls:
            return [refusal for refusal in calls.map(lambda name: _refusal(model, name), distinct) if refusal]

    return refusals


def _refusal(model: Model, name: str) -> str | None:
    try:
        model.generate(Generation(name, PROMPT, 1, None, Purpose.ACCESS), SECONDS)
    except LASTING as error:
        return str(error)
    except ArbiterError:
        # One token may be no answer yet, and a busy model will have its retries when it is asked in earnest.
        return None
    return None
