"""Every number of a summary is what a second program, written apart, computes from the records."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.summary import summarise
from tests import synthetic_run
from tests.independent.differing import differences
from tests.independent.recompute_evaluation import recompute

SCRIPT = "tests.independent.recompute_evaluation"


def summary() -> Summary:
    return summarise(
        Plan.load(synthetic_run.plan()),
        {case["id"]: case["tags"] for case in synthetic_run.cases()},
        map(extraction.answer, synthetic_run.answers()),
        map(extraction.verdicts, synthetic_run.verdicts()),
        map(extraction.pair, synthetic_run.pairs()),
        documents={case["id"]: case["document"] for case in synthetic_run.cases() if "document" in case},
    )


@pytest.mark.slow
def test_the_script_computes_the_same_numbers_from_files(tmp_path: Path, root: Path) -> None:
    synthetic_run.write(tmp_path)
    folder = tmp_path / "evaluations" / synthetic_run.RUN
    (folder / "summary.json").write_text(json.dumps(summary()))
    done = subprocess.run(
        [sys.executable, "-m", SCRIPT, str(folder)], capture_output=True, text=True, check=False, cwd=root
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, [f"{folder}: 0 differences"]), done.stdout


def test_the_script_sees_a_number_that_is_wrong() -> None:
    prefix = f"evaluations/{synthetic_run.RUN}/"
    files = {key.removeprefix(prefix): content for key, content in synthetic_run.objects().items()}
    ours = recompute(files | {"cases.jsonl": b"\n".join(files["cases.jsonl"].splitlines()[:8])})
    wrong = copy.deepcopy(ours)
    wrong["arms"][1]["quality"]["interval"][0] += 0.001
    wrong["comparisons"][2]["wins"] += 1
    wrong["tags"][0]["arms"]["rag"]["mean"] = None
    wrong["cost"]["surplus"] = 1
    named = [line.split(" is ")[0] for line in differences(wrong, ours)]
    assert named == [
        "summary.arms[1].quality.interval[0]",
        "summary.comparisons[2].wins",
        "summary.cost.surplus",
        "summary.tags[0].arms.rag.mean",
    ]


def test_the_script_knows_nothing_of_arbiter() -> None:
    for module in Path(__file__).parent.glob("*.py"):
        if not module.name.startswith("test_"):
            assert not re.search(r"^\s*(from|import) (arbiter|bench|cli)\b", module.read_text(), re.MULTILINE), module
