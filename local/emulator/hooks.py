"""Everything that is put into the emulator, in order."""

from local.emulator import (
    authorization,
    cloudformation,
    customization_api,
    endpoints,
    events,
    functions,
    identity,
    ingestion_api,
    knowledge_base_api,
    objects,
    retrieval,
    runtime,
    s3vectors,
    stepfunctions,
)
from local.emulator.journal import Journal
from local.emulator.upstream import Upstream


def install(*, journal: Journal, endpoint: str, upstream: Upstream | None, interpreter: str | None) -> None:
    """Turn the emulator into the AWS that Arbiter is deployed to."""
    identity.configure(journal, endpoint)
    authorization.install()
    s3vectors.install()
    knowledge_base_api.install()
    ingestion_api.install()
    retrieval.install()
    customization_api.install()
    endpoints.install()
    runtime.install(upstream)
    stepfunctions.install()
    functions.install(interpreter)
    events.install()
    objects.install()
    cloudformation.install()
