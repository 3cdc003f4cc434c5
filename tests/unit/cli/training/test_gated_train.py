"""Trainings with a gate."""

from pathlib import Path

import pytest

from arbiter.evaluation.run.plan import digest
from arbiter.settings.tuning import GateSettings, PlaceModelSettings
from arbiter.training_data.check import Rules
from cli.core.errors import CliError
from cli.core.progress import silent
from cli.evaluation.order import read_file
from cli.training.order import Order
from cli.training.run import Training, train
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment, kept
from tests.unit.cli.training.pipelines import (
    GATE,
    MODEL,
    OUTPUT,
    PLACE,
    answered,
    began,
    finish,
    pipeline,
    pointers,
    priced,
    start,
)

LIMITS = GateSettings(results_bucket="results", margin=0.0, minimum_cases=3, max_failure_rate=0.02)


def demanding(limits: GateSettings | None = LIMITS) -> StubbedDeployment:
    """A deployment that is asked what the training costs, then by which limits its gate decides; `None`: denied."""
    deployment = priced()
    functions = deployment.stub("lambda")
    deployment.stub("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    pipeline(deployment)
    if limits is None:
        functions.add_client_error("get_function_configuration", "AccessDeniedException")
    else:
        variables = {"Environment": {"Variables": limits.to_environment()}}
        functions.add_response("get_function_configuration", variables, {"FunctionName": GATE})
    return deployment


def planning(
    deployment: StubbedDeployment, payload: dict[str, object], mode: str | None = "combined", **others: str
) -> None:
    """The deployment is asked in which mode its gate compares (`None`: denied), then what its evaluation may take."""
    pipeline(deployment)
    functions = deployment.stub("lambda")
    if mode is None:
        functions.add_client_error("get_function_configuration", "AccessDeniedException")
    else:
        place = PlaceModelSettings(
            environment="dev", results_bucket="r", candidate_parameter="c", in_service_parameter="i", gate_mode=mode
        )
        variables = {"Environment": {"Variables": place.to_environment()}}
        functions.add_response("get_function_configuration", variables, {"FunctionName": PLACE})
    answered(deployment, payload, OUTPUTS["PlanFunctionArn"], **others)


def asked(folder: Path, count: int) -> Path:
    questions = folder / "questions.jsonl"
    questions.write_text("".join(f'{{"question": "Where {i}?"}}\n' for i in range(count)))
    return questions


def sent(questions: Path) -> dict[str, str]:
    """Where the questions of a gate are sent: by their content."""
    return {"cases_key": f"evaluations/run-1-gate/questions-{digest(read_file(questions).dump())[:16]}.jsonl"}


def test_a_run_is_not_followed_as_the_fate_of_another_file(file: Path) -> None:
    deployment = priced()
    began(deployment, "datasets/run-1/raw-0123456789abcdef.jsonl")
    with pytest.raises(CliError, match="The run run-1 began with another file") as refused:
        train(deployment, file, run="run-1")
    assert refused.value.code == "other_file"
    deployment.session.assert_all_called()


def test_questions_of_a_gate_are_sent_and_named(file: Path, tmp_path: Path) -> None:
    deployment, told = demanding(), list[str]()
    planning(deployment, {"estimate": {"usd": 1.5}})
    questions = asked(tmp_path, 3)
    start(deployment, {}, gate=sent(questions))
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={"publish": True, "published": True}))
    pointers(deployment, MODEL)
    result = train(deployment, file, run="run-1", gate=questions, progress=lambda one, *_: told.append(one))
    assert "Its gate's evaluation: at most $1.50" in told
    assert (result.in_service, result.held_back, result.next_command) == (True, False, None)
    assert result.gate == {"publish": True, "published": True}
    deployment.session.assert_all_called()


def test_a_model_that_the_gate_held_back_is_not_said_to_be_promoted(file: Path, tmp_path: Path) -> None:
    deployment = demanding()
    planning(deployment, {"estimate": {"usd": None}}, mode=None)
    questions = asked(tmp_path, 3)
    start(deployment, {}, gate=sent(questions))
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={"publish": False, "published": False}))
    pointers(deployment)
    result = train(deployment, file, run="run-1", gate=questions)
    assert (result.in_service, result.held_back, result.next_command) == (False, True, None)


def test_a_gate_whose_evaluation_would_be_refused_is_known_before_the_training_is_paid_for(
    file: Path, tmp_path: Path
) -> None:
    deployment = demanding()
    too_much = "the run may cost 30.00 US dollars, and at most 25 are allowed"
    planning(deployment, {"errorType": "EvaluationRejected", "errorMessage": too_much}, FunctionError="Unhandled")
    stored = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    deployment.stub("s3").add_response("put_object", stored)
    with pytest.raises(CliError, match="Nothing was trained") as refused:
        train(deployment, file, run="run-1", gate=asked(tmp_path, 3))
    assert (refused.value.code, too_much in str(refused.value)) == ("evaluation_rejected", True)
    deployment.session.assert_all_called()


@pytest.mark.parametrize(("limits", "demanded"), [(LIMITS, 3), (None, 30)])
def test_too_few_questions_for_the_gate_are_said_before_anything_is_sent(
    file: Path, tmp_path: Path, limits: GateSettings | None, demanded: int
) -> None:
    deployment, doubts = demanding(limits), list[str]()
    order = Order(run="run-1", file=file, hyperparameters={}, force=False, gate=asked(tmp_path, 2))
    training = Training(deployment, order, silent, accepts=lambda doubt: bool(doubts.append(doubt)))
    with pytest.raises(CliError, match="Nothing was trained") as refused:
        training.result(Rules(), promote=False)
    assert refused.value.code == "not_confirmed"
    assert f"has 2 questions and the gate demands {demanded}" in doubts[0]
    deployment.session.assert_all_called()
