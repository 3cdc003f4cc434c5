"""The functions' interpreter with boto3 imported, forked at each cold start: more than half of one is that import.

A program, run by the functions' interpreter with a socket's number. It is sent, one packet a cold start, a script, its
folder and its environment in JSON, with the handles of its standard streams and of a pipe that the script holds open
while it lives; it sends back the script's process id. What the script sees is a process of its own: arguments,
environment, folder, streams and modules as if it had been started alone, but for boto3, which is in its memory already.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST_PACKET = 131_072
STREAMS = 3


def main() -> None:
    """Fork on demand until the socket is closed; a child goes on with its script."""
    with suppress(ImportError):  # an interpreter without it is forked as it is
        import boto3.s3.inject  # noqa: F401
        import botocore.client  # noqa: F401

    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a child that has ended leaves no zombie
    gc.freeze()
    while True:
        packet, handles, _, _ = socket.recv_fds(control, LARGEST_PACKET, STREAMS + 1)
        if not packet:
            return
        child = os.fork()
        if child == 0:
            control.close()
            break
        for handle in handles:
            os.close(handle)
        control.send(str(child).encode())
    _become(json.loads(packet), handles)


def _become(request: dict[str, Any], handles: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, handle in enumerate(handles[:STREAMS]):
        os.dup2(handle, number)
        os.close(handle)
    script, environment = request["script"], request["environment"]
    os.chdir(request["folder"])
    if _brings_its_own(Path(request["folder"]), environment):
        os.set_inheritable(handles[STREAMS], True)
        os.execve(sys.executable, [sys.executable, script], environment)  # noqa: S606 - the interpreter that runs this
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")


def _brings_its_own(code: Path, environment: dict[str, str]) -> bool:
    """Whether the function or a layer of it has a module of a name that is imported here already."""
    layers = [Path(layer) for layer in environment.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep) if layer]
    folders = [code, *layers, *(layer / "python" for layer in layers)]
    folders += [site for layer in layers for site in layer.glob("python/lib/*/site-packages")]
    entries = {entry.name.partition(".")[0] for folder in folders if folder.is_dir() for entry in folder.iterdir()}
    return not entries.isdisjoint(name.partition(".")[0] for name in sys.modules)


if __name__ == "__main__":
    main()
