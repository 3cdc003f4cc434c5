"""A run that never happened, in the shapes of a real one: records of cases, answers, verdicts and A/B verdicts."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arbiter.evaluation.run.plan import Plan
from bench.synthetic_plan import document
from cli.reporting.run.records import Records

RUN = "synthetic"
TAGS = ("facts", "style", "terminology", "multi-step", "procedures")
JUDGES = ("anthropic.claude-sonnet-4-20250514-v1:0", "meta.llama3-3-70b-instruct-v1:0")
MODES = {"base": 4.8, "rag": 6.4, "fine_tuned": 6.3, "combined": 7.7}
GROUNDED = ("rag", "combined")
SHORT = ("fine_tuned", "combined")
MODEL = "amazon.nova-lite-v1:0"
TUNED = f"{MODEL}:300k"
CRITERIA = ("accuracy", "completeness", "relevance", "clarity")
SEVERITY = (0.0, -0.7, 0.4, -0.2)
NOUNS = ("tent", "stove", "transceiver", "harness", "sleeping bag", "headlamp", "rope", "pack")
PROSE = "the valve holds at ten bar and the strap is sewn twice so that it carries a load of eighty kilograms"
WORDS = PROSE.split()


@dataclass(frozen=True)
class Synthetic:
    """One made-up run: its plan and its records."""

    plan: Plan
    records: Records


def make(
    cases: int = 60,
    *,
    modes: Sequence[str] = tuple(MODES),
    judges: Sequence[str] = JUDGES,
    seed: int = 7,
    priced: bool = True,
    repeat: int = 1,
    pairwise: bool = True,
    failures: bool = True,
    text: str | None = None,
    name: str = RUN,
    lift: float = 0.0,
    local: bool = False,
) -> Synthetic:
    """A run of so many cases; `text` replaces everything that a model or a person wrote."""
    source = random.Random(seed)
    questions = [_case(index, source, text) for index in range(cases)]
    answers, verdicts, pairs = [], [], []
    for case in questions:
        truth = source.gauss(0, 1.4)
        for mode in modes:
            record = _answer(name, case, mode, source, priced, failures, text)
            answers.append(record)
            if "response" in record:
                level = MODES[mode] + truth + lift * (mode != "base")
                verdicts.append(_verdicts(name, case, mode, judges, repeat, level, source, failures, text))
        if pairwise and len(modes) > 1:
            pairs.append(_pair(name, case, modes[0], modes[-1], judges, source, text))
    plan = _plan(name, modes, judges, repeat, pairwise, cases, priced, local)
    return Synthetic(plan, Records(tuple(questions), tuple(answers), tuple(verdicts), tuple(pairs)))


def _plan(
    name: str,
    modes: Sequence[str],
    judges: Sequence[str],
    repeat: int,
    pairwise: bool,
    cases: int,
    priced: bool,
    local: bool,
) -> Plan:
    answers = cases * len(modes)
    estimate = {"answers": answers, "verdicts": answers * len(judges) * repeat, "input_tokens": answers * 900}
    estimate |= {"output_tokens": answers * 120, "usd": 0.42 if priced else None, "ceiling_usd": 10.0}
    return Plan.load(
        document(
            name,
            modes,
            judges,
            base_model=MODEL,
            tuned={"in_service": {"model": "d", "custom_model": "m", "base_model": TUNED, "run": "tuned-1"}},
            local=local,
            pairwise=pairwise,
            repeat=repeat,
            cases=cases,
            started_by="arn:aws:sts::123456789012:assumed-role/Owner/ada",
            estimate={**estimate, "unknown_prices": [] if priced else [MODEL]},
            prices={MODEL: {"input_per_1k": 0.00006, "output_per_1k": 0.00024}} if priced else {},
        )
    )


def _case(index: int, source: random.Random, text: str | None) -> dict[str, Any]:
    noun = NOUNS[index % len(NOUNS)]
    tag = TAGS[index % len(TAGS)]
    return {
        "id": f"case-{index + 1:04d}",
        "question": text or f"Question {index + 1}: how is the {noun} kept, and what does it stand ({tag})?",
        "reference": text or f"The {noun} is kept dry and stands {source.randint(20, 90)} kilograms.",
        "tags": [text or tag],
        "document": f"guides/{noun.replace(' ', '-')}.md",
    }


def _prose(source: random.Random, words: int, text: str | None) -> str:
    return text or " ".join(source.choice(WORDS) for _ in range(words)).capitalize() + "."


def _answer(
    run: str,
    case: Mapping[str, Any],
    mode: str,
    source: random.Random,
    priced: bool,
    failures: bool,
    text: str | None,
) -> dict[str, Any]:
    record: dict[str, Any] = {"run": run, "case": dict(case), "arm": mode, "attempts": 1, "throttles": 0}
    if failures and source.random() < 0.03:
        error = {"code": "throttled", "message": text or "Bedrock asks to slow down.", "retryable": True}
        return record | {"attempts": 4, "throttles": 3, "error": error}
    grounded, out = mode in GROUNDED, source.randint(30, 60) if mode in SHORT else source.randint(110, 210)
    retrieve = source.gauss(180, 25) if grounded else 0.0
    generate = 220 + out * source.gauss(8.5, 0.6) + (140 if grounded else 0)
    usage = {"input_tokens": source.randint(900, 1500) if grounded else source.randint(70, 110), "output_tokens": out}
    cost = usage["input_tokens"] * 6e-8 + out * 2.4e-7
    citations = [
        {"text": _prose(source, 60, text), "uri": f"s3://documents/{case['document']}", "score": 0.81 - 0.1 * index}
        for index in range(3 if grounded else 0)
    ]
    degraded = [text or "retrieval failed once"] if failures and grounded and source.random() < 0.03 else []
    latency = {"route": 0.4, "retrieve": round(retrieve, 3), "generate": round(generate, 3)}
    response = {
        "answer": _prose(source, out // 2, text),
        "mode": mode,
        "requested_mode": mode,
        "citations": citations,
        "model": MODEL,
        "usage": usage | {"cached_tokens": 0},
        "latency_ms": latency | {"total": round(sum(latency.values()), 3)},
        "cost_usd": round(cost, 9) if priced else None,
        "degraded": degraded,
        "stop_reason": "end_turn",
    }
    return record | {"response": response}


def _verdicts(
    run: str,
    case: Mapping[str, Any],
    mode: str,
    judges: Sequence[str],
    repeat: int,
    level: float,
    source: random.Random,
    failures: bool,
    text: str | None,
) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for index, judge in enumerate(judges):
        for turn in range(repeat):
            verdict: dict[str, Any] = {"judge": judge, "repeat": turn}
            if failures and source.random() < 0.015:
                found.append(verdict | {"failure": {"code": "unparseable", "message": text or "No JSON in the reply."}})
                continue
            scores = {name: _whole(level + source.gauss(0, 1) + SEVERITY[index % 4]) for name in CRITERIA}
            score = _whole(level + source.gauss(0, 0.8) + SEVERITY[index % 4])
            faithful = _whole(8 + source.gauss(0, 1)) if mode in GROUNDED else None
            verdict |= {"reason": _prose(source, 18, text), "scores": {**scores, "faithfulness": faithful}}
            found.append(verdict | {"score": score, "repaired": False, "usage": {}, "cost_usd": 0.0004, "throttles": 0})
    return {"run": run, "case_id": case["id"], "arm": mode, "verdicts": found}


def _whole(value: float) -> int:
    return min(10, max(0, math.floor(value + 0.5)))


def _pair(
    run: str,
    case: Mapping[str, Any],
    a: str,
    b: str,
    judges: Sequence[str],
    source: random.Random,
    text: str | None,
) -> dict[str, Any]:
    verdicts = [
        {
            "judge": judge,
            "order": order,
            "winner": source.choice("abbbt").replace("t", "tie"),
            "reason": text or "Fuller.",
        }
        for judge in judges
        for order in ("ab", "ba")
    ]
    return {"run": run, "case_id": case["id"], "a": a, "b": b, "verdicts": verdicts}
