"""`python -m bench.evaluation_scale`: a large run through the summary, and what its answers would cost and take."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from arbiter.evaluation import records
from arbiter.evaluation.summary import summarise
from bench.sample import peak_megabytes
from bench.synthetic_judges import Judges

ARMS = {"base": 5.0, "rag": 6.0, "fine_tuned": 6.0, "combined": 6.5}
JUDGES = ("judge-1", "judge-2")
TAGS = 8
SIZES = (1_000, 10_000)
MEMORY_LIMIT_MB = 512
LINEARITY_LIMIT = 1.3
"""How much longer a case may take in the larger run than in the smaller one."""
ANSWER, REASON = "An answer of usual length, in a few sentences. " * 20, "A reason of usual length. " * 12

Record = dict[str, Any]


def plan(cases: int) -> Record:
    """`run.json` of a synthetic run."""
    arms = [{"name": mode, "mode": mode, "model": None, "prompting": None} for mode in ARMS]
    return {"run": f"scale-{cases}", "arms": arms, "judges": list(JUDGES), "repeat": 1, "cases": cases}


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


def parsed(made: Iterator[Record]) -> Iterator[Record]:
    """As they come out of the bucket: parsed from JSON."""
    return (json.loads(json.dumps(record)) for record in made)


def one(cases: int) -> None:
    """Summarise one run in this process, and print what it took."""
    tags = {f"case-{case:05d}": (f"tag-{case % TAGS}",) for case in range(cases)}
    started = time.process_time()
    given = [records.answer(record) for record in parsed(answers(cases))]
    judged = [records.verdicts(record) for record in parsed(verdicts(cases))]
    read = time.process_time()
    summary = summarise(plan(cases), tags, given, judged)
    took = {"read": read - started, "summarise": time.process_time() - read, "megabytes": peak_megabytes()}
    print(json.dumps({**took, "complete": summary["complete"]}))


def measured(cases: int) -> dict[str, float]:
    """`one` in a process of its own."""
    command = [sys.executable, "-m", "bench.evaluation_scale", "--one", str(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(rows: dict[int, dict[str, float]]) -> str:
    """The measurements for people."""
    lines = [f"{'cases':>8} {'records':>9} {'reading':>9} {'summary':>9} {'a case':>9} {'peak':>8}"]
    for cases, row in rows.items():
        seconds = row["read"] + row["summarise"]
        lines.append(
            f"{cases:8,} {2 * len(ARMS) * cases:9,} {row['read']:7.1f} s {row['summarise']:7.1f} s"
            f" {seconds / cases * 1000:6.2f} ms {row['megabytes']:5.0f} MB"
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
    """Print the table; fails above the limits of memory and linearity."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluation_scale", description=__doc__)
    parser.add_argument("--one", type=int, metavar="CASES", help="summarise one run in this process")
    parser.add_argument("--summary", type=Path, help="summary.json of a run whose unit costs are projected")
    parser.add_argument("--concurrency", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one)
        return 0
    rows = {cases: measured(cases) for cases in SIZES}
    print(table(rows))
    if arguments.summary:
        print(projected(json.loads(arguments.summary.read_text()), arguments.concurrency))
    each = [(row["read"] + row["summarise"]) / cases for cases, row in rows.items()]
    return int(rows[SIZES[-1]]["megabytes"] > MEMORY_LIMIT_MB or each[-1] > LINEARITY_LIMIT * each[0])


if __name__ == "__main__":
    sys.exit(main())
