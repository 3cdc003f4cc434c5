"""The console serves its own page with its token, and refuses everything else in a sentence."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cli.console.protection import LARGEST_BODY, Protection
from cli.console.server import Console, Response
from tests.unit.cli.console.planted import PlantedBackend

OWN = Protection(8765, "secret-token")
BROWSER = {"Host": "127.0.0.1:8765", "Origin": OWN.origin, "Sec-Fetch-Site": "same-origin"}
CALL = {**BROWSER, "X-Arbiter-Token": "secret-token", "Content-Type": "application/json", "Content-Length": "2"}


def post(path: str, headers: Mapping[str, str], body: bytes = b"{}", backend: Any = None) -> Response:
    return Console(backend or PlantedBackend(), OWN).post(path, headers, lambda length: body[:length])


def message(response: Response) -> str:
    return str(json.loads(response.body)["error"]["message"])


def test_the_page_calls_with_its_token() -> None:
    answered = post("/api/about", CALL)
    assert (answered.status, json.loads(answered.body)["environment"]) == (200, "dev")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"X-Arbiter-Token": "wrong"}, 401),
        ({"X-Arbiter-Token": ""}, 401),
        ({"X-Arbiter-Token": "secret-tokén"}, 401),
        ({"Host": "evil.example:8765"}, 421),
        ({"Host": "localhost:8765"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Length": "x"}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": str(LARGEST_BODY + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
    ],
    ids=str,
)
def test_another_page_a_name_that_points_here_and_a_guess_are_refused(changed: dict[str, str], status: int) -> None:
    backend = PlantedBackend()
    refused = post("/api/ask", {**CALL, **changed}, b'{"mode": "base"}', backend)
    assert (refused.status, backend.asked) == (status, [])
    assert message(refused).endswith(".")


@pytest.mark.parametrize("missing", ["Host", "X-Arbiter-Token", "Content-Type", "Content-Length"])
def test_what_is_missing_is_refused(missing: str) -> None:
    assert post("/api/about", {name: value for name, value in CALL.items() if name != missing}).status >= 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    refused = post("/api/ask", {**CALL, "Content-Length": str(len(body))}, body)
    assert (refused.status, message(refused)) == (400, "Send a JSON object.")


def test_an_unknown_call_is_refused() -> None:
    assert post("/api/../about", CALL).status == 404


def test_a_failure_is_a_sentence_without_a_trace() -> None:
    failed = post("/api/ask", CALL)
    assert failed.status == 502
    assert message(failed).startswith("Arbiter failed in a way it does not know: KeyError")


def test_the_page_holds_nothing_of_the_deployment_and_loads_nothing() -> None:
    page = Console(PlantedBackend(), OWN).get("/", {"Host": "127.0.0.1:8765", "Sec-Fetch-Site": "none"})
    assert page.status == 200
    assert b"secret-token" not in page.body
    assert b"dev" not in page.body.replace(b"device-width", b"")
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy
    assert Console(PlantedBackend(), OWN).get("/", {"Host": "evil.example"}).status == 421


def test_a_report_is_opened_by_an_address_that_nobody_can_guess_and_cut_off_from_the_console() -> None:
    console = Console(PlantedBackend(), OWN)
    body = json.dumps({"kind": "report", "name": "first"}).encode()
    opened = console.post("/api/open", {**CALL, "Content-Length": str(len(body))}, lambda _: body)
    path = json.loads(opened.body)["path"]
    page = console.get(path, {"Host": "127.0.0.1:8765"})
    assert (page.status, b"first" in page.body) == (200, True)
    assert page.policy.startswith("sandbox allow-scripts ")
    assert "allow-same-origin" not in page.policy
    assert console.get("/open/first", {"Host": "127.0.0.1:8765"}).status == 404
    assert console.get(path, {"Host": "127.0.0.1:8765", "Sec-Fetch-Site": "cross-site"}).status == 403


def test_each_console_has_a_token_of_its_own() -> None:
    assert len({Protection.new(1).token for _ in range(20)}) == 20
