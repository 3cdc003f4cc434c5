"""Everything that is put into the emulator, in order."""

from local.emulator import (
    authorization,
    batch_api,
    cloudformation,
    customization_api,
    deployments,
    endpoints,
    evaluation_jobs_api,
    events,
    faults,
    functions,
    identity,
    ingestion_api,
    knowledge_base_api,
    model_tags,
    objects,
    retrieval,
    runtime,
    s3vectors,
    schedules,
    stepfunctions,
)
from local.emulator.journal import Journal
from local.emulator.upstream import Upstream


def install(
    *, journal: Journal, endpoint: str, upstream: Upstream | None, interpreter: str | None, faulty: bool
) -> None:
    """Turn the emulator into the AWS that Arbiter is deployed to."""
    identity.configure(journal, endpoint)
    authorization.install()
    s3vectors.install()
    knowledge_base_api.install()
    ingestion_api.install()
    retrieval.install()
    customization_api.install()
    deployments.install()
    endpoints.install()
    model_tags.install()
    runtime.install(upstream)
    batch_api.install(upstream)
    evaluation_jobs_api.install(upstream)
    stepfunctions.install()
    functions.install(interpreter)
    events.install()
    schedules.install()
    objects.install()
    cloudformation.install()
    if faulty:
        faults.install()
