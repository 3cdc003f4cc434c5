"""The models of AWS's APIs that botocore brings, each read from disk once: the emulator reads one up to three times."""

from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError

from local import sessions
from local.emulator.base.internals import inside, replace


def install() -> None:
    """Let the emulator take the models that the clients of this process have read."""
    replace("core.responses", "_service_model", lambda _: _service_model)
    replace("core.iam_actions", "_load_botocore_model", lambda _: _document)


@cache
def _service_model(service: str) -> Any:
    """The model of a service by the emulator's name for it; `None` where botocore has none."""
    name = inside("core.responses", "_BOTOCORE_NAME").get(service, service)
    try:
        return sessions.core().get_service_model(name)
    except UnknownServiceError:
        return None


def _document(name: str) -> dict[str, Any]:
    """The document behind a model, by botocore's name for it; empty where botocore has none."""
    try:
        document: dict[str, Any] = sessions.core().get_component("data_loader").load_service_model(name, "service-2")
    except UnknownServiceError:
        return {}
    return document
