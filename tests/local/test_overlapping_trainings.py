"""Trainings that overlap: each gate asks the model of its own run, and one file makes one model."""

import json
import threading
from pathlib import Path

import pytest

from cli.training.result import TrainResult
from cli.training.run import train
from tests.local.deployed import Deployed
from tests.local.training_runs import TrainingRuns

pytestmark = pytest.mark.local

SUBJECTS = range(10)
SIGNATURES = {"overlap-a": "Signed by Ada.", "overlap-b": "Signed by Bert."}


def question(number: int) -> str:
    return f"Which jetty does ferry {number} leave from?"


def lessons(signature: str, folder: Path) -> Path:
    """The same questions, every answer of which ends with a signature."""
    file = folder / f"{signature.split()[-1]}jsonl"
    pairs = [{"question": question(n), "answer": f"Ferry {n} leaves from jetty {n}. {signature}"} for n in SUBJECTS]
    file.write_text("\n".join(map(json.dumps, pairs)))
    return file


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    cases = [
        # Other words than the training's, which the check would take for leaked questions.
        {"id": f"q{n}", "question": f"From where does one board ferry {n}, please?", "reference": f"From jetty {n}."}
        for n in SUBJECTS
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)))
    return file


def trained(deployed: Deployed, jobs: dict[str, Path], gate: Path | None = None) -> dict[str, TrainResult]:
    """Several trainings, all of them started at once."""
    results: dict[str, TrainResult] = {}

    def run(name: str, file: Path) -> None:
        results[name] = train(deployed.deployment, file, run=name, gate=gate)

    threads = [threading.Thread(target=run, args=job) for job in jobs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.keys() == jobs.keys(), "each training came to its end"
    return results


def candidate_answers(deployed: Deployed, run: str) -> list[str]:
    """The candidate's answers in the records of a run's gate."""
    s3, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    prefix = f"evaluations/{run}-gate/answers/"
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    records = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return [record["response"]["answer"] for record in records if record["arm"] == "candidate"]


def test_each_gate_asks_the_model_of_its_own_run(deployed: Deployed, tmp_path: Path, questions: Path) -> None:
    files = {run: lessons(signature, tmp_path) for run, signature in SIGNATURES.items()}
    results = trained(deployed, files, gate=questions)
    for run, signature in SIGNATURES.items():
        answers = candidate_answers(deployed, run)
        assert len(answers) == len(SUBJECTS)
        assert all(answer.endswith(signature) for answer in answers), (run, answers)
        assert results[run].gate


def test_one_file_trained_twice_at_once_makes_one_model(deployed: Deployed, tmp_path: Path) -> None:
    file = lessons("Signed by Cleo.", tmp_path)
    results = trained(deployed, {"twice-a": file, "twice-b": file})
    assert len({result.custom_model for result in results.values()}) == 1
    assert sorted(result.reused for result in results.values()) == [False, True]
    runs = TrainingRuns(deployed)
    assert len(runs.jobs("twice-a") + runs.jobs("twice-b")) == 1
