"""The console's page in Debian's Chromium, with a backend that is planted: by keys, on a phone, in the dark."""

import json
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from cli.console.server import Server
from cli.console.streaming import Parts
from tests.unit.cli.console.planted import PlantedBackend, response
from tests.unit.cli.reporting.browser import PATIENCE, Browser
from tests.unit.cli.reporting.test_browser import browser

__all__ = ["browser"]

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

ASKED = "document.getElementById('status').textContent.startsWith('Asked')"
READY = "document.querySelector('#modes input') !== null"
SHOWN = (
    "auto → rag",
    "Why auto chose this: documents yes, 0.83, needed 0.50",
    "Not combined: it takes about 900 ms",
    "Model\ncustom-model-deployment/f106694a98b3",
    "1,572 in, 18 out",
    "179 ms",
    "$0.000060",
    "guides/skarn-3-tent.md · page 3 · 0.71",
    "The guardrail masked the output: word",
    "No tuned model is in service.",
    "1 of 2 indexed. Latest ingestion job: COMPLETE",
    "It is encrypted.",
    "training from 2.00 to 0.400",
    "20261128-141336-e973",
    "advice.yaml",
)


@pytest.fixture
def backend() -> PlantedBackend:
    return PlantedBackend()


@pytest.fixture
def served(backend: PlantedBackend) -> Iterator[Server]:
    with Server(backend) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def press(browser: Browser, key: str, code: int, text: str = "") -> None:
    pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
    browser.send("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
    browser.send("Input.dispatchKeyEvent", type="keyUp", **pressed)


def wait(browser: Browser, reached: str) -> None:
    """Wait until an expression is true in the page; the browser's own patience ends it."""
    browser.run(f"new Promise(done => {{ const look = () => {reached} ? done() : setTimeout(look, 20); look() }})")


def ask(browser: Browser, question: str) -> None:
    browser.run(f"document.getElementById('question').value = {json.dumps(question)}")
    browser.run("document.getElementById('ask').requestSubmit()")
    wait(browser, ASKED)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 1280])
def test_it_shows_everything_without_complaint_sideways_scroll_or_a_request_elsewhere(
    browser: Browser, served: Server, width: int, dark: bool
) -> None:
    browser.open(served.url, width=width, dark=dark, online=True)
    wait(browser, READY)
    ask(browser, "How heavy is the packed Skarn 3?")
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    wait(browser, "[...document.querySelectorAll('.loaded')].every(one => one.querySelector('table, .run'))")
    assert browser.complaints == []
    origin = served.url.partition("#")[0]
    assert [url for url in browser.requests if not url.startswith((origin, "data:"))] == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    lines = "[...document.querySelectorAll('td button')].map(one => one.firstChild).map(lined)"
    lined = "text => { const range = new Range(); range.selectNode(text); return range.getClientRects().length }"
    assert set(browser.run(f"(lined => {lines})({lined})")) == {1}
    assert browser.run("window.broken") is None
    assert browser.run("location.hash") == ""
    text = browser.run("document.body.innerText")
    assert [part for part in SHOWN if part not in text] == []


def test_a_question_is_asked_gone_on_from_and_rated_by_keys_alone(
    browser: Browser, served: Server, backend: PlantedBackend
) -> None:
    browser.open(served.url, online=True)
    wait(browser, READY)
    browser.run("document.getElementById('question').focus()")
    browser.send("Input.insertText", text="How heavy?")
    for _ in range(6):
        press(browser, "Tab", 9)
    assert browser.run("document.activeElement.id") == "send"
    press(browser, "Enter", 13, "\r")
    wait(browser, ASKED)
    assert [one["mode"] for one in backend.asked] == ["base", "rag", "fine_tuned", "combined", "auto"]
    browser.run("document.querySelector('[data-mode=rag] button[aria-label=\"Bad answer: rag\"]').focus()")
    press(browser, "Enter", 13, "\r")
    wait(browser, "!document.querySelector('[data-mode=rag] .correction').hidden")
    browser.run("document.querySelector('[data-mode=rag] .correction textarea').value = 'Three.'")
    browser.run("document.querySelector('[data-mode=rag] .correction button').click()")
    wait(browser, "document.body.innerText.includes('Its text is not kept: router.log_text is false and')")
    assert [(one["request_id"], one["rating"], one.get("text")) for one in backend.rated] == [
        ("request-rag", "bad", None),
        ("request-rag", "bad", "Three."),
    ]
    browser.run("document.querySelector('[aria-label=\"Ask on after the answer of rag\"]').click()")
    assert browser.run("document.activeElement.id") == "question"
    ask(browser, "And for two?")
    history = backend.asked[-1]["history"]
    assert [turn["role"] for turn in history] == ["user", "assistant"]
    assert (history[0]["text"], history[1]["text"][:8]) == ("How heavy?", "In rag: ")


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (f"event: done\ndata: {json.dumps(response('base', 'In base: ✓ 3 kg.'))}\n\n", "In base: ✓ 3 kg."),
        ('event: error\ndata: {"error": {"message": "The model was cut off."}}\n\n', "The model was cut off."),
        ("event: done\ndata: {", "The answer broke off. Ask again."),
    ],
)
def test_an_answer_is_shown_while_it_is_written_and_its_end_is_told(
    browser: Browser, served: Server, backend: PlantedBackend, last: str, shown: str
) -> None:
    seen = threading.Event()

    def parts() -> Parts:
        # Cut in the middle of an event, and of a character.
        first = 'event: decision\ndata: {"mode": "base"}\n\nevent: delta\ndata: {"text": "In base: ✓"}\n\n'.encode()
        yield first[:-6]
        yield first[-6:]
        assert seen.wait(PATIENCE)
        yield last.encode()

    backend.events = parts()
    browser.open(served.url, online=True)
    wait(browser, READY)
    browser.run("document.querySelectorAll('#modes input').forEach(box => box.checked = box.value === 'base')")
    browser.run("document.getElementById('question').value = 'How heavy?'")
    browser.run("document.getElementById('ask').requestSubmit()")
    wait(browser, "document.querySelector('.waiting .text')?.textContent === 'In base: ✓'")
    seen.set()
    wait(browser, ASKED)
    assert shown in browser.run("document.querySelector('.answer').innerText")
    assert browser.complaints == []


def test_each_control_has_a_name_for_who_does_not_see_it(browser: Browser, served: Server) -> None:
    browser.open(served.url, online=True)
    wait(browser, READY)
    ask(browser, "How heavy?")
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    controls = ("button", "checkbox", "textbox", "DisclosureTriangle")
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node.get("ignored") and node.get("role", {}).get("value") in controls
    ]
    assert {role for role, _ in named} >= {"button", "checkbox", "textbox"}
    assert [role for role, name in named if not name] == []


def test_a_report_is_opened_in_a_tab_of_its_own(browser: Browser, served: Server, backend: PlantedBackend) -> None:
    browser.open(served.url, online=True)
    browser.run("document.getElementById('evaluations').open = true")
    wait(browser, "document.querySelector('#evaluations button') !== null")
    browser.run("document.querySelector('#evaluations button').focus()")
    press(browser, "Enter", 13, "\r")
    assert backend.opened.get(timeout=PATIENCE) == ("report", "20261128-141336-e973")
    assert browser.run("location.pathname") == "/"


def test_without_its_token_the_page_says_how_to_get_in(browser: Browser, served: Server) -> None:
    browser.open(served.url.partition("#")[0], online=True)
    wait(browser, "document.querySelector('[role=alert]') !== null")
    assert "Open the address that `arbiter console` printed" in browser.run("document.body.innerText")


def test_what_a_browser_is_sent_is_not_kept_and_not_framed(served: Server) -> None:
    with urllib.request.urlopen(served.url) as page:
        headers = page.headers
    assert (headers["Cache-Control"], headers["X-Frame-Options"], headers["Server"]) == ("no-store", "DENY", "arbiter")
    assert headers["Referrer-Policy"] == "no-referrer"
