"""Service Quotas, as far as it knows Bedrock: names as AWS writes them, values of an account that is not new."""

import zlib
from collections.abc import Iterator
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.internals import inside, scope
from local.emulator.foundation import listing

_TARGET = "ServiceQuotasV20190624"
_REQUESTS, _TOKENS = 1_000, 2_000_000
_MINUTES_A_DAY = 1_440
_ACCOUNT = {
    "Custom models per account": 100,
    "Custom models with a creating status per account": 2,
    "Custom model deployments per account": 10,
    "Model units no-commitment Provisioned Throughputs across custom models": 2,
    "Sum of in-progress and submitted batch inference jobs using a custom model": 3,
}


def install() -> None:
    """Serve ListServiceQuotas."""
    inside("core.iam_actions", "SERVICE_TO_IAM_NAMESPACE")["servicequotas"] = "servicequotas"
    inside("core.iam_actions", "_BOTOCORE_SERVICE_MAP")["servicequotas"] = ["service-quotas"]
    inside("core.router", "SERVICE_PATTERNS")["servicequotas"] = {
        "host_patterns": [r"servicequotas\."],
        "target_prefixes": [_TARGET],
        "credential_scope": "servicequotas",
    }
    serve("servicequotas", [("POST", r"^/$", _answer)])


def _answer(request: Request) -> Reply:
    if request.headers.get("x-amz-target") != f"{_TARGET}.ListServiceQuotas":
        raise ServiceError("UnknownOperationException", "the local AWS lists quotas, and knows no other operation")
    if request.body.get("ServiceCode") != "bedrock":
        raise ServiceError("NoSuchResourceException", "the local AWS has the quotas of bedrock alone")
    quotas = [_quota(name, value) for name, value in _named()]
    start = int(request.body.get("NextToken") or 0)
    end = start + int(request.body.get("MaxResults") or 100)
    following = {"NextToken": str(end)} if end < len(quotas) else {}
    return reply({"Quotas": quotas[start:end], **following})


def _named() -> Iterator[tuple[str, float]]:
    for identifier, model in listing.available():
        name = f"{listing.provider_of(identifier)} {listing.name_of(identifier)}"
        kinds = [] if model.profile_only else ["On-demand"]
        kinds += ["Cross-region"] if listing.profiles(identifier, scope()[1]) else []
        for kind in kinds:
            yield f"{kind} model inference requests per minute for {name}", _REQUESTS
            yield f"{kind} model inference tokens per minute for {name}", _TOKENS
        doubled = " (doubled for cross-region calls)" if len(kinds) > 1 else ""
        yield f"Model invocation max tokens per day for {name}{doubled}", _TOKENS * _MINUTES_A_DAY
        yield f"Sum of in-progress and submitted batch inference jobs using a base model for {name}", 20
    yield from _ACCOUNT.items()


def _quota(name: str, value: float) -> dict[str, Any]:
    account, region = scope()
    code = f"L-{zlib.crc32(name.encode()):08X}"
    ordered = faults.ordered("quota", what=name)
    return {
        "ServiceCode": "bedrock",
        "ServiceName": "Amazon Bedrock",
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:bedrock/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(ordered["limit"] if ordered else value),
        "Unit": "None",
        "Adjustable": "per day" not in name,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }
