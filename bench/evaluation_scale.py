"""`python -m bench.evaluation_scale`: a large run through the summary, and what its answers would cost and take."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from threading import Lock
from types import SimpleNamespace
from typing import Any

from arbiter.evaluation.numbers.condensed import condense, condensed_key, dump
from arbiter.evaluation.numbers.reading import READERS, Reading
from arbiter.evaluation.run.batches import batch_size
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.summary import summarise
from bench import object_reads
from bench.object_reads import LATENCY_SECONDS, Cost
from bench.sample import peak_megabytes
from bench.synthetic_judges import Judges
from bench.synthetic_plan import document

ARMS = {"base": 5.0, "rag": 6.0, "fine_tuned": 6.0, "combined": 6.5}
JUDGES = ("judge-1", "judge-2")
TAGS = 8
SIZES = (1_000, 10_000, 100_000)
SECONDS_LIMIT = 600
"""Of the 900 that the summarising function has."""
START = "start"
MEMORY_LIMITS_MB = {10_000: 512, 100_000: 640}
"""Of the 1,769 that the function is given for their processor."""
LINEARITY_LIMIT = 1.3
"""How much longer a case may take in the larger run than in the smaller one."""
ANSWER, REASON = "An answer of usual length, in a few sentences. " * 20, "A reason of usual length. " * 12

Record = dict[str, Any]


def plan(cases: int) -> Plan:
    """The plan of a synthetic run."""
    return Plan.load(document(f"scale-{cases}", list(ARMS), JUDGES, cases=cases))


def answers(cases: int) -> Iterator[Record]:
    """Answer records as the pipeline writes them, texts included."""
    random = Random(1)
    for case in range(cases):
        question = {"id": f"case-{case:05d}", "question": "How?" * 30, "document": "guides/one.md"}
        for mode in ARMS:
            tokens, milliseconds = random.randint(40, 300), random.gauss(900, 200)
            response = {
                "answer": ANSWER,
                "mode": mode,
                "usage": {"input_tokens": 1200, "output_tokens": tokens, "cached_tokens": 0},
                "latency_ms": {"route": 0.0, "retrieve": 150.0, "generate": milliseconds, "total": milliseconds + 160},
                "cost_usd": 0.0001,
                "citations": [{"text": ANSWER, "uri": "s3://documents/guides/one.md", "score": 0.7}] * 5,
                "degraded": [],
            }
            yield {"run": "scale", "case": question, "arm": mode, "attempts": 1, "throttles": 0, "response": response}


def verdicts(cases: int) -> Iterator[Record]:
    """Verdict records as the pipeline writes them."""
    random, judges = Random(2), Judges(judges=1)
    for case in range(cases):
        ease = random.gauss(0, judges.difficulty)
        for mode, quality in ARMS.items():
            given = quality + ease + random.gauss(0, judges.fit)
            scores = [int(judges.score(given, random)) for _ in JUDGES]
            judged = [_verdict(judge, score) for judge, score in zip(JUDGES, scores, strict=True)]
            yield {"run": "scale", "case_id": f"case-{case:05d}", "arm": mode, "verdicts": judged}


def _verdict(judge: str, score: int) -> Record:
    given = dict.fromkeys(("accuracy", "completeness", "relevance", "clarity"), score) | {"faithfulness": None}
    return {"judge": judge, "repeat": 0, "reason": REASON, "scores": given, "score": score, "cost_usd": 0.001}


class Bucket:
    """Holds the batches of a run in numbers, made when they are read."""

    def __init__(self, cases: int) -> None:
        self._size = batch_size(cases)
        self._parts = zip(_by_batch(answers(cases), self._size), _by_batch(verdicts(cases), self._size), strict=True)
        self.keys = [condensed_key("scale", offset) for offset in range(0, cases, self._size)]
        self._lock, self.making = Lock(), 0.0

    def listing(self, prefix: str = "") -> Iterator[Any]:
        return (SimpleNamespace(key=key) for key in self.keys if key.startswith(prefix))

    def read(self, key: str) -> bytes:
        with self._lock:
            began = time.thread_time()
            given, judged = next(self._parts)
            ids = list(dict.fromkeys(record["case"]["id"] for record in given))
            content = dump(condense(ids, given, judged, ()), START)
            self.making += time.thread_time() - began
        return content


def _by_batch(made: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while some := list(islice(made, size * len(ARMS))):
        yield some


def one(cases: int) -> None:
    """Summarise one run in this process, and print what it took."""
    tags = {f"case-{case:05d}": (f"tag-{case % TAGS}",) for case in range(cases)}
    bucket, started = Bucket(cases), time.process_time()
    numbers = Reading(bucket).numbers("scale", START, tags)
    read = time.process_time()
    summary = summarise(plan(cases), tags, *numbers.drained())
    took = {"summarise": time.process_time() - read, "megabytes": peak_megabytes(), "objects": len(bucket.keys)}
    print(json.dumps({**took, "read": read - started - bucket.making, "complete": summary["complete"]}))


def measured(cases: int) -> dict[str, float]:
    """`one` in a process of its own."""
    command = [sys.executable, "-m", "bench.evaluation_scale", "--one", str(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def took(row: dict[str, float], cost: Cost) -> float:
    """Seconds of the whole summary: getting the objects, parsing them, and the statistics."""
    return cost.seconds(int(row["objects"])) + row["read"] + row["summarise"]


def table(rows: dict[int, dict[str, float]], cost: Cost) -> str:
    """The measurements for people."""
    got = f"an object takes {cost.processor:.2f} ms of the processor, and {cost.elapsed:.2f} ms in all"
    headings = f"{'getting':>9} {'parsing':>9} {'summary':>9} {'a case':>9} {'peak':>8}"
    lines = [
        f"{got}, read {READERS} at a time at a latency of {LATENCY_SECONDS * 1000:.0f} ms",
        f"{'cases':>8} {'records':>9} {'each read':>10} {'objects':>9} {headings}",
    ]
    for cases, row in rows.items():
        every = 2 * len(ARMS) * cases
        lines.append(
            f"{cases:8,} {every:9,} {cost.seconds(every):8.0f} s {int(row['objects']):9,}"
            f" {cost.seconds(int(row['objects'])):7.1f} s {row['read']:7.1f} s {row['summarise']:7.1f} s"
            f" {took(row, cost) / cases * 1000:6.2f} ms {row['megabytes']:5.0f} MB"
        )
    return "\n".join(lines)


def projected(summary: Record, concurrency: int) -> str:
    """What larger runs take, in proportion to the cases, from the unit costs that a run measured."""
    cases, cost = summary["cases"], summary["cost"]
    seconds = sum(arm["latency_ms"]["total"]["mean"] for arm in summary["arms"] if arm["latency_ms"]["total"]) / 1000
    lines = [f"from {summary['run']}, {cases} cases, {concurrency} at once; answers only, without the judges' time:"]
    for larger in (cases, *SIZES):
        spent = (_dollars(cost[name], larger / cases) for name in ("answers_usd", "judging_usd"))
        hours = larger * seconds / concurrency / 3600
        lines.append(f"{larger:8,} cases: answers {', judging '.join(spent)}, {hours:.2f} h")
    return "\n".join(lines)


def _dollars(usd: float | None, factor: float) -> str:
    return "price unknown" if usd is None else f"${usd * factor:,.2f}"


def main() -> int:
    """Print the table; fails above the limits of time, memory and linearity."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluation_scale", description=__doc__)
    parser.add_argument("--one", type=int, metavar="CASES", help="summarise one run in this process")
    parser.add_argument("--summary", type=Path, help="summary.json of a run whose unit costs are projected")
    parser.add_argument("--concurrency", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one)
        return 0
    rows, cost = {cases: measured(cases) for cases in SIZES}, object_reads.measured()
    print(table(rows, cost))
    if arguments.summary:
        print(projected(json.loads(arguments.summary.read_text()), arguments.concurrency))
    largest, each = rows[SIZES[-1]], [took(row, cost) / cases for cases, row in rows.items()]
    too_much = any(rows[cases]["megabytes"] > limit for cases, limit in MEMORY_LIMITS_MB.items())
    too_much |= took(largest, cost) > SECONDS_LIMIT
    return int(too_much or any(later > LINEARITY_LIMIT * former for former, later in pairwise(each)))


if __name__ == "__main__":
    sys.exit(main())
