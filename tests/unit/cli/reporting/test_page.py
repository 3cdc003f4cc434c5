"""The page says everything that the summary says, never more, and nobody's text can become its own."""

import copy
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.summary.document import Summary, load
from arbiter.evaluation.summary.groups import headline
from arbiter.modes import Mode
from cli.reporting import page as page_module
from cli.reporting.figures.against_base import against_base, differences
from cli.reporting.page import render
from cli.reporting.run.questions import questions
from cli.reporting.run.records import Records
from cli.reporting.tables.sections import tables
from tests.unit.cli.reporting.parsed import Parsed
from tests.unit.cli.reporting.synthetic_run import JUDGES, Synthetic, make
from tests.unit.cli.reporting.synthetic_summary import summarised

HOSTILE = "</script></title></style><img src=x onerror=alert(1)><script>alert(2)</script>\"'>{{ 7*7 }}<!--$x_1$"
PLACES = re.compile(r"0\.0\.0|url\((?!#)|@import|(?:src|href)=\"(?!#|data:,)[^\"]*\"")


@pytest.fixture(scope="module")
def made() -> Synthetic:
    return make()


@pytest.fixture(scope="module")
def summary(made: Synthetic) -> Any:
    return summarised(made)


@pytest.fixture(scope="module")
def page(made: Synthetic, summary: Any) -> str:
    return render(made.plan, summary, made.records)


def test_the_numbers_stand_where_their_headings_say(page: str, summary: Any) -> None:
    shown = Parsed.of(page).tables
    rag = summary["arms"][1]
    assert shown["Quality by technique, of 10"]["rag"]["Mean"] == f"{rag['quality']['mean']:.2f}"
    low, high = rag["quality"]["interval"]
    assert shown["Quality by technique, of 10"]["rag"]["95 % interval"] == f"{low:.2f} to {high:.2f}"
    assert shown["Answers"]["rag"]["Answered"] == str(rag["answered"])
    assert shown["Tokens and cost"]["rag"]["Input tokens"] == f"{rag['tokens']['input']:,}"
    row = next(row for row in summary["comparisons"] if (row["a"], row["b"]) == ("rag", "combined"))
    [compared] = [
        cells for name, cells in shown["Paired differences between techniques"].items() if name.startswith("rag")
    ][1:]
    assert compared["Losses"] == str(row["losses"])
    assert compared["Smallest detectable"] == f"{row['smallest_detectable']:.2f}"
    assert compared["Verdict"] == row["verdict"]


def test_every_number_of_the_summary_is_in_a_table(summary: Any) -> None:
    before, changed = _cells(summary), copy.deepcopy(summary)
    unseen = []
    for path in _numbers(summary, ()):
        number = _set(changed, path, 7.77)
        whole = isinstance(number, int)
        _set(changed, path, 8_765 if whole else 7.77)
        new = [cell for cell, old in zip(_cells(changed), before, strict=True) if cell != old]
        _set(changed, path, number)
        if not any("8,765" in cell if whole else re.search(r"7\.8|7\.77|777%|8 ms", cell) for cell in new):
            unseen.append(path)
    # How many cases the run has, about how many documents, stands in the page's head; an arm without documents has
    # nothing to cite.
    ungrounded = [("arms", index, "citations", "cited") for index in (0, 2)]
    assert sorted(unseen, key=str) == sorted([("cases",), ("clusters",), *ungrounded], key=str)


@pytest.mark.usefixtures("no_charts")
def test_the_head_says_of_how_many_documents_the_questions_are(made: Synthetic, summary: Any) -> None:
    def head(clusters: int) -> str:
        return render(made.plan, {**summary, "clusters": clusters}, made.records)

    assert f"{summary['cases']} questions in 7 groups by document" in head(7)
    assert "groups by document ·" not in head(summary["cases"])


def test_the_conclusion_and_what_weakens_it_come_first(page: str, summary: Any) -> None:
    text = Parsed.of(page).text
    for sentence in (*summary["conclusion"], *summary["doubts"]):
        assert text.count(sentence.replace("`", "")) == 1
    assert text.index(headline(summary)) < text.index("Conclusion")
    assert text.index("Run synthetic") > text.index("Questions")
    assert "Answered: base and rag with amazon.nova-lite-v1:0; fine_tuned and combined with the model of run" in text
    assert text.index("Conclusion") < text.index("Before you believe it") < text.index("At a glance")
    assert "Not every answer could be scored, and none of these counts as a zero: base" in text


def test_stand_ins_are_told_first_and_go_by_no_models_name() -> None:
    local = make(8, local=True)
    page = render(local.plan, summarised(local), local.records)
    parsed = Parsed.of(page)
    body = parsed.text.partition("Arbiter · evaluation")[2]
    assert body.strip().startswith("Stand-ins answered and judged everything on the local AWS")
    assert "stand-in judge 1 is in place of anthropic.claude-sonnet-4-20250514-v1:0" in parsed.text
    assert "Do stand-in judge 1 and stand-in judge 2 agree?" in parsed.text
    assert parsed.text.count("claude") == 1


def test_two_sizes_of_model_are_each_compared_with_their_own_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "_charts", lambda _, summary, __: [differences(summary)])
    made = make(40, modes=("base", "rag"), pairwise=False)
    other = made.plan.arms[0]._replace(name="base.micro", model="amazon.nova-micro-v1:0")
    plan = replace(made.plan, arms=(*made.plan.arms, other, other._replace(name="rag.micro", mode=Mode.RAG)))
    answers = [{**one, "arm": f"{one['arm']}.micro"} for one in made.records.answers]
    verdicts: list[Any] = [{**one, "arm": f"{one['arm']}.micro"} for one in made.records.verdicts]
    records = Records(made.records.cases, (*made.records.answers, *answers), (*made.records.verdicts, *verdicts))
    summary = summarised(Synthetic(plan, records))
    assert [(row["a"], row["b"]) for row in against_base(summary)] == [("rag", "base"), ("rag.micro", "base.micro")]
    text = Parsed.of(render(plan, summary, records)).text
    assert "Difference to base on the same model, question by question" in text


def test_all_answers_verdicts_reasons_and_failures_are_shown(page: str, made: Synthetic) -> None:
    text = Parsed.of(page).text
    for record in made.records.answers:
        assert (record["response"]["answer"] if "response" in record else record["error"]["message"]) in text
    for record in made.records.verdicts:
        for verdict in record["verdicts"]:
            assert verdict.get("reason", "no verdict: unparseable") in text
    assert page.count('class="answer') == 60 * 4 + 60  # each answer, and the grid around each question's


def test_a_question_gets_the_score_that_the_statistics_count(made: Synthetic) -> None:
    cases = {case["id"]: index for index, case in enumerate(made.records.cases)}
    board = Scoreboard(cases, [arm.name for arm in made.plan.arms], made.plan.judges)
    board.add_answers(map(extraction.answer, made.records.answers))
    board.add_verdicts(map(extraction.verdicts, made.records.verdicts))
    for question in questions(made.plan, made.records):
        for shown in question.answers:
            assert shown.score == board.scores[shown.arm].get(cases[question.id])


def test_nobodys_text_becomes_markup_or_script() -> None:
    hostile = make(3, text=HOSTILE, failures=True)
    page = render(hostile.plan, summarised(hostile), hostile.records)
    parsed = Parsed.of(page)
    assert [tag for tag, _ in parsed.tags].count("img") == 0
    assert [tag for tag, _ in parsed.tags].count("script") == 2
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert HOSTILE in parsed.text
    assert "49" not in re.findall(r"\b49\b", parsed.text.replace(HOSTILE, ""))


@pytest.mark.usefixtures("no_charts")
def test_packed_questions_cannot_end_their_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MAX_STATIC", 2)
    hostile = make(3, text=HOSTILE)
    page = render(hostile.plan, summarised(hostile), hostile.records)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.S)
    assert len(scripts) == 3
    assert json.loads(scripts[0])[0][0] == [HOSTILE]


def test_the_page_asks_for_nothing_else(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe-inline'; script" in policy[1], "styles may be inline, scripts only the one with this hash"
    assert not PLACES.findall(page)


@pytest.mark.slow
def test_the_same_run_gives_the_same_page(made: Synthetic, summary: Any, page: str) -> None:
    assert render(made.plan, summary, made.records) == page


def test_no_two_elements_share_an_id(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Parsed.of(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_headings_descend_by_one_and_pictures_and_tables_are_named(page: str) -> None:
    parsed = Parsed.of(page)
    levels = [level for level, _ in parsed.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    drawings = [attributes for _, attributes in parsed.tags if attributes.get("class") == "drawing"]
    assert len(drawings) >= 12
    assert all(len(attributes["aria-label"]) > 20 for attributes in drawings)
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            lambda: make(4, priced=False),
            "The price is unknown for base, rag, fine_tuned and combined (of amazon.nova-lite",
        ),
        (lambda: make(4, modes=["base"]), "There is nothing with a score on questions in common"),
        (lambda: make(4, judges=[]), "No judge scored this run"),
        (lambda: make(4, judges=JUDGES[:1]), "Only one judge scored this run"),
        (lambda: make(1, failures=False), "Nothing can be said: 1 question is too few"),
        (lambda: _without(make(4), "answers", "verdicts", "pairs"), "There is no record of an answer"),
        (lambda: make(4, pairwise=False), "This run asked for no A/B verdicts"),
    ],
)
def test_what_is_missing_is_said_and_never_a_zero(run: Callable[[], Synthetic], sentence: str) -> None:
    made = run()
    text = Parsed.of(render(made.plan, summarised(made), made.records)).text
    assert sentence in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        "comparisons",
        "judges_agreement",
        "pairwise",
        "tags",
        "cost",
        "conclusion",
        "arms",
        *sorted(Summary.__optional_keys__),
    ],
)
def test_a_summary_without_a_part_still_gives_a_page(made: Synthetic, summary: Any, part: str) -> None:
    partial = {name: value for name, value in summary.items() if name != part}
    few = Records(made.records.cases[:2], made.records.answers[:8], made.records.verdicts[:8])
    assert "Questions" in Parsed.of(render(made.plan, load(partial), few)).text


def _without(made: Synthetic, *parts: str) -> Synthetic:
    kept = {
        name: getattr(made.records, name) for name in ("cases", "answers", "verdicts", "pairs") if name not in parts
    }
    return Synthetic(made.plan, Records(**kept))


def _cells(summary: Any) -> list[str]:
    return [cell for table in tables(summary) for row in table.rows for cell in row]


def _numbers(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Where the numbers are; a truth value is none."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _numbers(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _numbers(one, (*path, index))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def _set(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    for key in path[:-1]:
        document = document[key]
    before, document[path[-1]] = document[path[-1]], value
    return before
