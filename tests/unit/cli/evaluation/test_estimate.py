"""The most that an evaluation may take, and what is told before it is paid for."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.modes import Mode
from arbiter.tuned_models.service.pointer import TunedModel
from cli.evaluation.run import estimate
from tests.unit.cli.evaluation.evaluated import PLANNED
from tests.unit.cli.fakes import StubbedDeployment
from tests.unit.cli.training.pipelines import MODEL, pointers

WRITTEN = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}


@pytest.mark.parametrize(
    ("arms", "in_service", "lacking"),
    [
        (list(Mode), None, "fine_tuned and combined will answer nothing: --modes base,rag"),
        (["base", "combined"], None, "combined will answer nothing"),
        (["base", "fine_tuned:small-1"], None, ""),
        (["base", "rag"], None, ""),
        (list(Mode), MODEL, ""),
    ],
)
def test_techniques_without_a_model_to_answer_are_told_before_anything_is_paid(
    tmp_path: Path, arms: list[str], in_service: TunedModel | None, lacking: str
) -> None:
    deployment, file = StubbedDeployment(), tmp_path / "mine.jsonl"
    file.write_text('{"question": "When?"}\n', encoding="utf-8")
    pointers(deployment, in_service)
    planned(deployment, arms)
    given, *more = estimate(deployment, file, run="run-1").doubts
    assert (given, bool(more)) == ("1: a doubt", bool(lacking))
    assert lacking in "".join(more)


def test_who_may_not_read_the_pointer_may_evaluate(tmp_path: Path) -> None:
    deployment, file = StubbedDeployment(), tmp_path / "mine.jsonl"
    file.write_text('{"question": "When?"}\n', encoding="utf-8")
    deployment.stub("ssm").add_client_error("get_parameter", "AccessDeniedException")
    planned(deployment, list(Mode))
    assert estimate(deployment, file, run="run-1").doubts == ("1: a doubt",)


def planned(deployment: StubbedDeployment, arms: list[str]) -> None:
    answer: dict[str, Any] = {**PLANNED, "arms": arms}
    content = json.dumps(answer).encode()
    deployment.stub("s3").add_response("put_object", WRITTEN)
    deployment.stub("lambda").add_response("invoke", {"Payload": StreamingBody(io.BytesIO(content), len(content))})
