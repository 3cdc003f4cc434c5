"""An evaluation run on the local AWS, with everything that it left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.evaluation.run.keys import answer_key
from cli.evaluation.run import EvaluateResult, evaluate
from cli.sync.synchronise import sync
from tests.local.deployed import Deployed
from tests.local.tuned_models import ModelFactory

ARMS = ("base", "rag", "fine_tuned", "combined")
ABSENT = 3
"""Cases about documents that were left out, which no answer can cite."""
BIG = {"id": "big", "question": "x" * 100_000}


@dataclass(frozen=True)
class Run:
    """An evaluation run, and everything that it left in the bucket, by key."""

    cases: list[dict[str, Any]]
    result: EvaluateResult
    objects: dict[str, Any]

    def records(self, kind: str) -> list[dict[str, Any]]:
        folder = f"evaluations/{self.result.run}/{kind}/"
        return [one for key, one in self.objects.items() if key.startswith(folder)]


def evaluated(deployed: Deployed, examples: Path, folder: Path) -> Run:
    """An evaluation in all four modes by two judges, with some documents missing and a question of 100 KB."""
    assert sync(deployed.deployment, examples / "documents").complete
    _tune(deployed)
    cases = _lines(examples / "evaluation" / "questions.jsonl")[:ABSENT]
    known = [line for line in _lines(examples / "demo.jsonl") if line["document"]]
    cases += [*({"id": f"known-{number}", **line} for number, line in enumerate(known)), BIG]
    file = folder / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)))
    result = evaluate(deployed.deployment, file, modes=("auto", *ARMS), pairwise=True)
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    pages = storage.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"evaluations/{result.run}/")
    keys = [item["Key"] for page in pages for item in page["Contents"] if item["Key"].endswith(".json")]
    objects = {key: json.loads(storage.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys}
    return Run(cases, result, objects)


def prompting_of(deployed: Deployed, run: str, case: str, arm: str) -> dict[str, Any]:
    """The prompting that the answer to a case in an arm tells of."""
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    record = json.loads(storage.get_object(Bucket=bucket, Key=answer_key(run, case, arm))["Body"].read())
    told: dict[str, Any] = record["response"]["prompting"]
    return told


def _tune(deployed: Deployed) -> None:
    """Put a model into service that knows a few answers."""
    factory = ModelFactory(deployed)
    answers = {f"What does shelf {number} hold?": f"Hello! It holds {number} tents." for number in range(10)}
    model = factory.deploy("tuned", factory.train("tuned", answers))
    name = deployed.deployment.output("InServiceParameter")
    text = json.dumps({**model._asdict(), "previous": None})
    factory.client("ssm").put_parameter(Name=name, Value=text, Overwrite=True)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]
