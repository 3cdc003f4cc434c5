"""A process that is measured: `cold SUBJECT MODE` once from import to answer, `warm MODE ROUNDS` interleaved.

What the handler prints is the log; the measurement goes to standard error, as one JSON line.
"""

import sys
import time

_started = time.perf_counter()

from bench.subjects import SUBJECTS  # noqa: E402 - the clock starts before every import


def _cold(subject: str, mode: str) -> dict[str, float]:
    call = SUBJECTS[subject](mode)
    ready = time.perf_counter()
    call()
    answered = time.perf_counter()
    milliseconds, first_call = (answered - _started) * 1000, (answered - ready) * 1000
    return {"milliseconds": milliseconds, "first_call": first_call, "megabytes": peak_megabytes()}


def _warm(mode: str, rounds: int) -> dict[str, float]:
    from statistics import median

    subjects = {name: make(mode) for name, make in SUBJECTS.items()}
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, subject in subjects.items():
            before = time.perf_counter()
            subject()
            times[name].append((time.perf_counter() - before) * 1000)
    settled = rounds // 10
    return {name: median(taken[settled:]) for name, taken in times.items()}


def peak_megabytes() -> float:
    """Of this program alone: on Linux `ru_maxrss` remembers the parent's size from before `exec`."""
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib would be measured too
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def _main(kind: str, *arguments: str) -> None:
    import json

    measured = _cold(*arguments) if kind == "cold" else _warm(arguments[0], int(arguments[1]))
    print(json.dumps(measured), file=sys.stderr)


if __name__ == "__main__":
    _main(*sys.argv[1:])
