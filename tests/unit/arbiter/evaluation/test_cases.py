"""A summary counts every record once; a file of cases is checked as a whole."""

import json
from typing import Any

import pytest

from arbiter.evaluation.cases import read_cases
from arbiter.evaluation.summary import cites, summarise

MODES = ("base", "rag")


def record(mode: str, *, document: str | None = None, uri: str | None = None, **response: Any) -> dict[str, Any]:
    citations = [{"text": "…", "uri": uri, "score": 0.5}] if uri else []
    answer = {
        "answer": "…",
        "mode": mode,
        "citations": citations,
        "usage": {"input_tokens": 10, "output_tokens": 2},
        "latency_ms": {"total": 100.0},
        "cost_usd": 0.5,
        "degraded": [],
        **response,
    }
    return {"run": "r", "case": {"id": "1", "document": document}, "mode": mode, "response": answer}


def failed(mode: str, code: str) -> dict[str, Any]:
    return {"run": "r", "case": {"id": "1"}, "mode": mode, "error": {"code": code}}


def test_the_summary_counts_by_mode() -> None:
    summary = summarise(
        "r",
        [
            record("base"),
            record("base", latency_ms={"total": 400.0}, degraded=["no tuned model"]),
            record("base", latency_ms={"total": 100.0}),
            failed("base", "throttled"),
            record("rag", document="a/b.md", uri="s3://bucket/docs/a/b.md"),
            record("rag", document="a/b.md", uri="s3://bucket/docs/xa/b.md"),
        ],
        MODES,
        cases=5,
    )
    base, rag = summary.modes["base"], summary.modes["rag"]
    assert (base.answered, base.failed, base.missing, base.degraded) == (3, {"throttled": 1}, 1, 1)
    assert (base.mean_latency_ms, base.median_latency_ms) == (200.0, 100.0)
    assert (base.input_tokens, base.output_tokens, base.cost_usd) == (30, 6, 1.5)
    assert (base.citable, base.citation_share) == (0, None)
    assert (rag.missing, rag.citable, rag.cited, rag.citation_share) == (3, 2, 1, 0.5)
    assert json.loads(json.dumps(summary.dump()))["modes"]["rag"]["cited"] == 1


def test_a_mode_without_a_record_is_wholly_missing() -> None:
    row = summarise("r", [], MODES, cases=2).modes["rag"]
    assert (row.answered, row.missing, row.mean_latency_ms, row.cost_usd) == (0, 2, None, 0.0)


def test_a_grounded_answer_without_a_citation_misses_the_document() -> None:
    assert summarise("r", [record("rag", document="a.md")], MODES, cases=1).modes["rag"].citation_share == 0.0


def test_one_unknown_price_makes_the_cost_unknown() -> None:
    assert summarise("r", [record("base"), record("base", cost_usd=None)], MODES, 2).modes["base"].cost_usd is None


def test_an_answer_that_asked_no_model_has_no_tokens() -> None:
    assert summarise("r", [record("rag", usage=None)], MODES, 1).modes["rag"].input_tokens == 0


@pytest.mark.parametrize(
    ("uri", "document", "cited"),
    [
        ("s3://b/guides/x.md", "guides/x.md", True),
        ("s3://b/x.md", "x.md", True),
        ("s3://b/guides/x.md", "x.md", True),
        ("s3://b/max.md", "x.md", False),
        ("s3://b/x.md", "guides/x.md", False),
    ],
)
def test_a_citation_names_the_whole_document(uri: str, document: str, cited: bool) -> None:
    assert cites({"citations": [{"uri": uri}]}, document) is cited


def test_good_cases_are_read() -> None:
    full = b'{"id": "1", "question": "a?", "reference": "b", "tags": ["t"], "document": "d.md"}'
    content = full + b'\n\n{"id": "2", "question": "c"}'
    read = read_cases([content])
    assert read.problems == ()
    assert [case["id"] for case in read.cases] == ["1", "2"]


def test_all_problems_of_a_file_of_cases_are_named() -> None:
    content = b"\n".join(
        [
            b'{"id": "1", "question": "a?"}',
            b"nonsense",
            b"[]",
            b'{"id": "1", "question": "b?"}',
            b'{"question": "b?"}',
            b'{"id": 5, "question": "b?"}',
            b'{"id": "../x", "question": "b?"}',
            b'{"id": "7", "question": "  "}',
            b'{"id": "8", "question": "a", "answer": "b"}',
        ]
    )
    problems = read_cases([content]).problems
    assert [problem.split(" ")[1] for problem in problems] == ["2", "3", "4", "5", "6", "7", "8", "9"]
    assert problems[2] == "line 4 has the id '1' of line 1: give each case its own id"
    assert problems[-1] == 'line 9 has the unknown field "answer"'


def test_a_file_without_cases_is_refused() -> None:
    assert "has no case" in read_cases([b"\n"]).problems[0]
