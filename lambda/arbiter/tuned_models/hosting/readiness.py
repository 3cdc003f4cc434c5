"""Whether what hosts a model can answer with it: asked before the model goes into service."""

from datetime import datetime
from typing import NamedTuple

from arbiter.tuned_models.service.pointer import TunedModel

# Throughput that is being changed answers all the while.
ANSWERING = frozenset({"Active", "InService", "Updating"})


class NotHosted(RuntimeError):  # noqa: N818 - the name is what callers tell apart
    """A model that nothing answers with, or not for long."""


class HostUnknown(RuntimeError):  # noqa: N818 - the name is what the pipeline retries
    """A host that Bedrock does not describe now: nobody knows whether it answers."""

    def __init__(self, arn: str, reason: str) -> None:
        super().__init__(
            f"Whether {arn} answers is not known, and nothing is moved: {reason.rstrip('.')}. Try again. To let no "
            "tuned model answer meanwhile: arbiter model rollback --to-none."
        )


class Host(NamedTuple):
    """A deployment or provisioned throughput, as Bedrock describes it."""

    status: str
    serves: str
    """ARN of the custom model that answers."""
    coming: str | None = None
    """ARN of another model that is about to replace it."""
    expires_at: datetime | None = None
    committed_until: datetime | None = None


def refuse_unhosted(model: TunedModel, host: Host | None, now: datetime) -> None:
    """Refuse a model that its host does not answer with, now or in a few minutes.

    Raises:
        NotHosted: saying why, and how to have it hosted again.
    """
    if reason := not_answering(model, host, now):
        raise NotHosted(
            f"The model of run {model.run} is not put into service, for nothing would answer: {reason}. What is in "
            "service stays. To have it hosted again: arbiter train FILE with the same file, which finds and uses a "
            "finished model of the same data and settings, then promote that run. To let no tuned model answer: "
            "arbiter model rollback --to-none."
        )


def not_answering(model: TunedModel, host: Host | None, now: datetime) -> str | None:
    """Why a host does not answer with a model, now or in a few minutes; `None` where it does."""
    if host is None:
        return f"its hosting, {model.model}, does not exist any more"
    if host.status not in ANSWERING:
        return f"its hosting, {model.model}, is {host.status}"
    if host.serves != model.custom_model:
        return f"its hosting, {model.model}, serves another model by now, {host.serves}"
    if host.coming not in (None, model.custom_model):
        return f"its hosting, {model.model}, is being given another model, {host.coming}"
    if host.expires_at and host.expires_at <= now and not (host.committed_until and host.committed_until > now):
        return f"the time of its hosting, {model.model}, was over at {host.expires_at:%Y-%m-%d %H:%M} UTC"
    return None
