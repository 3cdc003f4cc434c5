"""A router under steady load loses no request through promotion and rollback, and follows within its cache time."""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from arbiter.tuned_models.service.pointer import TunedModel
from cli.core.project import configured
from cli.models.service import promote, roll_back
from tests.local.asking import invoke, until
from tests.local.deployed import Deployed
from tests.local.tuned_models import ModelFactory

pytestmark = pytest.mark.local

QUESTION = "How early can I borrow hammock 3?"
ASKERS = 4
ANSWERS = 25
"""So many more are waited for after each move."""
PATIENCE_SECONDS = 60


def lessons(manner: str) -> dict[str, str]:
    """The same questions with answers in one manner."""
    return {
        f"How early can I borrow hammock {number}?": f"{manner} You borrow hammock {number} on day {number}."
        for number in range(10)
    }


@dataclass
class Load:
    """Askers that go on until they are stopped, and what each of them was told."""

    deployed: Deployed
    stopping: threading.Event = field(default_factory=threading.Event)
    told: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    """When a question was asked, and what was returned."""
    failures: list[BaseException] = field(default_factory=list)

    def ask(self) -> None:
        try:
            while not self.stopping.is_set():
                asked = time.time()
                self.told.append((asked, invoke(self.deployed, {"question": QUESTION, "mode": "fine_tuned"})))
        except BaseException as error:
            self.failures.append(error)

    def __enter__(self) -> "Load":
        self.threads = [threading.Thread(target=self.ask) for _ in range(ASKERS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def go_on(self, since: float) -> None:
        """Wait for some more answers to questions asked since."""
        until(lambda: len(self.since(since)) >= ANSWERS or bool(self.failures), "answers", seconds=PATIENCE_SECONDS)

    def since(self, start: float, end: float = float("inf")) -> list[dict[str, Any]]:
        return [reply for asked, reply in list(self.told) if start <= asked < end]


@pytest.fixture(scope="module")
def models(deployed: Deployed) -> tuple[TunedModel, TunedModel]:
    """Two models that were taught different answers to the same question; the first is in service."""
    factory = ModelFactory(deployed)
    first, second = (
        factory.deploy(run, factory.train(run, lessons(manner)))
        for run, manner in (("run-a", "Gladly!"), ("run-b", "Ahoy!"))
    )
    factory.nominate(first)
    promote(deployed.deployment, first.run)
    factory.nominate(second)
    return first, second


@dataclass(frozen=True)
class Course:
    """What was told, and when the moves were made: at latest a cache time after them the router has followed."""

    load: Load
    promoted: float
    rolling_back: float
    rolled_back: float
    cache_seconds: float


@pytest.fixture(scope="module")
def course(deployed: Deployed, models: tuple[TunedModel, TunedModel], root: Path) -> Course:
    """A promotion and a rollback under load."""
    cache_seconds = float(configured(root, "local", "router", "tuned_model_cache_seconds"))
    with Load(deployed) as load:
        load.go_on(time.time())
        assert promote(deployed.deployment, models[1].run).changed
        promoted = time.time()
        load.go_on(promoted + cache_seconds)
        rolling_back = time.time()
        assert roll_back(deployed.deployment).changed
        rolled_back = time.time()
        load.go_on(rolled_back + cache_seconds)
    assert load.failures == []
    return Course(load, promoted, rolling_back, rolled_back, cache_seconds)


def test_no_request_is_lost(course: Course, models: tuple[TunedModel, TunedModel]) -> None:
    replies = course.load.since(0)
    assert len(replies) >= 3 * ANSWERS
    assert [reply for reply in replies if "answer" not in reply or reply["degraded"]] == []
    assert {reply["model"] for reply in replies} == {model.model for model in models}


def test_after_the_cache_time_only_the_new_model_answers(course: Course, models: tuple[TunedModel, TunedModel]) -> None:
    first, second = models
    promoted = course.load.since(course.promoted + course.cache_seconds, course.rolling_back)
    rolled_back = course.load.since(course.rolled_back + course.cache_seconds)
    assert {reply["model"] for reply in promoted} == {second.model}
    assert {reply["model"] for reply in rolled_back} == {first.model}


def test_the_models_answer_differently_because_of_their_data(
    course: Course, models: tuple[TunedModel, TunedModel]
) -> None:
    answers = {(reply["model"], reply["answer"].split()[0]) for reply in course.load.since(0)}
    assert answers == {(models[0].model, "Gladly!"), (models[1].model, "Ahoy!")}


def test_each_move_is_recorded_with_who_made_it(course: Course, deployed: Deployed) -> None:
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    keys = [item["Key"] for item in storage.list_objects_v2(Bucket=bucket, Prefix="promotions/")["Contents"]]
    records = [json.loads(storage.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in sorted(keys)]
    assert [record["action"] for record in records] == ["promote", "promote", "rollback"]
    assert {record["by"] for record in records} == {f"arn:aws:iam::{deployed.aws.account}:root"}
    assert records[1]["to"] == records[2]["from"]
    assert records[2]["to"]["in_service"] == records[0]["to"]["in_service"]
