"""Access to models: granted here unless a test orders otherwise, and told by GetFoundationModelAvailability."""

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
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
}


def install() -> None:
    """Serve GetFoundationModelAvailability."""
    serve("bedrock", [("GET", r"^/foundation-model-availability/(.+)$", _availability)])


def check(identifier: str) -> None:
    """Refuse a model that the account has no access to.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    fault = faults.strike("access", model=identifier)
    if fault:
        refusal = _REFUSALS[fault["missing"]]
        raise ServiceError(refusal.code, refusal.message, refusal.status)


def _availability(_: Request, identifier: str) -> Reply:
    if not catalogue.is_known(identifier):
        raise ServiceError("ValidationException", "The provided model identifier is invalid.")
    fault = faults.ordered("access", model=identifier)
    agreement, authorization, entitlement = _STATES[fault["missing"]] if fault else _GRANTED
    return reply(
        {
            "modelId": catalogue.model_of(identifier),
            "agreementAvailability": {"status": agreement},
            "authorizationStatus": authorization,
            "entitlementAvailability": entitlement,
            "regionAvailability": "AVAILABLE",
        }
    )
