"""`python -m bench`: measures the router against bare boto3, prints the ratios, fails above the limits."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.endpoint import endpoint
from bench.subjects import environment

ROOT = Path(__file__).resolve().parent.parent
WARM_RUNS, WARM_ROUNDS = 3, 300
COLD_SAMPLES = 7


class Result(NamedTuple):
    """One line of the table."""

    name: str
    floor: float
    handler: float
    unit: str
    measured: float
    limit: float

    @property
    def held(self) -> bool:
        """Whether the limit is."""
        return self.measured <= self.limit


def sample(url: str, *arguments: object) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "bench.sample", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[1:])} failed:\n{done.stderr}")
    measured: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return measured


def warm(url: str, mode: str, limit: float) -> Result:
    """Interleaved calls in one process, the middle one of several processes."""
    runs = [sample(url, "warm", mode, WARM_ROUNDS) for _ in range(WARM_RUNS)]
    run = sorted(runs, key=lambda run: run["handler"] / run["bare"])[WARM_RUNS // 2]
    return Result(f"warm, {mode}", run["bare"], run["handler"], "ms", run["handler"] / run["bare"], limit)


def cold(url: str) -> Iterator[Result]:
    """Import to first answer, each sample a process of its own, the two subjects in turn."""
    samples = [{subject: sample(url, "cold", subject, "base") for subject in ("bare", "handler")}
               for _ in range(COLD_SAMPLES)]  # fmt: skip
    floor, handler = (median(s[subject]["milliseconds"] for s in samples) for subject in ("bare", "handler"))
    yield Result("cold, base", floor, handler, "ms", handler / floor, 1.15)


def peak(url: str) -> Result:
    """The largest resident size, in the mode with the most clients."""
    floor, handler = (sample(url, "cold", subject, "rag")["megabytes"] for subject in ("bare", "handler"))
    return Result("peak memory, rag", floor, handler, "MB", handler, 55.0)


def measure() -> Iterator[Result]:
    """Every result, one after the other."""
    with endpoint() as url:
        sample(url, "cold", "bare", "rag")  # Compiles the bytecode that a deployed function finds compiled.
        sample(url, "cold", "handler", "rag")
        yield warm(url, "base", 1.25)
        yield warm(url, "rag", 1.15)
        yield from cold(url)
        yield peak(url)


def table(results: list[Result]) -> str:
    """The results for people."""
    lines = [f"{'':18} {'bare boto3':>12} {'handler':>12} {'measured':>9} {'limit':>7}"]
    for r in results:
        unit = "" if r.unit == "MB" else "x"
        values = f"{r.floor:9.2f} {r.unit} {r.handler:9.2f} {r.unit} {r.measured:8.2f}{unit:1} {r.limit:6.2f}{unit:1}"
        lines.append(f"{r.name:18} {values} {'' if r.held else '  exceeded'}".rstrip())
    return "\n".join(lines)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    as_json = parser.parse_args().json
    results: list[Result] = []
    for result in measure():
        print(f"measured {result.name}", file=sys.stderr)
        results.append(result)
    rows: list[dict[str, Any]] = [result._asdict() | {"held": result.held} for result in results]
    print(json.dumps(rows, indent=2) if as_json else table(results))
    return 0 if all(result.held for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
