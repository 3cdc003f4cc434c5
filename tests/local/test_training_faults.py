"""Whatever fails on the way to a tuned model: nothing is left running, the record says what happened, a rerun works."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.decision import decision_key, gate_of
from arbiter.tuned_models.training.record import Hosting, record_key
from cli.core.function import FunctionError, call
from cli.core.function import invoke as call_function
from cli.local.permissions import denials
from cli.models.service import promote
from tests.local.asking import invoke, until
from tests.local.deployed import Deployed
from tests.local.faults import Faults, faults_of
from tests.local.training_outcomes import failed, reran
from tests.local.training_runs import RARELY_USED, SECONDS, TrainingRuns, pairs
from tests.local.tuned_models import ModelFactory

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def runs(deployed: Deployed) -> TrainingRuns:
    return TrainingRuns(deployed)


@pytest.fixture
def faults(deployed: Deployed) -> Faults:
    return Faults(deployed.aws)


def test_throttling_is_waited_out(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        for call in ("GetCustomModel", "CreateModelCustomizationJob", "CreateCustomModelDeployment"):
            faults.throttle(f"bedrock:{call}", times=1)
        outcome = runs.train("throttled", pairs("throttled"))
        struck = [strikes for _, strikes in faults.counts()]

    assert outcome.succeeded, outcome
    assert struck == [1, 1, 1]
    assert len(runs.jobs("throttled")) == 1
    assert runs.concluded("throttled").status == "nominated"


def test_a_deployment_that_fails_is_deleted_and_its_model_used_by_a_rerun(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.fail_hosting("no capacity today")
        outcome = runs.train("host-fails", pairs("host-fails"))

    record = failed(runs, "host-fails", outcome, "DeploymentFailed", "no capacity today")
    assert record.custom_model
    assert record.custom_model.arn
    assert any(f"The custom model {record.custom_model.name} stays" in sentence for sentence in record.cleanup)
    reran(runs, "host-fails", reused=True)


def test_a_quota_is_told_in_bedrocks_words(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.fail("bedrock:CreateModelCustomizationJob", "ServiceQuotaExceededException", "at most 2 jobs at a time")
        outcome = runs.train("quota", pairs("quota"))

    assert failed(runs, "quota", outcome, "QuotaExceeded", "at most 2 jobs at a time").job is None


def test_a_job_that_fails_gives_its_reason(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.end_job("Failed", "the data are not to Bedrock's taste")
        outcome = runs.train("job-fails", pairs("job-fails"))

    record = failed(runs, "job-fails", outcome, "TrainingJobFailed", "the data are not to Bedrock's taste")
    assert record.job
    assert (record.status, record.job.status) == ("failed", "Failed")
    reran(runs, "job-fails", reused=False)


def test_the_same_run_may_be_tried_again_after_its_job_failed(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.end_job("Failed", "not today")
        failed(runs, "retried", runs.train("retried", pairs("retried")), "TrainingJobFailed", "not today")
    again = runs.begin("retried", pairs("retried"), execution_name="retried-by-another-name").follow()

    assert again.succeeded, again
    record = runs.concluded("retried")
    assert (record.status, record.reused, record.execution) == ("nominated", False, again.arn)
    assert sorted(job["status"] for job in runs.jobs("retried")) == ["Completed", "Failed"]


def test_a_job_that_the_pipeline_lost_sight_of_is_stopped(runs: TrainingRuns, faults: Faults) -> None:
    def statuses() -> list[str]:
        return [job["status"] for job in runs.jobs("unwatched")]

    with faults_of(faults.aws):
        faults.hold("job")
        faults.fail("bedrock:GetModelCustomizationJob", "ValidationException", "lost sight of it", times=1)
        execution = runs.begin("unwatched", pairs("unwatched"))
        # Held, so that it ends by nothing but a stop; which takes effect before the hold, or once that is taken back.
        until(lambda: statuses() in (["Stopping"], ["Stopped"]), "the job is stopped", seconds=SECONDS, pause=0.1)
    outcome = execution.follow()

    record = failed(runs, "unwatched", outcome, "TrainingJobFailed", "lost sight of it")
    assert statuses() == ["Stopped"]
    assert any("was stopped" in sentence for sentence in record.cleanup)


def test_a_job_that_somebody_stops_is_told_as_stopped(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.hold("job")
        execution = runs.begin("job-stops", pairs("job-stops"))
        until(lambda: bool(runs.jobs("job-stops")), "the job is started", seconds=SECONDS, pause=0.1)
        runs.client("bedrock").stop_model_customization_job(jobIdentifier=runs.jobs("job-stops")[0]["jobArn"])
    outcome = execution.follow()

    assert failed(runs, "job-stops", outcome, "TrainingJobFailed", "was stopped before its end").status == "stopped"
    reran(runs, "job-stops", reused=False)


def test_an_update_that_fails_leaves_the_slot_as_it_was(runs: TrainingRuns, faults: Faults) -> None:
    for name in ("first", "second"):
        assert runs.train(name, pairs(name)).succeeded
    before = runs.deployments()
    with faults_of(faults.aws):
        faults.fail_hosting("the update went wrong")
        outcome = runs.train("update-fails", pairs("update-fails"))

    failed(runs, "update-fails", outcome, "DeploymentFailed", "could not put the model into the deployment")
    assert [(one["customModelDeploymentArn"], one["modelArn"]) for one in runs.deployments()] == [
        (one["customModelDeploymentArn"], one["modelArn"]) for one in before
    ]
    assert runs.pointed_to()["candidate"] == "second"
    reran(runs, "update-fails", reused=True)


def test_stopping_a_run_while_it_trains_stops_the_job(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.hold("job")
        execution = runs.begin("stop-train", pairs("stop-train"))
        until(lambda: bool(runs.jobs("stop-train")), "the job is started", seconds=SECONDS, pause=0.1)
        runs.stop(execution)
        until(lambda: not _is_training(runs, "stop-train"), "the job is told to stop", seconds=SECONDS, pause=0.1)

    record = runs.concluded("stop-train")
    assert (record.status, runs.left_over(record)) == ("aborted", [])
    assert [job["status"] for job in runs.jobs("stop-train")] == ["Stopped"]
    reran(runs, "stop-train", reused=False)


def _is_training(runs: TrainingRuns, run: str) -> bool:
    return "InProgress" in [job["status"] for job in runs.jobs(run)]


def test_stopping_a_run_while_it_deploys_deletes_the_deployment(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.hold("deployment")
        execution = runs.begin("stop-host", pairs("stop-host"))
        until(lambda: _is_hosting(runs, "stop-host"), "the model is being deployed", seconds=SECONDS, pause=0.05)
        runs.stop(execution)

    record = runs.concluded("stop-host")
    assert (record.status, runs.left_over(record)) == ("aborted", [])
    assert "stop-host" not in runs.pointed_to().values()
    reran(runs, "stop-host", reused=True)


def _is_hosting(runs: TrainingRuns, run: str) -> bool:
    record = runs.record(run)
    model = record.custom_model.arn if record and record.hosting and record.custom_model else None
    slots = [
        runs.client("bedrock").get_custom_model_deployment(
            customModelDeploymentIdentifier=one["customModelDeploymentArn"]
        )
        for one in runs.deployments()
    ]
    return any(model and model in (slot["modelArn"], slot.get("updateDetails", {}).get("modelArn")) for slot in slots)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_preparation_that_is_killed_leaves_a_record(when: str, runs: TrainingRuns, faults: Faults) -> None:
    run = f"killed-{when}"
    with faults_of(faults.aws):
        faults.kill("Prepare", when)
        outcome = runs.train(run, pairs(run))

    record = failed(runs, run, outcome, "PreparationFailed", "")
    assert record.status == "failed"
    assert runs.jobs(run) == []
    reran(runs, run, reused=False)


def test_a_conclusion_that_is_killed_is_made_up_for(runs: TrainingRuns, faults: Faults) -> None:
    with faults_of(faults.aws):
        faults.fail_hosting("no capacity today")
        faults.kill("Conclude", "before")
        outcome = runs.train("unconcluded", pairs("unconcluded"))

    assert outcome.error == "DeploymentFailed"
    record = runs.concluded("unconcluded")
    assert record.error
    assert (record.status, record.error.name) == ("failed", "DeploymentFailed")
    assert runs.left_over(record) == []


def test_a_candidate_whose_slot_is_needed_is_withdrawn_and_what_answers_stays(
    runs: TrainingRuns, faults: Faults
) -> None:
    for run in ("older", "newer"):
        assert runs.train(run, pairs(run)).succeeded
        promote(runs.deployed.deployment, run)
    assert runs.train("waiting", pairs("waiting")).succeeded
    assert runs.pointed_to() == {"candidate": "waiting", "in_service": "newer", "previous": "older"}
    with faults_of(faults.aws):
        faults.fail_hosting("the update went wrong")
        outcome = runs.train("pushing", pairs("pushing"))

    failed(runs, "pushing", outcome, "DeploymentFailed", "could not put the model into the deployment")
    assert runs.pointed_to() == {"in_service": "newer", "previous": "older"}
    reran(runs, "pushing", reused=True)


def test_hosting_by_the_hour_ends_though_the_setting_says_on_demand(runs: TrainingRuns) -> None:
    deployed, factory = runs.deployed, ModelFactory(runs.deployed)
    question = "Where is a tarn?"
    model = factory.train("outliving", {question: "Beyond the ridge.", **{f"What is {n}?": f"{n}." for n in range(9)}})
    hosted = factory.provision("outliving", model, expires_at=in_an_hour())
    factory.nominate(hosted)
    promote(deployed.deployment, "outliving")
    asked = {"question": question, "mode": "fine_tuned"}
    until(lambda: invoke(deployed, asked).get("answer") == "Beyond the ridge.", "it answers", seconds=SECONDS)

    factory.expire(hosted)
    call(deployed.deployment, "ExpireHostingFunctionArn", {})
    assert runs.client("bedrock").list_provisioned_model_throughputs()["provisionedModelSummaries"] == []
    assert [denial for denial in denials(deployed.aws.authorizations) if "bedrock:" in denial] == []


def test_a_run_that_its_setting_changed_under_leaves_no_hosting_by_the_hour(runs: TrainingRuns, faults: Faults) -> None:
    factory = ModelFactory(runs.deployed)
    model = factory.train("switched", {f"What is switch {n}?": f"{n}." for n in range(10)})
    hosted = factory.provision("switched", model, expires_at=in_an_hour())
    record = runs.record("switched")
    assert record
    hosting = Hosting(kind="provisioned", name="arbiter-switched", arn=hosted.model)
    runs.client("s3").put_object(
        Bucket=runs.output("ResultsBucketName"),
        Key=record_key("switched"),
        Body=replace(record, status="running", execution="arn:execution", hosting=hosting).dumps().encode(),
    )
    with faults_of(faults.aws):
        faults.fail("bedrock:DeleteProvisionedModelThroughput", "ConflictException", "still changing", times=1)
        runs.conclude({"run": "switched", "execution": "arn:execution", "failure": {"name": "X", "cause": "x"}})

    assert runs.client("bedrock").list_provisioned_model_throughputs()["provisionedModelSummaries"] == []
    assert "The provisioned throughput arbiter-switched was deleted." in runs.concluded("switched").cleanup


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")


def test_the_gate_publishes_by_its_own_record_alone(runs: TrainingRuns) -> None:
    factory, deployment = ModelFactory(runs.deployed), runs.deployed.deployment
    model = factory.deploy("judged", factory.train("judged", {f"Where is buoy {n}?": "At sea." for n in range(8)}))
    factory.nominate(model)
    functions = runs.client("lambda").list_functions()["Functions"]
    (publisher,) = (one["FunctionName"] for one in functions if "Evaluation-PublishGated" in one["FunctionName"])
    order = {"action": "promote", "run": "judged", "by": "test"}
    text = runs.client("ssm").get_parameter(Name=runs.output("InServiceParameter"))["Parameter"]["Value"]
    in_service = TunedModel.parse(text)
    over = in_service.custom_model if in_service else None
    with pytest.raises(FunctionError, match="The gate has not judged run 'judged'"):
        call_function(deployment, publisher, order)

    for publish in (False, True):
        about = {"run": "judged", "custom_model": model.custom_model, "over": over}
        decision = {"evaluation": gate_of("judged"), **about, "publish": publish, "conditions": []}
        body = json.dumps(decision).encode()
        key = decision_key(gate_of("judged"))
        runs.client("s3").put_object(Bucket=runs.output("ResultsBucketName"), Key=key, Body=body)
        if not publish:
            with pytest.raises(FunctionError, match="did not let the model of run 'judged' through"):
                call_function(deployment, publisher, order)

    assert call_function(deployment, publisher, order)["in_service"]["run"] == "judged"
    assert runs.pointed_to()["in_service"] == "judged"


def test_every_right_that_is_rarely_used_was_used(runs: TrainingRuns) -> None:
    journal = runs.deployed.aws.authorizations.read_text().splitlines()
    used = {(one["role"], one["action"]) for one in map(json.loads, journal) if one["decision"] == "allow"}
    for role, actions in RARELY_USED.items():
        for action in actions:
            assert any(role in name and action == did for name, did in used), (role, action)
