"""A small evaluation run with everything that happens to runs: failures, gaps, repeats, unknown prices, pairs."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench.synthetic_judges import Judges
from bench.synthetic_plan import document

RUN = "synthetic"
QUALITIES = {"base": 5.0, "rag": 6.5, "fine_tuned": 6.4, "combined": 7.5}
JUDGES = ("judge.one", "judge.two")
TAGS = ("facts", "howto", "policy", "chat")
REPEATS = 2
CASES = 64

Record = dict[str, Any]


def plan(**fields: Any) -> Record:
    """`run.json`."""
    arms = [{"name": name, "mode": name, "model": None, "prompting": "zero_shot"} for name in QUALITIES]
    return document(RUN, arms, JUDGES, pairwise=True, repeat=REPEATS, cases=CASES, estimate={"usd": 3.5}, **fields)


def cases() -> list[Record]:
    """Some without a tag, some with two."""
    made = []
    for number in range(CASES):
        tags = [TAGS[number % len(TAGS)]] * (number % 9 != 0) + ["hard"] * (number % 7 == 0)
        case = {"id": f"case-{number:04d}", "question": f"What is {number}?", "tags": tags}
        made.append({**case, "document": f"guides/{number % 5}.md"} if number % 3 else case)
    return made


def answers() -> Iterator[Record]:
    """Every seventeenth answer fails, one is missing, and the tuned model's price is unknown."""
    random = Random(1)
    for number, case in enumerate(cases()):
        for index, arm in enumerate(QUALITIES):
            tokens, milliseconds = random.randint(30, 260), random.uniform(200, 1500)
            record = {"run": RUN, "case": case, "arm": arm, "attempts": 1, "throttles": number % 5 == 0}
            if (number, arm) == (11, "rag"):
                continue
            if (number + index) % 17 == 3:
                code = "throttled" if number % 2 else "invocation_failed"
                lost = {"failed_usd": 0.0002, "unsettled": number % 2}
                yield {**record, **lost, "error": {"code": code, "message": "…", "retryable": True}}
                continue
            yield {**record, "response": _response(arm, number, tokens, milliseconds, random)}


def _response(arm: str, number: int, tokens: int, milliseconds: float, random: Random) -> Record:
    grounded = arm in ("rag", "combined")
    retrieve = random.uniform(40, 200) if grounded else 0.0
    uri = f"s3://documents/en/guides/{number % 5 if number % 4 else 9}.md"
    return {
        "answer": "…",
        "mode": arm,
        "usage": {"input_tokens": random.randint(100, 2000), "output_tokens": tokens, "cached_tokens": 0},
        "latency_ms": {"route": 0.1, "retrieve": retrieve, "generate": milliseconds, "total": retrieve + milliseconds},
        "cost_usd": None if arm == "fine_tuned" and number == 5 else round(random.uniform(1e-5, 1e-3), 9),
        "citations": [{"text": "…", "uri": uri, "score": 0.6}] if grounded else [],
        "degraded": ["no reranking"] if number % 19 == 0 else [],
    }


def verdicts() -> Iterator[Record]:
    """Judges of different severity; some verdicts fail, some answers were never judged."""
    random, judges = Random(2), Judges(judges=1)
    given = {(record["case"]["id"], record["arm"]) for record in answers() if "response" in record}
    for number, case in enumerate(cases()):
        ease = random.gauss(0, 1.5)
        for arm, quality in QUALITIES.items():
            truth = quality + ease + random.gauss(0, 1)
            judged = [
                _verdict(judge, repeat, int(judges.score(truth - index, random)), arm, number)
                for index, judge in enumerate(JUDGES)
                for repeat in range(REPEATS)
            ]
            if (case["id"], arm) in given and number != 20:
                yield {"run": RUN, "case_id": case["id"], "arm": arm, "verdicts": judged}


def _verdict(judge: str, repeat: int, score: int, arm: str, number: int) -> Record:
    if judge == "judge.two" and number % 13 == 4 and (repeat or number == 17):
        failure = {"code": "unparseable" if repeat else "throttled", "message": "…"}
        return {"judge": judge, "repeat": repeat, "failure": failure}
    criteria = dict.fromkeys(("accuracy", "completeness", "relevance"), score) | {"clarity": min(10, score + 1)}
    faithfulness = score if arm in ("rag", "combined") else None
    scores = {**criteria, "faithfulness": faithfulness}
    return {"judge": judge, "repeat": repeat, "reason": "…", "scores": scores, "score": score, "cost_usd": 0.0004}


def pairs() -> Iterator[Record]:
    """Choices between base and rag: the second judge follows the order on every fifth case, and fails on one."""
    for number, case in enumerate(cases()):
        choices: list[Record] = []
        for judge in JUDGES:
            for order in ("ab", "ba"):
                winner = ("a", "b", "b", "tie")[number % 4]
                if judge == "judge.two" and number % 5 == 0:
                    winner = order[0]
                choices.append({"judge": judge, "order": order, "winner": winner, "reason": "…", "cost_usd": 0.0003})
        if number == 8:
            choices[3] = {"judge": "judge.two", "order": "ba", "failure": {"code": "refused", "message": "…"}}
        yield {"run": RUN, "case_id": case["id"], "a": "base", "b": "rag", "verdicts": choices}


def objects() -> dict[str, bytes]:
    """The run as it lies in the results bucket, by key."""
    folder = f"evaluations/{RUN}"
    found: dict[str, Any] = {f"{folder}/run.json": plan()}
    found |= {f"{folder}/answers/{one['case']['id']}/{one['arm']}.json": one for one in answers()}
    found |= {f"{folder}/verdicts/{one['case_id']}/{one['arm']}.json": one for one in verdicts()}
    found |= {f"{folder}/pairs/{one['case_id']}/{one['a']}--{one['b']}.json": one for one in pairs()}
    lines = "".join(json.dumps(case) + "\n" for case in cases())
    return {f"{folder}/cases.jsonl": lines.encode()} | {key: json.dumps(one).encode() for key, one in found.items()}


def write(folder: Path) -> None:
    """The run as files, with the bucket's keys as paths."""
    for key, content in objects().items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
