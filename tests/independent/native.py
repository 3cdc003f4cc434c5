"""What the records of Bedrock's own evaluation jobs add up to."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.independent.formulas import interval
from tests.independent.run_files import Run

Json = dict[str, Any]


def native(run: Run, files: Mapping[str, bytes]) -> Json:
    """The member `native` of a summary; none where there was no job."""
    kept = [json.loads(text) for path, text in files.items() if path.startswith("native/")]
    by_place = {(record["judge"], record["arm"]): record for record in kept}
    places = [(judge, arm) for judge in run.judges for arm in run.arms if (judge, arm) in by_place]
    rows = [_row(run.plan["run"], by_place[place]) for place in places]
    return {"native": rows} if rows else {}


def _row(run: str, record: Json) -> Json:
    scores, failure = [one["score"] for one in record["scores"]], record["failure"]
    return {
        **{name: record[name] for name in ("judge", "arm", "status", "left_out")},
        "cases": len(record["case_ids"]),
        "n": len(scores),
        "mean": float(np.mean(scores)) if scores else None,
        "interval": interval(scores, f"{run}/native/{record['judge']}/{record['arm']}", 0.0),
        "unscored": dict(Counter(one["code"] for one in record["unscored"])),
        "failure": f"{failure['code']}: {failure['message']}" if failure else None,
    }
