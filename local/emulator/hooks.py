"""Everything that is put into the emulator, in order."""

from local.emulator.base import api_models, faults, identity
from local.emulator.base.journal import Journal
from local.emulator.bedrock import (
    batch_api,
    customization_api,
    deployments,
    endpoints,
    evaluation_jobs_api,
    model_tags,
    runtime,
)
from local.emulator.bedrock.upstream import Upstream
from local.emulator.corrections import (
    api_gateway,
    client_contexts,
    cloudformation,
    cold_starts,
    events,
    functions,
    limits,
    objects,
    planted,
    schedules,
    settling,
)
from local.emulator.edge import callers, firewall, gateways
from local.emulator.edge import endpoint as agents
from local.emulator.foundation import access, listing, quotas
from local.emulator.iam import authorization
from local.emulator.knowledge import ingestion_api, knowledge_base_api, retrieval
from local.emulator.knowledge.vectors import s3vectors
from local.emulator.refusals import requests
from local.emulator.step_functions import state_machines


def install(
    *, journal: Journal, endpoint: str, upstream: Upstream | None, interpreter: str | None, faulty: bool
) -> None:
    """Turn the emulator into the AWS that Arbiter is deployed to."""
    identity.configure(journal, endpoint)
    api_models.install()
    authorization.install()
    s3vectors.install()
    knowledge_base_api.install()
    ingestion_api.install()
    retrieval.install()
    access.install()
    listing.install()
    quotas.install()
    customization_api.install()
    deployments.install()
    endpoints.install()
    model_tags.install()
    runtime.install(upstream)
    batch_api.install(upstream)
    evaluation_jobs_api.install(upstream)
    state_machines.install()
    functions.install(interpreter)
    client_contexts.install()
    cold_starts.install(interpreter)
    for corrected in (limits, events, schedules, objects):
        corrected.install()
    api_gateway.install(interpreter)
    cloudformation.install(*gateways.TYPES, *firewall.TYPES)
    firewall.install()
    gateways.install()
    agents.install()
    callers.install()
    settling.install()
    requests.install()
    if faulty:
        faults.install()
        planted.install()
