"""Recomputes every number of an evaluation's summary.json from its records alone; uses nothing of Arbiter.

`python -m tests.independent.recompute_evaluation FOLDER` reads a folder that holds run.json, cases.jsonl, answers/,
verdicts/, pairs/ and native/; `s3://BUCKET/evaluations/RUN` reads the same from a bucket, at AWS_ENDPOINT_URL if that
is set.
Prints what differs; the exit code is 1 if anything does.
"""

import itertools
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.independent.differing import differences
from tests.independent.formulas import by_document, comparisons, interval, judge_pair
from tests.independent.native import native
from tests.independent.planned_models import base_model, confounded, priced_as, tuned
from tests.independent.run_files import Run, read

Json = dict[str, Any]
CRITERIA = ("accuracy", "completeness", "relevance", "clarity", "faithfulness")
GROUNDED = ("rag", "combined")


def arm_row(run: Run, arm: Json) -> Json:
    """One arm."""
    name = arm["name"]
    own = [run.answers[name, case["id"]] for case in run.cases if (name, case["id"]) in run.answers]
    given = [one["response"] for one in own if "response" in one]
    cited = [
        any(("/" + c["uri"]).endswith("/" + one["case"]["document"]) for c in one["response"]["citations"])
        for one in own
        if "response" in one and one["case"].get("document") and one["response"]["mode"] in GROUNDED
    ]
    costs = [response["cost_usd"] for response in given]
    lost = [one.get("failed_usd", 0.0) for one in own]
    total = None if None in costs + lost else float(np.sum(costs + lost))
    each = None if None in costs or not given else float(np.sum(costs)) / len(given)
    usage = [response.get("usage") or {} for response in given]
    tokens = {kind: [one.get(f"{kind}_tokens", 0) for one in usage] for kind in ("input", "output")}
    scores, reasons = run.scores(name), Json()
    for one in own:
        if "error" in one:
            told(reasons, one["error"])
    return {
        **{field: arm.get(field) for field in ("name", "mode", "model", "prompting", "retrieval", "knowledge_base")},
        "base_model": base_model(run.plan, arm),
        "tuned_run": (tuned(run.plan, arm) or {}).get("run"),
        "cases": len(run.cases),
        "answered": sum("do not know" not in response["answer"].lower() for response in given),
        "abstained": sum("do not know" in response["answer"].lower() for response in given),
        "failed": dict(Counter(one["error"]["code"] for one in own if "error" in one)),
        "reasons": reasons,
        "missing": len(run.cases) - len(own),
        "unjudged": len(given) - len(scores),
        "degraded": sum(bool(response["degraded"]) for response in given),
        "throttles": sum(one["throttles"] for one in own),
        "failed_usd": None if None in lost else float(np.sum(lost)),
        "unsettled": sum(one.get("unsettled", int("error" in one)) for one in own),
        "leaked": sum(one.get("leaked") is True for one in own if "response" in one),
        "in_batch": sum(one.get("asked") == "batch" for one in own if "response" in one),
        "quality": quality(run, name, scores) if scores else None,
        "latency_ms": latencies(given, arm["mode"], tokens["output"]),
        "tokens": {
            **{kind: sum(values) for kind, values in tokens.items()},
            **{f"mean_{kind}": float(np.mean(values)) if values else None for kind, values in tokens.items()},
        },
        "cost": {"total_usd": total, "per_answer_usd": each, "per_1000_usd": None if each is None else 1000 * each},
        "citations": {
            "citable": len(cited),
            "cited": sum(cited),
            "share": float(np.mean(cited)) if cited else None,
        },
        "priced_as": priced_as(run.plan, arm),
        "score_given_length": given_length(run)[name],
    }


def quality(run: Run, arm: str, scores: Mapping[str, float]) -> Json:
    """How good the answers are."""
    values = np.array(list(scores.values()))
    rounded = np.floor(values + 0.5)
    criteria: Json = {}
    for name in CRITERIA:
        means = []
        for case in scores:
            judged = run.by_judge[arm, case].values()
            own = [[v["scores"][name] for v in vs if v["scores"].get(name) is not None] for vs in judged]
            if kept := [np.mean(one) for one in own if one]:
                means.append(np.mean(kept))
        criteria[name] = float(np.mean(means)) if means else None
    bounds = {"0-3": (0, 3), "4-6": (4, 6), "7-8": (7, 8), "9-10": (9, 10)}
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "median": float(np.median(values)),
        "interval": interval(by_document(scores, run.documents)[0], f"{run.plan['run']}/{arm}", 0.0),
        "bands": {band: float(np.mean((rounded >= lo) & (rounded <= hi))) for band, (lo, hi) in bounds.items()},
        "criteria": criteria,
    }


def latencies(given: Sequence[Json], mode: str, tokens: Sequence[int]) -> Json:
    """Milliseconds."""

    def spread(values: Sequence[float]) -> Json | None:
        if not values:
            return None
        return {"mean": np.mean(values), "median": np.median(values), "p95": np.percentile(values, 95)}

    part = {name: [one["latency_ms"][name] for one in given] for name in ("retrieve", "generate", "total")}
    each = [spent / n for spent, n in zip(part["generate"], tokens, strict=True) if n and spent is not None]
    part["retrieve"] = part["retrieve"] if mode in GROUNDED else []
    part = {name: [value for value in values if value is not None] for name, values in part.items()}
    return {name: spread(values) for name, values in part.items()} | {"per_output_token": spread(each)}


def given_length(run: Run) -> dict[str, float | None]:
    """Least squares with a column an arm and one for the logarithm of the tokens, read at the mean logarithm."""
    rows, values = [], []
    for index, arm in enumerate(run.arms):
        for case, score in run.scores(arm).items():
            tokens = (run.answers[arm, case]["response"].get("usage") or {}).get("output_tokens", 0)
            if tokens:
                rows.append([float(index == other) for other in range(len(run.arms))] + [math.log(tokens)])
                values.append(score)
    if not rows:
        return dict.fromkeys(run.arms)
    design = np.array(rows)
    present = design[:, :-1].sum(0) > 0
    within = design[:, -1] - design[:, :-1] @ (design[:, :-1].T @ design[:, -1] / np.maximum(1, design[:, :-1].sum(0)))
    if (within**2).sum() <= 1e-12:
        return dict.fromkeys(run.arms)
    fitted = np.linalg.lstsq(design, np.array(values), rcond=None)[0]
    at = fitted[-1] * design[:, -1].mean()
    return {arm: float(fitted[i] + at) if present[i] else None for i, arm in enumerate(run.arms)}


def agreement(run: Run) -> Json:
    """The judges."""
    own: dict[str, dict[Any, float]] = {judge: {} for judge in run.judges}
    for cell, by_judge in run.by_judge.items():
        for judge, verdicts in by_judge.items():
            own[judge][cell] = float(np.mean([v["score"] for v in verdicts]))
    common = set.intersection(*map(set, own.values())) if own else set()
    means = {judge: float(np.mean([own[judge][cell] for cell in common])) for judge in run.judges} if common else {}
    failures: Json = {judge: Counter() for judge in run.judges}
    reasons: Json = {judge: {} for judge in run.judges}
    order = {case["id"]: index for index, case in enumerate(run.cases)}
    cells = [v for cell in sorted(run.verdicts, key=lambda c: (c[0], order[c[1]])) for v in run.verdicts[cell]]
    pairs = sorted(run.pairs, key=lambda pair: (pair["a"], pair["b"], order.get(pair["case_id"], 0)))
    for one in cells + [verdict for pair in pairs for verdict in pair["verdicts"]]:
        if "failure" in one:
            failures[one["judge"]][one["failure"]["code"]] += 1
            told(reasons[one["judge"]], one["failure"])
    return {
        "pairs": [judge_pair(a, b, own) for a, b in itertools.combinations(run.judges, 2)],
        "severity": [
            {"judge": judge, "n": len(common), "mean": mean, "offset": mean - float(np.mean(list(means.values())))}
            for judge, mean in means.items()
        ],
        "noise": [noise(run, judge) for judge in run.judges],
        "failures": {judge: dict(codes) for judge, codes in failures.items()},
        "reasons": reasons,
    }


def told(reasons: Json, failure: Json) -> None:
    """Keep the first message of a code, on one line and of 400 characters at most."""
    if failure.get("message"):
        reasons.setdefault(failure["code"], " ".join(failure["message"].split())[:400])


def noise(run: Run, judge: str) -> Json:
    """One judge against itself."""
    repeated = [[v["score"] for v in by[judge]] for by in run.by_judge.values() if judge in by]
    freedom = sum(len(scores) - 1 for scores in repeated)
    squares = sum(float(np.var(scores)) * len(scores) for scores in repeated)
    deviation = math.sqrt(squares / freedom) if freedom else None
    return {"judge": judge, "repeats": max(map(len, repeated), default=0), "sd": deviation}


def pairwise(run: Run) -> list[Json]:
    """A win counts when it is one in both orders."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pair in run.pairs:
        found[pair["a"], pair["b"]] += Counter()
        for judge in run.judges:
            valid = {v["order"]: v["winner"] for v in pair["verdicts"] if v["judge"] == judge and "winner" in v}
            if len(valid) == 2:
                first, second = valid.values()
                found[pair["a"], pair["b"]][first if first == second else "inconsistent"] += 1
    return [
        {
            "a": a,
            "b": b,
            "n": counts.total(),
            "a_wins": counts["a"],
            "b_wins": counts["b"],
            "ties": counts["tie"],
            "inconsistent": counts["inconsistent"],
        }
        for (a, b), counts in sorted(found.items(), key=lambda item: [run.arms.index(arm) for arm in item[0]])
    ]


def tags(run: Run) -> list[Json]:
    """By tag: at most the fifty most frequent."""
    found: dict[str, set[str]] = defaultdict(set)
    for case in run.cases:
        for tag in case.get("tags", ()):
            found[tag].add(case["id"])
    most = sorted(found, key=lambda tag: (-len(found[tag]), tag))[:50]
    seeds = {f"{run.plan['run']}/{tag}": tag for tag in sorted(most)}
    parts = {
        seed: {arm: {c: s for c, s in run.scores(arm).items() if c in found[tag]} for arm in run.arms}
        for seed, tag in seeds.items()
    }
    compared = comparisons(parts, run.documents, with_base=len(run.arms) > 6, confounded=confounded(run.plan))
    rows = []
    for seed, tag in seeds.items():
        arms = {
            arm: {
                "n": len(scores),
                "mean": float(np.mean(list(scores.values()))) if scores else None,
                "interval": interval(by_document(scores, run.documents)[0], f"{seed}/{arm}", 0.0),
            }
            for arm, scores in parts[seed].items()
        }
        rows.append({"tag": tag, "cases": len(found[tag]), "arms": arms, "comparisons": compared[seed]})
    return rows


def spending(run: Run, rows: Sequence[Json]) -> Json:
    """US dollars; one unknown price makes a sum unknown."""
    judged = [v for cell in run.verdicts.values() for v in cell if v["judge"] in run.judges]
    judged += [v for pair in run.pairs for v in pair["verdicts"]]
    costs = [one.get("cost_usd", 0.0 if "failure" in one else None) for one in judged]
    answers = [row["cost"]["total_usd"] for row in rows]
    parts = [None if None in known else float(np.sum(known)) for known in (answers, costs)]
    total = None if None in parts else float(np.sum(parts))
    estimate = (run.plan.get("estimate") or {}).get("usd")
    return {"answers_usd": parts[0], "judging_usd": parts[1], "total_usd": total, "estimate_usd": estimate}


def leakage(run: Run) -> Json:
    """Questions that a model may have seen before."""
    shown = {case for (_, case), one in run.answers.items() if one.get("leaked") is True and "response" in one}
    return {"training": run.plan.get("trained_on", {}), "documents": len(shown)}


def recompute(files: Mapping[str, bytes]) -> Json:
    """The summary, without its sentences."""
    run = Run(files)
    rows = [arm_row(run, arm) for arm in run.plan["arms"]]
    return {
        "run": run.plan["run"],
        "local": run.plan.get("local", False),
        "cases": len(run.cases),
        "clusters": len({run.documents[case["id"]] for case in run.cases}),
        "judges": run.judges,
        "arms": rows,
        "comparisons": comparisons(
            {run.plan["run"]: {arm: run.scores(arm) for arm in run.arms}},
            run.documents,
            confounded=confounded(run.plan),
        )[run.plan["run"]],
        "judges_agreement": agreement(run),
        "pairwise": pairwise(run),
        "tags": tags(run),
        "cost": spending(run, rows),
        "leakage": leakage(run),
        **native(run, files),
        "complete": all(row["answered"] + row["abstained"] == row["cases"] and not row["unjudged"] for row in rows),
    }


def main(source: str) -> int:
    """Compare, print what differs."""
    files = read(source)
    summary = json.loads(files["summary.json"])
    found = list(differences(summary, recompute(files)))
    for line in found:
        print(line)  # noqa: T201
    print(f"{source}: {len(found)} differences")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
