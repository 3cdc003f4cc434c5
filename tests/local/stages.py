"""The stages of a deployment on its way to tuned answers: the answers of each mode, and a model that was promoted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.tuned_models.service.pointer import TunedModel
from cli.models.service import pointed_to, promote
from cli.training.result import TrainResult
from cli.training.run import train
from tests.local.asking import invoke, until
from tests.local.deployed import Deployed

Answers = dict[tuple[str, bool], dict[str, Any]]
SPECIALISED = ("fine_tuned", "combined")
TAUGHT = "How early can I reserve gear for my trip?"
PROMOTION_SECONDS = 10
"""The pointer is cached for a second in this environment; a cold start takes some more."""


def asked(deployed: Deployed, question: str) -> Answers:
    """What the router makes of a question, by mode and whether it may degrade."""
    modes = ("base", "rag", *SPECIALISED)
    return {
        (mode, degrade): invoke(deployed, {"question": question, "mode": mode, "degrade": degrade})
        for mode in modes
        for degrade in (False, True)
    }


@dataclass(frozen=True)
class Tuned:
    """A training, the pointers before and after its model was promoted, and what the router answered then."""

    result: TrainResult
    nominated: dict[str, TunedModel]
    pointers: dict[str, TunedModel]
    answers: Answers


def tuned(deployed: Deployed, file: Path) -> Tuned:
    """Train on a file, promote the model and wait until the router has noticed."""
    deployment = deployed.deployment
    result = train(deployment, file)
    nominated = pointed_to(deployment)
    promote(deployment, result.run)
    request = {"question": TAUGHT, "mode": "fine_tuned"}
    until(
        lambda: invoke(deployed, request).get("model") == result.model,
        "the router uses the published model",
        seconds=PROMOTION_SECONDS,
    )
    return Tuned(result, nominated, pointed_to(deployment), asked(deployed, TAUGHT))
