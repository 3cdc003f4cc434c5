"""Lambda as AWS runs it: the runtime's interpreter, and the role behind its logs, its traces and its queues."""

import json
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Request, ServiceError, serve
from local.emulator.base.identity import RoleSession, allows, assume, require
from local.emulator.base.internals import inside, replace, scope
from local.emulator.refusals.calls import functions as calls

log = logging.getLogger("arbiter.local")

SERVICE = "lambda.amazonaws.com"
_QUEUE_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_REPORTED = '"error": str(e), "trace": traceback.format_exc()}'
_FRAME = re.compile(r'^  File "')
_last_error = threading.local()


def install(interpreter: str | None) -> None:
    """Run Python functions with `interpreter`, and put each function's role behind what Lambda does for it."""
    replace("core.lambda_runtime", "_detect_runtime_binary", lambda original: _with_interpreter(original, interpreter))
    replace("core.lambda_runtime", "_PYTHON_WORKER_SCRIPT", _telling_error_types)
    worker = inside("core.lambda_runtime", "Worker")
    worker.invoke = _noting_errors(worker.invoke)
    replace("services.lambda_svc", "_execute_function_warm", _with_error_types)
    replace("services.lambda_svc", "_execute_function", _traced)
    replace("services.lambda_svc", "_emit_lambda_logs", _logged)
    replace("services.lambda_svc", "_create_esm", _mapped)
    replace("services.sqs", "_receive_messages_for_esm", _polled)
    serve("lambda", [("POST", r"^/2015-03-31/functions/([^/]+)/invocations$", _refused)])


def _refused(request: Request, name: str) -> None:
    """Lambda itself refuses a call above the concurrency, of no version, or with a payload too large or no JSON."""
    if request.headers.get("x-amz-invocation-type") != "Event" and faults.strike("concurrency", name=name) is not None:
        raise ServiceError("TooManyRequestsException", "Rate Exceeded.", 429)
    calls.check(request, name)
    try:
        json.loads(request.raw or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise ServiceError("InvalidRequestContentException", message) from error


def _with_interpreter(original: Callable[[str], tuple[str, str]], interpreter: str | None) -> Callable[..., Any]:
    def detect(runtime: str) -> tuple[str, str]:
        binary, script = original(runtime)
        return (interpreter or binary if runtime.startswith("python") else binary), script

    return detect


def _telling_error_types(script: str) -> str:
    """The worker reports an error's text only; what catches it goes by its type."""
    if script.count(_REPORTED) != 1:
        raise SystemExit("the emulator's Lambda worker reports errors in another way than the tested one")
    return script.replace(_REPORTED, _REPORTED[:-1] + ', "type": type(e).__name__}')


def _noting_errors(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def invoke(self: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        result = original(self, *arguments, **options)
        _last_error.value = result if result.get("status") == "error" else None
        return result

    return invoke


def _with_error_types(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A failed function's payload as AWS makes it: errorType, errorMessage, requestId and stackTrace."""

    def execute(function: Any, event: Any, request_id: str) -> dict[str, Any]:
        _last_error.value = None
        result = original(function, event, request_id)
        failed = getattr(_last_error, "value", None)
        if result.get("error") and failed and "type" in failed:
            frames = [line for line in str(failed.get("trace", "")).splitlines() if _FRAME.match(line)]
            result["body"] = {
                "errorMessage": failed["error"],
                "errorType": failed["type"],
                "requestId": request_id,
                "stackTrace": frames,
            }
        return result

    return execute


def _traced(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def execute(function: Any, event: Any) -> dict[str, Any]:
        trace(function.get("config") or function)
        return original(function, event)

    return execute


def trace(config: dict[str, Any]) -> None:
    """Active tracing sends segments with the function's role; AWS drops them in silence when it may not."""
    if (config.get("TracingConfig") or {}).get("Mode") == "Active":
        role = _role(config)
        for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
            allows(role, action, "*")


def _logged(original: Callable[..., None]) -> Callable[..., None]:
    """Log writes need the function's role; AWS drops them in silence when it may not."""

    def emit(function: Any, request_id: str, *arguments: Any, **options: Any) -> None:
        config = function.get("config") or function
        name = config["FunctionName"]
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        account, region = scope()
        arn = f"arn:aws:logs:{region}:{account}:log-group:{group}"
        role = _role(config)
        needed = [
            ("logs:CreateLogStream", f"{arn}:log-stream:{name}"),
            ("logs:PutLogEvents", f"{arn}:log-stream:{name}"),
        ]
        if group not in inside("services.cloudwatch_logs", "_log_groups"):
            needed.insert(0, ("logs:CreateLogGroup", arn))
        allowed = [allows(role, action, resource) for action, resource in needed]  # every one is journaled
        if all(allowed):
            original(function, request_id, *arguments, **options)
        else:
            log.warning("the logs of %s are dropped: its role may not write them", name)

    return emit


def _mapped(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """A mapping from a queue is refused when the function's role cannot consume it."""

    def create(data: dict[str, Any]) -> Any:
        arn = str(data.get("EventSourceArn", ""))
        if ":sqs:" in arn:
            record, config = inside("services.lambda_svc", "_get_func_record_for_qualifier")(
                str(data.get("FunctionName", "")).rsplit(":function:", 1)[-1].split(":")[0], None
            )
            if record is not None:
                for action in _QUEUE_ACTIONS:
                    _require_consumer(config, action, arn)
        return original(data)

    return create


def _require_consumer(config: dict[str, Any], action: str, queue_arn: str) -> None:
    try:
        require(_role(config), action, queue_arn)
    except ServiceError as error:
        verb = action.partition(":")[2]
        raise ValueError(
            f"The provided execution role does not have permissions to call {verb} on SQS: {error.message}"
        ) from error


def _polled(original: Callable[..., Any]) -> Callable[..., Any]:
    """Lambda polls a queue with the role of the function that consumes it."""

    def receive(queue_url: str, *arguments: Any, **options: Any) -> Any:
        consumer = _consumer_of(queue_url)
        if consumer is not None:
            role, arn = consumer
            allowed = [allows(role, action, arn) for action in _QUEUE_ACTIONS]  # every one is journaled
            if not all(allowed):
                return []
        return original(queue_url, *arguments, **options)

    return receive


def _consumer_of(queue_url: str) -> tuple[RoleSession, str] | None:
    name = queue_url.rstrip("/").rsplit("/", 1)[-1]
    for key, mapping in list(inside("services.lambda_svc", "_esms")._data.items()):
        arn = str(mapping.get("EventSourceArn", ""))
        if ":sqs:" in arn and arn.rsplit(":", 1)[-1] == name and key[0] == scope()[0]:
            function = inside("services.lambda_svc", "_get_func_record_for_qualifier")
            config = function(mapping["FunctionName"], mapping.get("Qualifier"))[1]
            return (_role(config), arn) if config else None
    return None


def _role(config: dict[str, Any]) -> RoleSession:
    return assume(config["Role"], SERVICE, config["FunctionName"][:64], config["FunctionArn"])
