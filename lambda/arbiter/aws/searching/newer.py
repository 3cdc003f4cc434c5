"""Fields of AWS's APIs that are newer than the botocore of a runtime, which drops or refuses what it does not know."""

import json
from typing import Any

from arbiter.aws.clients import Client


def allow(client: Client, operation: str, field: str) -> None:
    """Let a client send a field in the JSON body of an operation, as `s3vectors.QueryVectors`; once is enough."""

    def set_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[field] = params.pop(field)

    def put_into_body(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps({**json.loads(params["body"]), field: context[field]}).encode()

    events = client.ready().botocore.meta.events
    events.register(f"before-parameter-build.{operation}", set_aside, f"arbiter-aside-{field}")
    events.register(f"before-call.{operation}", put_into_body, f"arbiter-body-{field}")
