"""`python -m bench`: measures the router as it is deployed against bare boto3, and fails above the limits."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.endpoint import endpoint
from bench.results import Pair, Result, table
from bench.subjects import environment
from stacks.constructs.base.source import runtime, stage

ROOT = Path(__file__).resolve().parent.parent
MODES = ("base", "rag")
WARM_RUNS, WARM_ROUNDS = 7, 300
COLD_RUNS = 25


class Bench(NamedTuple):
    """Where the functions' code is, and where Bedrock is."""

    code: Path
    url: str

    def sample(self, *arguments: object) -> dict[str, float]:
        """Measure in a process of its own."""
        command = [sys.executable, "-m", "bench.sample", *map(str, arguments)]
        variables = environment(self.url, self.code)
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command[1:])} failed:\n{done.stderr}")
        measured: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
        return measured

    def warm(self, mode: str) -> Result:
        """The calls of a process that has settled, alternating in it; each pair another process."""
        runs = (self.sample("warm", mode, WARM_ROUNDS) for _ in range(WARM_RUNS))
        return Result(f"warm, {mode}", [Pair(run["bare"], run["handler"]) for run in runs], "ms", 1.10)

    def cold(self, mode: str) -> Iterator[Result]:
        """From import to first answer, the first call of it, and the largest resident size."""
        runs = [(self.sample("cold", "bare", mode), self.sample("cold", "handler", mode)) for _ in range(COLD_RUNS)]

        def pairs(measure: str) -> list[Pair]:
            return [Pair(bare[measure], handler[measure]) for bare, handler in runs]

        yield Result(f"cold, {mode}", pairs("milliseconds"), "ms", 1.00)
        if mode == "rag":  # No mode needs more.
            yield Result("first call, rag", pairs("first_call"), "ms", 1.25)
            yield Result("peak memory, rag", pairs("megabytes"), "MB", 48.0)

    def measure(self) -> Iterator[Result]:
        """Every result, one after the other."""
        yield from (self.warm(mode) for mode in MODES)
        for mode in MODES:
            yield from self.cold(mode)


@contextmanager
def deployed() -> Iterator[Path]:
    """The asset of the functions, unpacked and read-only as in /var/task."""
    interpreter = runtime()
    if interpreter is None:
        print("no Python 3.13 here: measured is an asset without bytecode", file=sys.stderr)
    with TemporaryDirectory(prefix="arbiter-bench-") as folder:
        code = Path(folder, "task")
        stage(code, interpreter)
        everything = [code, *code.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield code
        for path in everything:
            path.chmod(0o755)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    as_json = parser.parse_args().json
    results: list[Result] = []
    with endpoint() as url, deployed() as code:
        for result in Bench(code, url).measure():
            print(f"measured {result.name}", file=sys.stderr)
            results.append(result)
    print(json.dumps([result.to_object() for result in results], indent=2) if as_json else table(results))
    return 0 if all(result.held for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
