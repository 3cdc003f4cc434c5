"""What reading small objects takes: botocore's own time an object, measured against a plain server on this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from arbiter.aws.objects import Objects
from arbiter.evaluation.numbers.reading import READERS

LATENCY_SECONDS = 0.02
"""What S3 usually takes for a small object in the same region: 10 to 30 ms."""
OBJECT_BYTES = 4_000
READS = 2_000


class Cost(NamedTuple):
    """Milliseconds an object, with as many readers as the summary has."""

    processor: float
    elapsed: float

    def seconds(self, objects: int) -> float:
        """What so many objects take on a processor like this one."""
        return objects * max(self.processor, self.elapsed) / 1000


class Answering(BaseHTTPRequestHandler):
    """A server that has every object, after a while."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(LATENCY_SECONDS)
        self.send_response(200)
        self.send_header("Content-Length", str(OBJECT_BYTES))
        self.end_headers()
        self.wfile.write(b" " * OBJECT_BYTES)

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the server, in a process of its own."""
    with subprocess.Popen([sys.executable, "-m", "bench.object_reads"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def measured() -> Cost:
    """Read many objects as the summary reads them."""
    with served() as address, ThreadPoolExecutor(READERS) as readers:
        config = Config(max_pool_connections=READERS, s3={"addressing_style": "path"})
        session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
        objects = Objects(session.client("s3", endpoint_url=address, config=config), "bucket")
        list(readers.map(objects.read, ["warm"] * READERS))
        processor, elapsed = time.process_time(), time.monotonic()
        list(readers.map(objects.read, map(str, range(READS))))
        spent = time.process_time() - processor, time.monotonic() - elapsed
    return Cost(*(1000 * seconds / READS for seconds in spent))


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
