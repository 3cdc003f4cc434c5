"""Questions about one document are no more evidence than the document is."""

from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest

from arbiter.evaluation.numbers import statistics
from arbiter.evaluation.numbers.clusters import clusters_of, evidence
from arbiter.evaluation.numbers.comparison import compare_all


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are not about how exact an interval is."""
    monkeypatch.setattr(statistics, "RESAMPLES", 199)


def on_documents(leads: list[float], questions: int) -> tuple[dict[str, dict[int, float]], dict[int, str]]:
    """An arm that leads by so much on all questions about each document."""
    documents = {case: f"{case // questions}.md" for case in range(len(leads) * questions)}
    ahead = {case: 5.0 + leads[case // questions] for case in documents}
    return {"rag": ahead, "base": dict.fromkeys(documents, 5.0)}, documents


def test_a_lead_that_a_few_documents_make_is_no_lead_however_many_questions_are_about_them() -> None:
    scores, documents = on_documents([1.0] * 8 + [-1.0] * 4, questions=5)
    (by_question,), (by_document,) = (compare_all(scores, seed="r", documents=about) for about in ({}, documents))
    assert (by_question["verdict"], by_question.get("clusters")) == ("better", None)
    assert (by_document["verdict"], by_document["clusters"]) == ("not_distinguishable", 12)
    assert by_document["p"] == pytest.approx(2 * sum([495, 220, 66, 12, 1]) / 2**12)
    assert (by_document["n"], by_document["difference"]) == (60, by_question["difference"])
    assert "60 questions in 12 groups by document)" in by_document["sentence"]
    assert by_document["smallest_detectable"] > 2 * by_question["smallest_detectable"]  # type: ignore[operator]


def test_values_by_document_have_the_mean_of_the_questions_and_the_cluster_robust_error() -> None:
    random, documents = Random(5), dict[int, str]()
    effects = [random.gauss(0, 2) for _ in range(14)]
    for index, size in enumerate([1, 2, 7, 3, 1, 4, 9, 2, 2, 5, 1, 6, 3, 3]):
        documents |= {len(documents) + one: str(index) for one in range(size)}
    values = {case: effects[int(name)] + random.gauss(0, 1) for case, name in documents.items()}
    own, sums, clusters = evidence(values, documents)
    centre = fmean(values.values())
    residuals = [sum(values[case] - centre for case in values if documents[case] == str(one)) for one in range(14)]
    robust = sqrt(14 / 13 * sum(one**2 for one in residuals)) / len(values)
    assert (clusters, fmean(own), stdev(own) / sqrt(14)) == (14, pytest.approx(centre), pytest.approx(robust))
    assert sum(sums) == pytest.approx(sum(values.values()))


def test_questions_count_one_by_one_where_documents_do_not_matter_or_are_no_sample() -> None:
    for leads, questions in (([1.0, -1.0] * 4, 6), ([2.0] * 12, 1)):
        scores, documents = on_documents(leads, questions)
        assert compare_all(scores, seed="r", documents=documents) == compare_all(scores, seed="r")
    within = {case: float(case % 5) for case in range(60)}
    assert evidence(within, {case: str(case // 5) for case in within}).clusters is None
    assert clusters_of(7, {0: "a", 1: "a", 2: "b"}) == 6
