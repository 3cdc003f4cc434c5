"""Profiles are read once per while, the last good one goes on, and a damaged one is never used."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.aws.routing.profiles import REFRESH_SECONDS, RETRY_SECONDS, StoredProfiles
from arbiter.errors import ArbiterError, ProfileUnavailable, Throttled
from arbiter.routing import tuned
from arbiter.routing.artefact import MEASURED_KEY, former, knowledge_key, tuned_key
from arbiter.routing.making import building
from arbiter.routing.policy import Calibrated, Policies
from tests.unit.arbiter.answering.router_fakes import TUNED, FakeClock, World
from tests.unit.arbiter.aws.stubs import stubbed

KEY = knowledge_key("KB1")


@cache
def text(word: str) -> str:
    return building.build([f"The {word} hangs in the hall. " * 20]).dumps()


@contextmanager
def reading(*answers: tuple[str, str], house_style: bool = False) -> Iterator[tuple[StoredProfiles, FakeClock]]:
    """The profiles of a bucket that answers, for each key, with a text or an error's code."""
    clock = FakeClock()
    with stubbed("s3") as (client, stubber):
        for key, answer in answers:
            stubber.add_response("list_objects_v2", {"KeyCount": 1}, {"Bucket": "results", "Prefix": key, "MaxKeys": 1})
            if answer.isalpha():
                stubber.add_client_error("get_object", answer)
            else:
                body = StreamingBody(io.BytesIO(answer.encode()), len(answer.encode()))
                stubber.add_response("get_object", {"Body": body}, {"Bucket": "results", "Key": key})
                if '"knowledge profile"' in answer and "linx" not in answer:
                    stubber.add_response("list_objects_v2", {"KeyCount": 0})  # No policy was published.
        yield StoredProfiles(client, "results", "KB1", clock, house_style=house_style), clock


def test_a_profile_is_read_once_within_its_time_and_anew_after_it() -> None:
    with reading((KEY, text("skarn")), (KEY, text("lynx"))) as (profiles, clock):
        assert {"skarn" in profiles.current(None, 1.0).knowledge.terms for _ in range(3)} == {True}
        clock.now += REFRESH_SECONDS
        assert "lynx" in profiles.current(None, 1.0).knowledge.terms


@pytest.mark.parametrize("bad", ["SlowDown", "InternalError", "NoSuchKey", "{}", "linx"])
def test_what_cannot_be_used_leaves_the_last_good_one(bad: str) -> None:
    answer = text("lynx").replace("lynx", bad) if bad == "linx" else bad
    with reading((KEY, text("skarn")), (KEY, answer)) as (profiles, clock):
        profiles.current(None, 1.0)
        clock.now += REFRESH_SECONDS
        for _ in range(2):
            assert "skarn" in profiles.current(None, 1.0).knowledge.terms


def test_a_damaged_profile_is_refused_for_the_one_before_it() -> None:
    with reading((KEY, "{}"), (former(KEY), text("skarn"))) as (profiles, _):
        assert "skarn" in profiles.current(None, 1.0).knowledge.terms


@pytest.mark.parametrize(
    ("answers", "error", "sentence"),
    [
        (
            ["AccessDenied"],
            ProfileUnavailable,
            "The role lacks s3:ListBucket or s3:GetObject on the profile s3://results/routing/KB1/knowledge.json",
        ),
        (["SlowDown"], Throttled, "throttles"),
        (["{}", "{}"], ProfileUnavailable, "knowledge.former.json is not a knowledge profile"),
    ],
)
def test_without_any_the_reason_is_told_again_until_it_is_looked_for_again(
    answers: list[str], error: type[ArbiterError], sentence: str
) -> None:
    keys = [KEY, former(KEY)]
    with reading(*zip(keys, answers, strict=False), (KEY, text("skarn"))) as (profiles, clock):
        for _ in range(2):
            with pytest.raises(error, match=sentence):
                profiles.current(None, 1.0)
        clock.now += RETRY_SECONDS
        assert "skarn" in profiles.current(None, 1.0).knowledge.terms


def test_a_bucket_that_may_not_be_listed_leaves_auto_to_its_rules() -> None:
    with stubbed("s3") as (client, stubber):
        stubber.add_client_error("list_objects_v2", "AccessDenied")
        profiles = StoredProfiles(client, "results", "KB1", FakeClock(), house_style=False)
        answer = World(profiles=profiles).answer()

    (told,) = answer.degraded
    assert told.startswith("profile_unavailable: routed by rules that know nothing of the documents; a profile of them")


class SlowBucket(Client):
    """A bucket whose every object is the same text and takes 0.3 s, 0.1 of them to be listed."""

    def __init__(self, clock: FakeClock, content: str) -> None:
        self.clock, self.content = clock, content
        self.timeouts: list[float] = []

    def call(self, operation: str, callee: Callee, timeout: float, **parameters: Any) -> dict[str, Any]:
        self.clock.now += 0.1
        return {"KeyCount": 1}

    def read(self, callee: Callee, timeout: float, **parameters: Any) -> bytes:
        self.timeouts.append(round(timeout, 6))
        self.clock.now += min(timeout, 0.2)
        return self.content.encode()


def test_all_that_is_read_for_one_request_shares_its_time() -> None:
    bucket = SlowBucket(FakeClock(), text("skarn"))
    StoredProfiles(bucket, "results", "KB1", bucket.clock, house_style=False).current(TUNED, 1.0)

    assert bucket.timeouts == [0.9, 0.6, 0.3]


@pytest.mark.parametrize("lacking", [1, 10_000])
def test_an_object_that_ends_before_its_length_cannot_be_used(lacking: int) -> None:
    whole = text("skarn").encode()
    with stubbed("s3") as (client, stubber):
        body = StreamingBody(io.BytesIO(whole), len(whole) + lacking)
        stubber.add_response("list_objects_v2", {"KeyCount": 1})
        stubber.add_response("get_object", {"Body": body}, {"Bucket": "results", "Key": KEY})
        profiles = StoredProfiles(client, "results", "KB1", FakeClock(), house_style=False)
        with pytest.raises(ProfileUnavailable, match=f"{len(whole)} read, but total bytes expected"):
            profiles.current(None, 1.0)


def test_the_tuned_models_profile_is_that_of_its_run_and_read_once() -> None:
    profile = tuned.build([("Classify: wet.", "Complaint")] * 3)
    with reading((KEY, text("skarn")), (tuned_key(TUNED.run), profile.dumps())) as (profiles, _):
        assert [profiles.current(TUNED, 1.0).tuned for _ in range(2)] == [profile, profile]


@pytest.mark.parametrize("house_style", [False, True])
def test_a_model_without_a_profile_does_without_unless_it_answers_everybody(*, house_style: bool) -> None:
    answers = ((KEY, text("skarn")), (tuned_key(TUNED.run), "AccessDenied"))
    with reading(*answers, house_style=house_style) as (profiles, _):
        found = [profiles.current(TUNED, 1.0).tuned for _ in range(2)]
        assert found == ([tuned.build((), everybody=True)] * 2 if house_style else [None, None])
        assert profiles.current(None, 1.0).tuned is None


def test_a_profile_that_is_throttled_is_asked_for_again() -> None:
    profile = tuned.build([("Classify: wet.", "Complaint")] * 3)
    key = tuned_key(TUNED.run)
    with reading((KEY, text("skarn")), (key, "SlowDown"), (key, profile.dumps())) as (profiles, _):
        assert [profiles.current(TUNED, 1.0).tuned for _ in range(2)] == [None, profile]


def test_a_published_policy_is_in_force_and_a_damaged_one_leaves_the_last() -> None:
    policies = Policies({"quality": Calibrated("r", 0.4, 0.6)}, {})
    with stubbed("s3") as (client, stubber):
        for answer in (text("skarn"), policies.dumps(), text("skarn"), "{}", text("skarn")):
            body = StreamingBody(io.BytesIO(answer.encode()), len(answer.encode()))
            stubber.add_response("list_objects_v2", {"KeyCount": 1})
            stubber.add_response("get_object", {"Body": body})
        stubber.add_response("list_objects_v2", {"KeyCount": 0})
        clock = FakeClock()
        profiles = StoredProfiles(client, "results", "KB1", clock, house_style=False)
        found = []
        for _ in range(3):
            found.append(profiles.current(None, 1.0).policy)
            clock.now += REFRESH_SECONDS

    assert found == [policies.current, policies.current, {}]


def test_measured_modes_are_read_once_within_their_time_and_only_good_figures_count() -> None:
    modes = {"base": {"milliseconds": 150, "output_tokens": 20.5}, "rag": {"milliseconds": 0}}
    answers = [(MEASURED_KEY, json.dumps({"run": "r", "modes": modes})), (MEASURED_KEY, '{"modes": 1}')]
    with reading(*answers, (MEASURED_KEY, "NoSuchKey")) as (profiles, clock):
        found = []
        for _ in range(3):
            found.append(profiles.measured(1.0))
            assert profiles.measured(1.0) == found[-1]
            clock.now += REFRESH_SECONDS

    assert found == [{"base": {"milliseconds": 150.0, "output_tokens": 20.5}}, {}, {}]
