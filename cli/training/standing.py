"""How training runs stand today: records say how a run ended, not what became of its model."""

from collections.abc import Iterable, Mapping

from arbiter.tuned_models.service.promotion import IN_SERVICE, PREVIOUS
from arbiter.tuned_models.training.record import TrainingRecord
from cli.core.deployment import Deployment
from cli.models.service import pointed_to


def standing(deployment: Deployment, records: Iterable[TrainingRecord]) -> Mapping[str, str]:
    """By run: how it ended; or of one that left a model, whether that is in service, held back or retired."""
    pointed = pointed_to(deployment)
    # In service last: one model may stand behind both pointers, trained once and used by two runs.
    names = [name for name in (PREVIOUS, IN_SERVICE) if name in pointed]
    pointers = {pointed[name].custom_model: name for name in names}
    pages = deployment.client("bedrock").get_paginator("list_custom_models").paginate()
    models = {model["modelArn"] for page in pages for model in page.get("modelSummaries", ())}
    return {record.run: _of(record, pointers, models) for record in records}


def _of(record: TrainingRecord, pointers: Mapping[str, str], models: set[str]) -> str:
    arn = record.custom_model.arn if record.custom_model else None
    if record.status != "nominated" or arn is None:
        return record.status
    if arn not in models:
        return "retired"
    if arn in pointers:
        return pointers[arn].replace("_", " ")
    return "held back" if record.gate and not record.gate["publish"] else record.status
