"""The page in Debian's Chromium: from a file, without a network, on a phone, in the dark, with and without JavaScript.

`apt-get install chromium` gives the browser. Where there can be none, ARBITER_WITHOUT_BROWSER=1 skips these tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.reporting.page import MAX_STATIC, render
from cli.reporting.report import page
from cli.reporting.run.records import StoredRun
from tests.unit.cli.reporting.browser import Browser, browsing, chromium
from tests.unit.cli.reporting.synthetic_run import make
from tests.unit.cli.reporting.synthetic_summary import summarised

pytestmark = pytest.mark.slow

WITHOUT = "ARBITER_WITHOUT_BROWSER"
HOSTILE = "</script><img src=x onerror='window.broken=1'><svg onload='window.broken=1'>" + "wide" * 80
SHOWN = "[...document.querySelectorAll('.question')].filter(q => q.offsetParent !== null)"
SETTLED = "new Promise(done => setTimeout(done, 250))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None and os.environ.get(WITHOUT) == "1":
        pytest.skip(f"{WITHOUT}=1: nothing here looks at the report in a browser")
    if program is None:
        pytest.fail(f"There is no Chromium: install it (`apt-get install chromium`), or skip with {WITHOUT}=1.")
    with browsing(program) as browser:
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, other = make(60), make(40, seed=9, name="earlier")
    file = tmp_path_factory.mktemp("report") / "report.html"
    stored = StoredRun(made.plan, summarised(made), made.records)
    file.write_text(page(stored, StoredRun(other.plan, summarised(other), other.records)))
    return file


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(MAX_STATIC + 120, pairwise=False)
    file = tmp_path_factory.mktemp("packed") / "report.html"
    file.write_text(render(made.plan, summarised(made), made.records))
    return file


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(6, text=HOSTILE)
    file = tmp_path_factory.mktemp("hostile") / "report.html"
    stored = StoredRun(made.plan, summarised(made), made.records)
    file.write_text(page(stored, case_study=True))
    return file


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["report", "packed", "hostile"])
def test_it_opens_without_network_complaint_or_sideways_scroll(
    browser: Browser, request: pytest.FixtureRequest, name: str, width: int, dark: bool
) -> None:
    file = request.getfixturevalue(name)
    browser.open(file, width=width, dark=dark)
    browser.run(SETTLED)
    assert browser.complaints == []
    assert [url for url in browser.requests if url != file.as_uri() and not url.startswith("data:")] == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("window.broken") is None
    assert browser.run("document.images.length") == 0


def test_dark_mode_changes_page_and_charts(browser: Browser, report: Path) -> None:
    colours = []
    for dark in (False, True):
        browser.open(report, dark=dark)
        background = browser.run("getComputedStyle(document.body).backgroundColor")
        text = browser.run("getComputedStyle(document.querySelector('.drawing text')).fill")
        colours.append((_brightness(background), _brightness(text)))
    (light_page, light_text), (dark_page, dark_text) = colours
    assert light_page > 200 > 120 > light_text
    assert dark_page < 60 < 150 < dark_text


def test_charts_stay_legible_on_a_phone(browser: Browser, report: Path) -> None:
    browser.open(report, width=360)
    sizes = browser.run(
        "[...document.querySelectorAll('.drawing')].map(drawing => {"
        " const svg = drawing.querySelector('svg');"
        " return parseFloat(getComputedStyle(svg.querySelector('text')).fontSize)"
        " * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width })"
    )
    assert min(sizes) >= 8


def test_search_and_filters_leave_what_they_say(browser: Browser, report: Path) -> None:
    browser.open(report)
    assert browser.run(f"{SHOWN}.length") == 60
    _set(browser, "query", "question 17:")
    assert browser.run(f"{SHOWN}.map(q => q.id)") == ["q-case-0017"]
    assert browser.run("document.getElementById('found').textContent") == "1 of 60 questions"
    _set(browser, "query", "")
    _set(browser, "tag", "style")
    assert browser.run(f"{SHOWN}.length") == 12
    assert browser.run(f"{SHOWN}.every(q => q.querySelector('.tag').textContent === 'style')")
    _set(browser, "winner", "combined")
    assert browser.run(f"{SHOWN}.every(q => q.querySelector('.best h4').textContent.includes('combined'))")
    assert 0 < browser.run(f"{SHOWN}.length") < 12
    _set(browser, "tag", "")
    _set(browser, "winner", "")
    _set(browser, "apart", "3")
    assert 0 < browser.run(f"{SHOWN}.length") < 60
    assert browser.run(f"{SHOWN}.every(q => parseFloat(q.querySelector('.apart').textContent.slice(7)) >= 3)")
    _set(browser, "apart", "0")
    browser.run("document.getElementById('failed').click()")
    browser.run(SETTLED)
    assert 0 < browser.run(f"{SHOWN}.length") < 60
    assert browser.run(f"{SHOWN}.every(q => q.querySelector('.failure'))")


def test_many_questions_are_unpacked_a_page_at_a_time_and_searched_to_the_last(browser: Browser, packed: Path) -> None:
    browser.open(packed)
    browser.run(SETTLED)
    assert browser.run("document.querySelectorAll('.question').length") == 50
    browser.run("document.getElementById('more').click()")
    browser.run(SETTLED)
    assert browser.run("document.querySelectorAll('.question').length") == 100
    last = f"question {MAX_STATIC + 120}:"
    _set(browser, "query", last)
    browser.run(
        "new Promise(done => { const look = () => document.getElementById('found').textContent.startsWith('1 of')"
        " ? done() : setTimeout(look, 20); look() })"
    )
    assert browser.run(f"{SHOWN}.map(q => q.id)") == [f"q-case-0{MAX_STATIC + 120}"]


def test_without_javascript_every_question_is_there(browser: Browser, report: Path) -> None:
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(report)
        assert browser.run(f"{SHOWN}.length") == 60
        assert browser.run("document.getElementById('filters').offsetParent === null")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


def _set(browser: Browser, field: str, value: str) -> None:
    browser.run(
        f"(() => {{ const field = document.getElementById({field!r}); field.value = {value!r};"
        " field.dispatchEvent(new Event('input', {bubbles: true})) })()"
    )
    browser.run(SETTLED)
    assert browser.complaints == []


def _brightness(colour: str) -> float:
    """The mean of red, green and blue, as a browser writes them."""
    parts = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")]
    return sum(parts[:3]) / 3
