"""Models that AWS keeps an account from: one sentence of what an administrator does, and below it AWS's own words."""

import re
from datetime import UTC, datetime, timedelta

NOT_OPEN = re.compile(r"use case details|aws-marketplace:|don't have access to the model", re.IGNORECASE)
WITHDRAWN = re.compile(r"as Legacy|end of its life", re.IGNORECASE)
WRONG_ID = re.compile(r"on-demand throughput|model identifier is invalid|at 'modelId' failed to satisfy", re.IGNORECASE)
PER_DAY = re.compile(r"per day|daily", re.IGNORECASE)
_FORM = re.compile(r"use case details", re.IGNORECASE)
_UNPAID = re.compile(r"payment[ _]instrument", re.IGNORECASE)


def with_cause(sentence: str, cause: str) -> str:
    """A sentence with AWS's own words on a line of their own, where nobody takes them for the advice."""
    return f"{sentence}\nAWS: {cause}"


def to_open(name: str, model: str | None, message: str) -> str:
    """Say how a model is opened, `model` its id where one is known: by the form alone or a subscription alone."""
    from arbiter.aws.calls import opening  # Only such a refusal needs it: the router starts without.

    if model and opening.is_amazons(model):
        return to_allow(name, message)
    if _FORM.search(message):
        remedy = f"sends Anthropic's first-use form once, with `{opening.form()}` (docs/model-access.md has the file)"
    else:
        call = f"`{opening.subscription(model)}`" if model else "the one that `arbiter doctor` names"
        rights = "with aws-marketplace:Subscribe and ViewSubscriptions, never a function's role,"
        remedy = f"{rights} subscribes it by a first call, {call}"
    return f"{name} is not open to this account: an administrator {remedy}."


def to_allow(name: str, message: str) -> str:
    """Say what mends a denial that names no permission."""
    remedy = "looks at what the account may use (docs/model-access.md)"
    if _UNPAID.search(message):
        remedy = "adds a valid payment method to the account (Billing, Payment preferences)"
    return f"AWS denies access to {name}: an administrator {remedy}."


def to_replace(name: str) -> str:
    """Say what mends a model that is Legacy or has ended."""
    successor = "its successor (Bedrock user guide, model-lifecycle)"
    return f"{name} is withdrawn from this account: an administrator names {successor} in cdk.json and deploys."


def to_rename(name: str) -> str:
    """Say what mends an id that no call takes."""
    offered = "as AWS offers it, most models through a profile (`us.…`),"
    return f"{name} cannot be called by this id: an administrator names it {offered} in cdk.json and deploys."


def to_wait_for(name: str) -> str:
    """Say what mends a day whose tokens are used up."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return (
        f"The account's quota of the day for {name} is used up: go on from {tomorrow} 00:00 UTC, or have a higher "
        "quota granted (Service Quotas, Amazon Bedrock)."
    )
