"""The console in a browser, over a deployment on the local AWS."""

import json
import threading
import time
from collections.abc import Sequence

import pytest

from cli.console.backend import DeployedBackend
from cli.console.server import Server
from cli.core.deployment import Deployment
from tests.unit.cli.console.test_page import READY, ask, press, wait
from tests.unit.cli.reporting.browser import Browser, browsing, chromium

QUESTION = "After how many hill days is a Lynx 60 rope retired?"


class WatchedBackend(DeployedBackend):
    """Keeps the pages that were opened."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment)
        self.opened: list[str] = []

    def page(self, kind: str, name: str) -> str:
        self.opened.append(super().page(kind, name))
        return self.opened[-1]


def look_at_the_console(deployment: Deployment, run: str, modes: Sequence[str]) -> None:
    """Ask in every mode, go on from an answer, rate one, read the documents and open the report of a run."""
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium here")
    backend = WatchedBackend(deployment)
    with Server(backend) as server, browsing(program) as browser:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            _use(browser, server, backend, run, modes)
        finally:
            server.shutdown()
            serving.join()


def _use(browser: Browser, server: Server, backend: WatchedBackend, run: str, modes: Sequence[str]) -> None:
    browser.open(server.url, online=True)
    wait(browser, READY)
    ask(browser, QUESTION)
    shown = browser.run("[...document.querySelectorAll('#replies article')].map(one => one.dataset.mode)")
    assert set(shown) == {*modes, "auto"}
    assert "policies/gear-inspection.md" in browser.run("document.querySelector('[data-mode=rag]').textContent")
    assert "Why auto chose this" in browser.run("document.querySelector('[data-mode=auto]').innerText")
    browser.run("document.querySelector('[data-mode=rag] button[aria-label^=Good]').click()")
    wait(browser, "document.querySelector('[data-mode=rag]').innerText.includes('Noted as good.')")
    browser.run("document.querySelector('[data-mode=rag] button[aria-label^=\"Ask on\"]').click()")
    browser.run("document.querySelectorAll('#modes input').forEach(box => box.checked = box.value === 'rag')")
    ask(browser, "And what is it replaced by?")
    assert browser.run("document.querySelectorAll('#turns li').length") == 2
    browser.run("['documents', 'trainings', 'evaluations'].forEach(id => document.getElementById(id).open = true)")
    read = "one => one.children.length > 0 && !one.textContent.startsWith('Reading')"
    wait(browser, f"[...document.querySelectorAll('.loaded')].every({read})")
    text = browser.run("document.body.innerText")
    assert "INDEXED" in text
    assert "in service" in text
    browser.run(f"document.querySelector({json.dumps(f'[aria-label$={json.dumps(run)}]')}).focus()")
    press(browser, "Enter", 13, "\r")
    ends = time.monotonic() + 60
    while not backend.opened:
        assert time.monotonic() < ends, "the report is not opened"
        time.sleep(0.1)
    assert run in backend.opened[0]
    assert browser.complaints == []
    origin = server.url.partition("#")[0]
    assert [url for url in browser.requests if not url.startswith((origin, "data:"))] == []
