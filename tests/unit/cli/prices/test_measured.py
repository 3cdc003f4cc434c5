"""Counts of a deployment take the place of assumed ones; one that cannot be reached leaves them, and says why."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.costs.tokens import Usage
from arbiter.modes import Mode
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import silent
from cli.prices.basis import Basis, measured
from cli.prices.report import pricing_of

ARM = {"mode": "rag", "tokens": {"mean_input": 1_600.4, "mean_output": 40.5}}
NONE = {"mean_input": None, "mean_output": None}
SUMMARY = {
    "arms": [ARM, {**ARM, "tokens": {"mean_input": 1, "mean_output": 1}}, {**ARM, "mode": "base", "tokens": NONE}]
}


class Bucket:
    """S3 with a few objects, the later in the list the newer."""

    def __init__(self, objects: dict[str, Any]) -> None:
        self.objects = {key: json.dumps(value).encode() for key, value in objects.items()}

    def get_paginator(self, operation: str) -> "Bucket":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str = "", Delimiter: str = "") -> Any:  # noqa: N803 - boto3's names
        keys = [key for key in self.objects if key.startswith(f"{Bucket}/{Prefix}")]
        if Delimiter:
            below = {key.removeprefix(f"{Bucket}/{Prefix}").split(Delimiter)[0] for key in keys}
            yield {"CommonPrefixes": [{"Prefix": f"{Prefix}{name}/"} for name in sorted(below)]}
            return
        for key in keys:
            written = datetime(2026, 11, 1 + list(self.objects).index(key), tzinfo=UTC)
            size = len(self.objects[key])
            yield {"Contents": [{"Key": key.partition("/")[2], "Size": size, "ETag": '"e"', "LastModified": written}]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        content = self.objects[f"{Bucket}/{Key}"]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}


class Deployed:
    """A deployment whose outputs are the buckets' names."""

    def __init__(self, objects: dict[str, Any]) -> None:
        self.bucket = Bucket(objects)

    def client(self, service: str, **_: Any) -> Bucket:
        return self.bucket

    def output(self, name: str) -> str:
        return name.removesuffix("BucketName").lower()


@pytest.fixture
def basis(root: Path) -> Basis:
    return pricing_of(root, "dev").basis


def found(monkeypatch: pytest.MonkeyPatch, basis: Basis, objects: dict[str, Any]) -> Basis:
    monkeypatch.setattr(Deployment, "find", lambda *_: Deployed(objects))
    counted, why_not = measured(basis, "dev", silent)
    assert why_not is None
    return counted


def test_the_newest_runs_and_the_documents_there_are_counted(monkeypatch: pytest.MonkeyPatch, basis: Basis) -> None:
    counted = found(monkeypatch, basis, {
        "documents/a.md": "x" * 98, "documents/a.md.metadata.json": {}, "documents/b.md": "y" * 48,
        "results/evaluations/zebra/summary.json": {"arms": []},
        "results/evaluations/20261102-run/summary.json": SUMMARY,
        "results/evaluations/20261102-run/answers/1.json": {},
        "results/training/run-7/record.json": {"cost": {"tokens": 12_345}},
    })  # fmt: skip

    assert (counted.documents, counted.document_bytes) == (2, 150)
    assert counted.usage[Mode.RAG] == Usage(1_600, 40)
    assert counted.usage[Mode.BASE] == basis.usage[Mode.BASE], "no answer of it was measured"
    assert counted.training_tokens == 12_345
    assert "evaluation run 20261102-run (rag)" in counted.usage_from
    assert "Those of base, fine_tuned, combined are assumed" in counted.usage_from
    assert "that of run run-7" in counted.training_from


def test_an_empty_deployment_leaves_what_is_assumed(monkeypatch: pytest.MonkeyPatch, basis: Basis) -> None:
    assert found(monkeypatch, basis, {}) == basis


def test_what_cannot_be_reached_leaves_what_is_assumed_and_says_why(
    monkeypatch: pytest.MonkeyPatch, basis: Basis
) -> None:
    def refuse(*_: object) -> Deployment:
        raise CliError("There is no stack Arbiter-dev-Storage in us-east-1. Deploy Arbiter.")

    monkeypatch.setattr(Deployment, "find", refuse)

    assert measured(basis, "dev", silent) == (basis, "There is no stack Arbiter-dev-Storage in us-east-1")
