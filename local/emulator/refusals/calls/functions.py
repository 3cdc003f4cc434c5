"""Invocations that Lambda refuses (docs, Lambda quotas; Lambda API, *Invoke*)."""

from local.emulator.base.http import Request, ServiceError
from local.emulator.base.internals import inside, scope

_MOST_BYTES = {"RequestResponse": 6_291_456, "Event": 1_048_576}


def check(request: Request, name: str) -> None:
    """Refuse a payload that is too large, and an alias or a version that is not there.

    Raises:
        ServiceError: RequestTooLargeException or ResourceNotFoundException, with AWS's sentences.
    """
    most = _MOST_BYTES.get(request.headers.get("x-amz-invocation-type", "RequestResponse"), min(_MOST_BYTES.values()))
    if len(request.raw) > most:
        text = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
        raise ServiceError("RequestTooLargeException", text, 413)
    short = name.rpartition(":function:")[2]
    qualifier = request.parameter("Qualifier") or short.partition(":")[2]
    record = inside("services.lambda_svc", "_get_func_record_for_qualifier")(short.partition(":")[0], None)[0]
    if not qualifier or record is None:
        return
    if qualifier not in ("$LATEST", *record["versions"], *record["aliases"]):
        account, region = scope()
        arn = f"arn:aws:lambda:{region}:{account}:function:{short.partition(':')[0]}:{qualifier}"
        raise ServiceError("ResourceNotFoundException", f"Function not found: {arn}", 404)
