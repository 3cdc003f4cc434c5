"""The scores of native jobs stand beside those of the same judges asked by Arbiter."""

import json

from arbiter.evaluation.native.bedrock import JobStatus
from arbiter.evaluation.numbers.extraction import answer, verdicts
from arbiter.evaluation.run.keys import verdict_key
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.native import native_job
from arbiter.evaluation.summary.summary import summarise
from tests.independent.differing import differences
from tests.independent.native import native as recomputed
from tests.independent.run_files import Run
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES
from tests.unit.arbiter.evaluation.native.fakes import begun, leave_results, records


def test_the_summary_has_native_scores_only_where_there_are_jobs() -> None:
    jobs, bedrock, bucket, _ = begun()
    bedrock.said = {JUDGES[0]: JobStatus("Failed", ("no access",))}
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {"a": 1.0, "b": 0.6})
    jobs.follow("r", "first")
    plan = Plan.load(bucket.record("evaluations/r/run.json"))
    kept = list(map(native_job, records(bucket).values()))

    assert "native" not in summarise(plan, {}, ())
    rows = summarise(plan, {}, (), native=kept)["native"]
    assert [(row["judge"], row["arm"]) for row in rows] == [(j, a) for j in JUDGES for a in ("base", "rag")]
    assert [row["mean"] for row in rows] == [None, None, 8.0, 8.0]
    assert [row["failure"] for row in rows] == ["failed: no access"] * 2 + [None] * 2
    assert [row["n"] for row in rows] == [0, 0, 2, 2]


def test_native_rows_are_what_an_independent_count_of_the_records_says() -> None:
    cases = [{"id": f"c{number}", "question": f"{number}?", "reference": "r"} for number in range(24)]
    jobs, bedrock, bucket, _ = begun(cases)
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {f"c{n}": None if n == 3 else n % 6 / 5 for n in range(24)})
    jobs.follow("r", "first")
    for number, score in enumerate([2, 3, 4, 5, 6, 7] * 3 + [2, 3, 4, 5]):
        judged = [{"judge": judge, "repeat": 0, "scores": {}, "score": score + n} for n, judge in enumerate(JUDGES)]
        key = verdict_key("r", f"c{number}", "rag")
        bucket.contents[key] = json.dumps({"case_id": f"c{number}", "arm": "rag", "verdicts": judged}).encode()
    files = {key.removeprefix("evaluations/r/"): body for key, body in bucket.contents.items()}
    read = {kind: [json.loads(body) for key, body in files.items() if key.startswith(f"{kind}/")]
            for kind in ("answers", "verdicts", "native")}  # fmt: skip
    rows = summarise(
        Plan.load(bucket.record("evaluations/r/run.json")),
        {case["id"]: () for case in cases},
        map(answer, read["answers"]),
        map(verdicts, read["verdicts"]),
        native=map(native_job, read["native"]),
    )["native"]

    ours = recomputed(Run(files), files)
    assert list(differences({"native": rows}, ours)) == []
    told = {(row["judge"], row["arm"]): row["ours"] for row in rows}
    assert told[JUDGES[1], "base"] == {"n": 0, "mean": None, "difference": None, "interval": None, "spearman": None}
    assert (told[JUDGES[0], "rag"]["n"], told[JUDGES[0], "rag"]["mean"]) == (21, 4.285714286)
    assert told[JUDGES[1], "rag"]["difference"] == -0.714285714
    assert told[JUDGES[1], "rag"]["spearman"] == 1.0
