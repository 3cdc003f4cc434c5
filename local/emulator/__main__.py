"""The local AWS as a process: `python -m local.emulator --port 4566 --journal authorizations.jsonl`."""

import argparse
import os
import sys
from pathlib import Path

_SETTINGS = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # The functions inherit it: on AWS their code lies where nothing can be written. The emulator itself keeps bytecode.
    "PYTHONDONTWRITEBYTECODE": "1",
    # The embedding model runs its batches on threads of its own.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def main() -> None:
    """Start the emulator on loopback and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="local.emulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", type=Path, required=True, help="where authorization decisions are written")
    parser.add_argument("--faults", action="store_true", help="take orders of faults, for tests")
    arguments = parser.parse_args()
    arbiter = _settle_environment(arguments.port)

    # Only now: the emulator reads its environment when it is imported.
    from local.emulator import hooks
    from local.emulator.base import internals
    from local.emulator.base.journal import Journal
    from local.emulator.bedrock.upstream import Upstream

    internals.check()
    hooks.install(
        journal=Journal(arguments.journal),
        endpoint=f"http://127.0.0.1:{arguments.port}",
        upstream=Upstream.of(arbiter),
        interpreter=arbiter.get("ARBITER_LAMBDA_PYTHON"),
        faulty=arguments.faults,
    )
    sys.argv = sys.argv[:1]  # the emulator parses the command line too
    internals.inside("app", "main")()


def _settle_environment(port: int) -> dict[str, str]:
    """Leave nothing of the developer's in what Lambda functions inherit; what is Arbiter's own is handed back."""
    arbiter = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ARBITER_")}
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        del os.environ[name]
    os.environ.update(_SETTINGS, GATEWAY_PORT=str(port))
    return arbiter


if __name__ == "__main__":
    main()
