"""The sums of the records of Bedrock's own evaluation jobs."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy

from tests.independent.formulas import interval
from tests.independent.run_files import Run

Json = dict[str, Any]


def native(run: Run, files: Mapping[str, bytes]) -> Json:
    """The member `native` of a summary; none where there was no job."""
    kept = [json.loads(text) for path, text in files.items() if path.startswith("native/")]
    by_place = {(record["judge"], record["arm"]): record for record in kept}
    places = [(judge, arm) for judge in run.judges for arm in run.arms if (judge, arm) in by_place]
    rows = [_row(run, by_place[index]) for index in places]
    return {"native": rows} if rows else {}


def _row(run: Run, record: Json) -> Json:
    scores, failure = [one["score"] for one in record["scores"]], record["failure"]
    seed = f"{run.plan['run']}/native/{record['judge']}/{record['arm']}"
    return {
        **{name: record[name] for name in ("judge", "arm", "status", "left_out")},
        "cases": len(record["case_ids"]),
        "n": len(scores),
        "mean": float(np.mean(scores)) if scores else None,
        "interval": interval(scores, seed, 0.0),
        "ours": _ours(run, record, f"{seed}/ours"),
        "unscored": dict(Counter(one["code"] for one in record["unscored"])),
        "failure": f"{failure['code']}: {failure['message']}" if failure else None,
    }


def _ours(run: Run, record: Json, seed: str) -> Json:
    """The judge's own verdicts on the answers that the job scored."""
    pairs = []
    for one in record["scores"]:
        verdicts = run.by_judge.get((record["arm"], one["case_id"]), {}).get(record["judge"])
        if verdicts:
            pairs.append((one["score"], float(np.mean([verdict["score"] for verdict in verdicts]))))
    theirs, own = [a for a, _ in pairs], [b for _, b in pairs]
    differences = [a - b for a, b in pairs]
    varied = len(pairs) >= 20 and len(set(theirs)) > 1 and len(set(own)) > 1
    return {
        "n": len(pairs),
        "mean": float(np.mean(own)) if own else None,
        "difference": float(np.mean(differences)) if pairs else None,
        "interval": interval(differences, seed, -10.0),
        "spearman": float(scipy.stats.spearmanr(theirs, own).statistic) if varied else None,
    }
