"""The function that looks, on a schedule, whether the documents of the bucket are in the knowledge base."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.objects import Objects
from arbiter.documents.checking import DocumentsCheck
from arbiter.settings.answering import CheckDocumentsSettings


def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
    """Look once, whatever the event; says how many documents are out of step."""
    return _check().run()


@cache
def _check() -> DocumentsCheck:
    settings = CheckDocumentsSettings.from_environment(os.environ)
    return DocumentsCheck(
        environment=settings.environment,
        documents=Objects.connect(settings.documents_bucket),
        known=Ingestion.connect(settings.knowledge_base_id, settings.data_source_id),
    )
