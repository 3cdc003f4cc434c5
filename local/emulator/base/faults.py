"""Faults that tests order from the emulator; served under /_arbiter/faults, and only when it is started with --faults.

POST an order, DELETE all orders, GET them with their counts. An order is `{"kind": …, "match": {…}, "effect": {…}}`
with optional `share` (of the matching occasions, evenly spread: 0.25 strikes each fourth), `after` (occasions left
alone first), `times` (strikes at most) and `seconds` (after the order, during which it strikes). Counters and the
clock decide, never chance. `match` compares facts of the occasion: every text must be contained. Kinds, their facts,
and the effects they take:

- `call`: an API call. Facts `action` (`bedrock:InvokeModel`; Converse is that), `path`, `body`. Effect `code`,
  `message`, `status`; nothing was done when it strikes.
- `answer`: a model's answer. Facts `model`, `prompt`. Effect `text`: what it says instead.
- `stream`: a model's answer as a stream. Facts `model`, `prompt`. Effect `after`: events until it breaks off, `code`:
  the name of the error that is sent then, as `modelStreamErrorException`; without one the connection is cut.
- `function`: a Lambda invocation, one that streams as well. Facts `name`, `event`. Effect `when`: killed `before` the
  handler or `after` it; nothing of a streamed answer went out.
- `job`: a customization job at its end. Facts `name`. Effect `status` (Failed or Stopped), `message`.
- `record`: a record of a batch inference job. Facts `name` (the job's), `record`. Effect `code` (a number), `message`.
- `batch`: a batch inference job at its end. Facts `name`. Effect `status`, `message`.
- `evaluation`: an evaluation job at its end. Facts `name`. Effect `status` (Failed or Stopped), `message`.
- `deployment`: a deployment, created or updated. Facts `name`. Effect `message`.
- `throughput`: provisioned throughput, created. Facts `name`. Effect `message`.
- `access`: a foundation model, called or asked about. Facts `model`. Effect `missing`: `form` (Anthropic's use case),
  `marketplace` (subscription), `legacy` (no calls in the last days) or `profile` (no on-demand throughput).
- `identity`: the caller asks who it is. No facts. Effect `account`: whose credentials they are.
- `stack`: a stack is described. Facts `name`. Effect `status`, such as ROLLBACK_COMPLETE.
- `ingestion`: an ingestion job at its end. Facts `knowledge_base`. Effect `message`: it ends as FAILED.
- `concurrency`: a Lambda invocation. Facts `name`. Effect `{}`: refused with TooManyRequestsException.
- `spreading`: a role that a service assumes. Facts `role`. Effect `seconds`, after its creation, of being unknown.
- `quota`: something created, or a quota listed. Facts `what` (deployment, or the quota's name). Effect `limit`.
- `hold`: what goes on by itself stands still until the orders are deleted. Facts `what` (job, batch, evaluation,
  deployment, throughput), `name`. Effect `{}`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import unquote

from local.emulator.base.http import Reply, ServiceError, ServiceHandler, error_reply, reply
from local.emulator.base.internals import inside, replace

PATH = "/_arbiter/faults"
_KINDS = (
    *("call", "answer", "function", "job", "batch", "record", "evaluation", "deployment", "throughput", "hold"),
    *("stream", "access", "concurrency", "spreading", "quota", "identity", "stack", "ingestion"),
)
_HELD_SECONDS = 0.05


@dataclass
class _Order:
    kind: str
    effect: dict[str, Any]
    match: dict[str, str] = field(default_factory=dict)
    share: float = 1.0
    after: int = 0
    times: int | None = None
    seconds: float | None = None
    occasions: int = 0
    strikes: int = 0
    since: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"kind {self.kind!r}; allowed: {', '.join(_KINDS)}")

    def fits(self, kind: str, facts: dict[str, str]) -> bool:
        in_time = self.seconds is None or time.monotonic() < self.since + self.seconds
        return in_time and kind == self.kind and all(text in facts.get(name, "") for name, text in self.match.items())

    def due(self) -> bool:
        """Count an occasion; whether the fault strikes now."""
        self.occasions += 1
        counted = self.occasions - self.after
        spread = counted > 0 and int(counted * self.share + 1e-9) > int((counted - 1) * self.share + 1e-9)
        if not spread or (self.times is not None and self.strikes >= self.times):
            return False
        self.strikes += 1
        return True


_orders: list[_Order] = []
_lock = Lock()


def install() -> None:
    """Take orders, and let API calls and Lambda functions fail by them."""
    replace("app", "app", _taking_orders)
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    for service, handler in list(handlers.items()):
        handlers[service] = _failing(service, handler)
    replace("services.lambda_svc", "_execute_function", _dying)


def strike(kind: str, **facts: str) -> dict[str, Any] | None:
    """The effect of a fault that was ordered for this occasion, if one strikes."""
    with _lock:
        due = [order for order in _orders if order.fits(kind, facts) and order.due()]
    return due[0].effect if due else None


def ordered(kind: str, **facts: str) -> dict[str, Any] | None:
    """The effect of a fault that lasts, whatever its counters say."""
    return next((order.effect for order in list(_orders) if order.fits(kind, facts)), None)


def wait_while_held(what: str, name: str) -> None:
    """Let nothing go on that a test holds."""
    while ordered("hold", what=what, name=name) is not None:
        time.sleep(_HELD_SECONDS)


def _failing(service: str, original: ServiceHandler) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        if not _orders:
            return await original(method, path, headers, raw, query)
        action = inside("core.iam_actions", "extract_iam_action")(service, method, path, headers, raw, query) or ""
        effect = strike("call", action=action, path=unquote(path), body=raw.decode("utf-8", "replace"))
        if effect is None:
            return await original(method, path, headers, raw, query)
        error = ServiceError(effect["code"], effect.get("message", "ordered by a test"), effect.get("status", 400))
        if service != "s3":
            return error_reply(error)
        body = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
        return error.status, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else body.encode()

    return handle


def _dying(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Lambda's answer for a sandbox that is killed: an error of the runtime, without a word of the function's."""

    def execute(function: Any, event: Any) -> dict[str, Any]:
        name = (function.get("config") or function)["FunctionName"]
        effect = strike("function", name=name, event=json.dumps(event, default=str)) if _orders else None
        if effect is None:
            return original(function, event)
        if effect.get("when") == "after":
            original(function, event)
        report = "RequestId: 00000000-0000-0000-0000-000000000000 Error: Runtime exited with error: signal: killed"
        return {"body": {"errorType": "Runtime.ExitError", "errorMessage": report}, "error": True, "log": report}

    return execute


def _taking_orders(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await original(scope, receive, send)
            return
        raw, more = b"", True
        while more:
            message = await receive()
            raw, more = raw + message.get("body", b""), message.get("more_body", False)
        status, _, body = await asyncio.to_thread(_answer, scope["method"], raw)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def _answer(method: str, raw: bytes) -> Reply:
    with _lock:
        if method == "DELETE":
            _orders.clear()
        elif method == "POST":
            try:
                _orders.append(_Order(**json.loads(raw)))
            except (TypeError, ValueError) as error:
                return reply({"message": f"no such fault: {error}"}, 400)
        return reply([asdict(order) for order in _orders])
