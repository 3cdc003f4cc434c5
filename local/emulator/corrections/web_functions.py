"""Functions that are web applications behind the Lambda Web Adapter: run here under their own server.

What the adapter does is done in its place: it starts the script that is the function's handler, waits until the
application answers, and sends it each event as a request, with what API Gateway and Lambda know in two headers.
"""

import atexit
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside
from local.emulator.corrections.functions import trace

LAYER, WRAPPER = ":753240598075:layer:LambdaAdapterLayer", "/opt/bootstrap"
CONTEXTS = ("x-amzn-request-context", "x-amzn-lambda-context")
INITIALISED_WITHIN = 10.0
"""Seconds that Lambda gives a function to start, before it starts it again within the time of the call (developer
guide, *lambda-runtime-environment*); here the first start goes on."""
_POLL_SECONDS = 0.02
_lock = threading.Lock()
_running: dict[str, "WebFunction"] = {}


def running(config: dict[str, Any], code: bytes, interpreter: str | None) -> "WebFunction":
    """The application of a function, started with its first call and again when the function was changed.

    Raises:
        ServiceError: nothing makes the function stream, or its application does not start.
    """
    _check(config)
    revision = json.dumps([config["CodeSha256"], config.get("Environment"), config["Handler"]], sort_keys=True)
    with _lock:
        present = _running.get(config["FunctionArn"])
        if present is None or present.revision != revision or present.process.poll() is not None:
            if present is not None:
                present.stop()
            present = _running[config["FunctionArn"]] = WebFunction(config, code, interpreter, revision)
    return present


def _check(config: dict[str, Any]) -> None:
    """Refuse what would not stream on AWS either: the runtime of Python gives whole payloads only."""
    set_ = (config.get("Environment") or {}).get("Variables", {})
    layers = [str(layer["Arn"] if isinstance(layer, dict) else layer) for layer in config.get("Layers") or ()]
    if not any(LAYER in layer for layer in layers) or set_.get("AWS_LAMBDA_EXEC_WRAPPER") != WRAPPER:
        raise ServiceError("InvalidRuntimeException", f"{config['FunctionName']} has no Lambda Web Adapter", 502)
    if set_.get("AWS_LWA_INVOKE_MODE") != "response_stream":
        raise ServiceError("InvalidRuntimeException", "the adapter does not stream: AWS_LWA_INVOKE_MODE", 502)


class WebFunction:
    """One running application."""

    def __init__(self, config: dict[str, Any], code: bytes, interpreter: str | None, revision: str) -> None:
        self.revision, self._config = revision, config
        self._folder, self._lines = Path(tempfile.mkdtemp(prefix="arbiter-web-function-")), list[str]()
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(self._folder)
        self._port = _free_port()
        script = str(self._folder / config["Handler"])
        self.process = subprocess.Popen(  # noqa: S603
            ["/bin/sh", script], env=self._environment(interpreter), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", cwd=self._folder,
        )  # fmt: skip
        atexit.register(self.stop)
        threading.Thread(target=self._listen, daemon=True).start()
        self._wait()

    def send(self, event: dict[str, Any], request_id: str) -> HTTPResponse:
        """The beginning of the response to an event."""
        trace(self._config)
        deadline = int((time.time() + int(self._config.get("Timeout", 3))) * 1000)
        context = {"request_id": request_id, "deadline": deadline}
        # Whatever a caller says of itself in the two headers is not handed on.
        dropped = (*CONTEXTS, "host", "content-length", "transfer-encoding", "connection", "accept-encoding")
        headers = {name: str(value) for name, value in event["headers"].items() if name.lower() not in dropped}
        headers |= dict(zip(CONTEXTS, map(json.dumps, (event["requestContext"], context)), strict=True))
        connection = HTTPConnection("127.0.0.1", self._port, timeout=int(self._config.get("Timeout", 3)))
        connection.request(event["httpMethod"], event["path"], (event["body"] or "").encode(), headers)
        return connection.getresponse()

    def log(self, request_id: str) -> None:
        """Hand over what the application has printed since."""
        printed, self._lines = self._lines, []
        inside("services.lambda_svc", "_emit_lambda_logs")(self._config, request_id, "\n".join(printed), False, 0)

    def stop(self) -> None:
        """End the application."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _environment(self, interpreter: str | None) -> dict[str, str]:
        config, (account, region) = self._config, self._config["FunctionArn"].split(":")[4:2:-1]
        python = Path(interpreter or sys.executable).parent
        return {
            **os.environ,
            **inside("core.lambda_runtime", "execution_credentials")(config),
            "AWS_ACCOUNT_ID": account,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
            "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
            "LAMBDA_TASK_ROOT": str(self._folder),
            "LAMBDA_RUNTIME_DIR": "",
            "PYTHONPATH": "",
            "PATH": f"{python}{os.pathsep}{os.environ.get('PATH', '')}",
            **(config.get("Environment") or {}).get("Variables", {}),
            "AWS_LWA_PORT": str(self._port),
        }

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self._lines.append(line.rstrip("\n"))

    def _wait(self) -> None:
        deadline = time.monotonic() + INITIALISED_WITHIN + int(self._config.get("Timeout", 3))
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(_POLL_SECONDS)
        printed = "\n".join(self._lines[-20:])
        self.stop()
        raise ServiceError("InvalidRuntimeException", f"{self._config['FunctionName']} did not start: {printed}", 502)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
