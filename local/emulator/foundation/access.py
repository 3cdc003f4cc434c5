"""Access to models: granted here unless a test orders otherwise, and told by GetFoundationModelAvailability."""

import base64

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, Route, ServiceError, reply, serve
from local.emulator.foundation import catalogue

_REFUSALS = {
    "form": ServiceError(
        "ResourceNotFoundException",
        "Model use case details have not been submitted for this account. Fill out the Anthropic use case details "
        "form before using the model. If you have already filled out the form, try again in 15 minutes.",
        404,
    ),
    "marketplace": ServiceError(
        "AccessDeniedException",
        "Model access is denied due to IAM user or service role is not authorized to perform the required AWS "
        "Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this "
        "model. Refer to the Amazon Bedrock documentation for further details.",
        403,
    ),
    "legacy": ServiceError(
        "ResourceNotFoundException",
        "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in "
        "the last 30 days. Please upgrade to an active model on Amazon Bedrock",
        404,
    ),
}
# (agreement, authorization, entitlement): every one as long as nothing is missing.
_GRANTED = ("AVAILABLE", "AUTHORIZED", "AVAILABLE")
_STATES = {
    "form": ("AVAILABLE", "NOT_AUTHORIZED", "AVAILABLE"),
    "marketplace": ("NOT_AVAILABLE", "AUTHORIZED", "NOT_AVAILABLE"),
    "legacy": ("AVAILABLE", "NOT_AUTHORIZED", "AVAILABLE"),
    "profile": _GRANTED,
}


def install() -> None:
    """Serve GetFoundationModelAvailability and GetUseCaseForModelAccess."""
    routes: list[Route] = [
        ("GET", r"^/foundation-model-availability/(.+)$", _availability),
        ("GET", r"^/use-case-for-model-access$", _use_case),
    ]
    serve("bedrock", routes)


def check(identifier: str, named: str) -> None:
    """Refuse a model that the account has no access to, or none by the id that it is called by.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    if missing(identifier) == "profile":
        if named == identifier:
            raise catalogue.no_on_demand(identifier)
        return
    fault = faults.strike("access", model=identifier)
    if fault:
        refusal = _REFUSALS[fault["missing"]]
        raise ServiceError(refusal.code, refusal.message, refusal.status)


def missing(identifier: str) -> str | None:
    """The part of the access to a model that a test withholds."""
    fault = faults.ordered("access", model=identifier)
    return str(fault["missing"]) if fault else None


def _use_case(_: Request) -> Reply:
    """The form that Anthropic asks for: here it is filled in, unless a test withholds it."""
    if any(missing(model) == "form" for model in catalogue.MODELS if model.startswith("anthropic.")):
        raise ServiceError("ResourceNotFoundException", "You have not filled out the request form", 404)
    return reply({"formData": base64.b64encode(b'{"companyName": "Tarnhook"}').decode()})


def _availability(_: Request, identifier: str) -> Reply:
    if not catalogue.is_known(identifier):
        raise ServiceError("ValidationException", "The provided model identifier is invalid.")
    withheld = missing(identifier)
    agreement, authorization, entitlement = _STATES[withheld] if withheld else _GRANTED
    return reply(
        {
            "modelId": catalogue.model_of(identifier),
            "agreementAvailability": {"status": agreement},
            "authorizationStatus": authorization,
            "entitlementAvailability": entitlement,
            "regionAvailability": "AVAILABLE",
        }
    )
