"""A profile of any content is read whole or refused as damaged, and what was read decides any request."""

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbiter.answering.auto import within
from arbiter.answering.decision import Profiles, decide
from arbiter.answering.expected import expected_of
from arbiter.answering.request import Limits, Request
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.aws.routing.profiles import StoredProfiles
from arbiter.errors import ArbiterError
from arbiter.modes import Mode
from arbiter.routing import knowledge, policy, tuned
from arbiter.routing.artefact import DamagedProfileError, pack
from arbiter.routing.making import building
from tests.properties.test_odd_replies import ODD, paths_of
from tests.unit.arbiter.answering.router_fakes import FakeClock
from tests.unit.arbiter.answering.router_fakes import settings as router_settings

pytestmark = pytest.mark.slow
MANY = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
READERS = {knowledge.KIND: knowledge.loads, policy.KIND: policy.loads, tuned.KIND: tuned.loads}
QUESTIONS = st.sampled_from(["Where hangs the lynx?", "Classify: wet.", "Wie weit ist die Hütte?", "?", "a\r\n\tb"])


def content_of(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)["content"]
    return content


def few(terms: dict[str, Any]) -> dict[str, Any]:
    return dict(list(terms.items())[:3])


@cache
def good(kind: str) -> dict[str, Any]:
    """The content of a small profile that is read."""
    if kind == policy.KIND:
        return content_of(policy.Policies({"quality": policy.Calibrated("r", 0.4, 0.6)}, {}).dumps())
    if kind == tuned.KIND:
        return content_of(tuned.build([("Classify: wet.", "Complaint")] * 3).dumps())
    documents = ["The lynx hangs in the hall. " * 20, "Die Hütte liegt am See. " * 20]
    content = content_of(building.build(documents).dumps())
    translated = {language: few(terms) for language, terms in content["translated"].items()}
    return content | {"terms": few(content["terms"]), "translated": translated}


@st.composite
def texts(draw: st.DrawFn, kind: str) -> bytes:
    """A profile with up to two parts replaced, under a checksum that is right where JSON can carry the content."""
    content = copy.deepcopy(good(kind))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from([path for path in paths_of(content) if path]))
        node: Any = content
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = copy.deepcopy(draw(ODD | st.just(10**400) | st.sampled_from(["\ud800", "nan", "inf"])))
    try:
        return pack(kind, content).encode()
    except ValueError:
        return json.dumps({"kind": kind, "version": 1, "checksum": "", "content": content}).encode()


def read(kind: str, text: bytes) -> Any:
    """The profile, or `None` when it is refused as damaged."""
    try:
        return READERS[kind](text)
    except DamagedProfileError:
        return None


@MANY
@given(texts(knowledge.KIND), texts(policy.KIND), texts(tuned.KIND), QUESTIONS)
def test_any_profile_is_refused_or_decides(of_documents: bytes, of_policy: bytes, of_model: bytes, asked: str) -> None:
    documents, policies = read(knowledge.KIND, of_documents), read(policy.KIND, of_policy)
    model = read(tuned.KIND, of_model)
    if documents is None:
        return
    decision = decide(Request(asked), Profiles(documents, model, policies.current if policies else {}))

    json.dumps(decision.to_object(), allow_nan=False).encode()
    assert decision.looked(0.5).mode


@pytest.mark.parametrize("kind", READERS)
@MANY
@given(st.data())
def test_a_profile_of_any_bytes_is_refused(kind: str, data: st.DataObject) -> None:
    whole = pack(kind, good(kind)).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert read(kind, whole) is not None
    for text in (whole[:cut], whole[:cut] + b"\xff" + whole[cut + 1 :], data.draw(st.binary(max_size=40))):
        assert read(kind, text) is None


class Bucket(Client):
    """A bucket whose every object is the same."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def call(self, operation: str, callee: Callee, timeout: float, **parameters: Any) -> dict[str, Any]:
        return {"KeyCount": 1}

    def read(self, callee: Callee, timeout: float, **parameters: Any) -> bytes:
        return self.content


MEASURED = {"modes": {mode.value: {"milliseconds": 900, "output_tokens": 80} for mode in Mode}}


@MANY
@given(st.sampled_from([path for path in paths_of(MEASURED) if path]), ODD | st.just(10**400))
def test_any_measurement_of_the_modes_is_refused_or_estimates(path: tuple[str, ...], odd: Any) -> None:
    content = copy.deepcopy(MEASURED)
    node: Any = content
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = odd
    profiles = StoredProfiles(Bucket(json.dumps(content).encode()), "results", "KB1", FakeClock(), house_style=False)
    try:
        measured = profiles.measured(1.0)
    except ArbiterError:
        return
    request = Request("How early?", limits=Limits(max_latency_ms=5_000, max_cost_usd=1.0))
    expected = expected_of(request, router_settings(), measured)
    assert within(decide(request), request, expected).mode in Mode
