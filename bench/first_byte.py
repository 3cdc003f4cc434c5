"""`python -m bench.first_byte`: the first byte of a streamed answer, against a bare `converse_stream` behind the same
server, in medians of alternating calls, for models that take a while to begin."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection, socket
from statistics import median

from bench.endpoint import endpoint
from bench.subjects import MODEL, QUESTION, environment

ROOT = Path(__file__).resolve().parent.parent
BEGINS_AFTER = (0.0, 0.05, 0.2)
"""Seconds until a model's first word; small models of Bedrock take a few tenths."""
ROUNDS, WARMING = 60, 10
_CONTEXT = {
    "resourcePath": "/v1/chat/completions",
    "httpMethod": "POST",
    "identity": {"userArn": "arn:aws:iam::1:user/b"},
}
_BODY = json.dumps({"model": "base", "stream": True, "messages": [{"role": "user", "content": QUESTION}]})


class Bare(BaseHTTPRequestHandler):
    """The shortest program that streams."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Send each piece of text as a chunk."""
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"][0]["content"]
        asked = [{"role": "user", "content": [{"text": question}]}]
        stream = self.server.runtime.converse_stream(modelId=MODEL, messages=asked)["stream"]  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in stream:
            if text := event.get("contentBlockDelta", {}).get("delta", {}).get("text", "").encode():
                self.wfile.write(b"%x\r\n%b\r\n" % (len(text), text))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def serve_bare(port: int) -> None:
    """Serve the bare program."""
    import boto3

    server = ThreadingHTTPServer(("127.0.0.1", port), Bare)
    server.runtime = boto3.client("bedrock-runtime")  # type: ignore[attr-defined]
    server.serve_forever()


@contextmanager
def running(url: str, *command: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    told = {"AWS_LWA_PORT": str(port), "ARBITER_AUTH": "iam", "ARBITER_TABLE": "keys", "ARBITER_STREAMS": "true"}
    variables = {**environment(url, ROOT / "lambda"), **told, "PYTHONPATH": f"{ROOT / 'lambda'}{os.pathsep}{ROOT}"}
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(500):
            try:
                create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


def first_byte(connection: HTTPConnection) -> float:
    """Milliseconds from a call to the first byte of its answer.

    Raises:
        RuntimeError: it is none, for a refusal comes sooner than any answer.
    """
    started = time.perf_counter()
    connection.request("POST", "/", _BODY, {"x-amzn-request-context": json.dumps(_CONTEXT)})
    response = connection.getresponse()
    response.read1(1)
    taken = (time.perf_counter() - started) * 1000
    rest = response.read()
    if response.status != 200 or b'"error"' in rest:
        raise RuntimeError(f"no answer, but {response.status}: {rest.decode()}")
    return taken


def main() -> None:
    """Print the medians and their ratio for each delay."""
    for seconds in BEGINS_AFTER:
        with ExitStack() as stack:
            url = stack.enter_context(endpoint(seconds))
            commands = (("-m", "bench.first_byte"), ("-m", "arbiter.handlers.stream"))
            ports = [stack.enter_context(running(url, *command)) for command in commands]
            connections = [HTTPConnection("127.0.0.1", port, timeout=10) for port in ports]
            rounds = [[first_byte(one) for one in connections] for _ in range(WARMING + ROUNDS)][WARMING:]
        bare, ours = (median(column) for column in zip(*rounds, strict=True))
        print(
            f"begins after {seconds * 1000:3.0f} ms: bare {bare:7.2f} ms, Arbiter {ours:7.2f} ms, {ours / bare:.3f} x"
        )


if __name__ == "__main__":
    serve_bare(int(sys.argv[1])) if len(sys.argv) > 1 else main()
