"""A client is made when first needed, retries nothing, and gives each call its own time."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader
from botocore.session import Session

import arbiter
from arbiter.aws.clients import READ_SECONDS, Client, new_session
from arbiter.aws.errors import Callee
from arbiter.errors import BadModelOutput, DeadlineExceeded, ModelError, ModelNotFound, Throttled

CALLEE = Callee("the model nova", missing=ModelNotFound, failed=ModelError, unreadable=BadModelOutput, field="request")


class Wire:
    """Stands where the network would be, and sees what is sent."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.read_timeouts, self.user_agents = status, list[Any](), list[str]()

    def send(self, request: Any, **_: Any) -> AWSResponse:
        self.read_timeouts.append(request.context["read_timeout"])
        self.user_agents.append(request.headers["User-Agent"].decode())
        response = AWSResponse(request.url, self.status, {"x-amzn-errortype": "ThrottlingException"}, None)
        response._content = b"{}"
        return response


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def client() -> Client:
    session = Session()
    return Client(session, "bedrock-runtime")


def call(client: Client, timeout: float) -> dict[str, Any]:
    return client.call("converse", CALLEE, timeout, modelId="nova", messages=[])


def test_a_client_is_made_when_first_needed_and_once(client: Client) -> None:
    assert client._client is None
    assert client.botocore is client.botocore


def test_a_call_names_what_makes_it_and_puts_the_name_together_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(status=200)
    monkeypatch.setattr(client.botocore._endpoint, "http_session", wire)
    monkeypatch.setattr(Session, "user_agent", lambda *_: pytest.fail("put together for a call"))
    call(client, 1)
    assert re.fullmatch(r"Botocore/\S+ Python/\S+ .*arbiter", wire.user_agents[0])


@pytest.mark.parametrize("service", ["bedrock-runtime", "bedrock-agent-runtime", "ssm", "lambda"])
def test_a_client_is_made_without_looking_for_other_services(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "list_available_services", lambda *_: pytest.fail("every service was looked for"))
    assert Client(new_session(), service).botocore.meta.service_model.service_name == service


def test_a_service_that_botocore_does_not_know_fails_when_its_client_is_made() -> None:
    with pytest.raises(DataNotFoundError, match="bedrock-oracle"):
        _ = Client(new_session(), "bedrock-oracle").botocore


def test_every_call_is_given_the_time_its_request_has_left(client: Client) -> None:
    wire = Wire()
    client.botocore.meta.events.register("before-send", wire.send)
    call(client, 7.5)
    call(client, 0.25)

    assert wire.read_timeouts == [7.5, 0.25]
    client.botocore.converse(modelId="nova", messages=[])
    assert wire.read_timeouts[-1] == READ_SECONDS


def test_a_call_is_left_when_its_time_is_over_however_slowly_it_answers(client: Client) -> None:
    answered = threading.Event()

    def drip(request: Any, **_: Any) -> AWSResponse:
        answered.wait(30)
        return Wire().send(request)

    client.botocore.meta.events.register("before-send", drip)
    with pytest.raises(DeadlineExceeded):
        call(client, 0.1)
    assert not answered.is_set()
    answered.set()

    client.botocore.meta.events.unregister("before-send", drip)
    client.botocore.meta.events.register("before-send", Wire(status=429).send)
    with pytest.raises(Throttled):
        call(client, 30.0)  # Its own answer, not the late one.


def test_botocore_itself_tries_nothing_again(client: Client) -> None:
    wire = Wire(status=429)
    client.botocore.meta.events.register("before-send", wire.send)

    with pytest.raises(Throttled):
        call(client, 5.0)
    assert len(wire.read_timeouts) == 1


def test_a_shared_session_knows_every_service_that_a_function_names() -> None:
    sources = [path.read_text() for path in Path(arbiter.__file__).parent.rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'Client\([^()]*(?:\(\))?, "([a-z0-9-]+)"\)', text)}
    assert {"lambda", "ssm", "dynamodb"} <= named
    assert named <= set(new_session().get_component("data_loader").list_available_services("service-2"))
