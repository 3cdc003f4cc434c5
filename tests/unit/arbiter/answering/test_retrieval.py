"""One search finds the best passages of what a question is about; the union of several holds each once."""

from collections.abc import Sequence

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request, Retrieval
from arbiter.answering.retrieval import (
    Query,
    find_passages,
    in_conversation,
    merged,
    ranked,
)

A, B, C = (Passage(name, f"s3://{name}", score) for name, score in (("a", 0.9), ("b", 0.7), ("c", 0.3)))
UNSCORED = Passage("u", "s3://u", None)
TWO_QUESTIONS = "What does a tent cost and how do I return it?"


class Searches:
    """Gives the same passages for every query, and remembers the queries."""

    def __init__(self, *passages: Passage) -> None:
        self.passages, self.queries = passages, list[Query]()

    def __call__(self, query: Query) -> Sequence[Passage]:
        self.queries.append(query)
        return self.passages


def find(search: Searches, request: Request, results: int = 5) -> list[Passage]:
    return find_passages(request, results=results, search=search)


def test_basic_searches_once_with_the_question_as_it_is() -> None:
    search = Searches(B, A)

    assert find(search, Request(TWO_QUESTIONS)) == [B, A], "in the order of the search"
    assert search.queries == [Query(TWO_QUESTIONS, 5, Retrieval())]


def test_the_requests_number_of_results_wins() -> None:
    search = Searches(A, B, C)

    assert find(search, Request("Q?", retrieval=Retrieval(results=2))) == [A, B]
    assert search.queries[0].results == 2


def test_weak_passages_are_dropped_and_unscored_ones_kept() -> None:
    def found(minimum_score: float, *passages: Passage) -> list[Passage]:
        return find(Searches(*passages), Request("Q?", retrieval=Retrieval(minimum_score=minimum_score)))

    assert found(0.5, C, UNSCORED, A) == [UNSCORED, A]
    assert A.score is not None
    assert found(A.score, C, A) == [A], "the limit itself is enough"


TENT = (Turn("user", "Do you rent the Skarn 3?"), Turn("assistant", "Yes."))
NAMED = "Do you rent the Skarn 3?"


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("And for two?", f"{NAMED}\nAnd for two?"),
        ("And how much does it cost per day?", f"{NAMED}\nAnd how much does it cost per day?"),
        ("How heavy is it?", f"{NAMED}\nHow heavy is it?"),
        ("Per week?", f"{NAMED}\nPer week?"),
        ("Und wie schwer ist dieses Zelt?", f"{NAMED}\nUnd wie schwer ist dieses Zelt?"),
        ("¿Y cuánto pesa?", f"{NAMED}\n¿Y cuánto pesa?"),
        ("How long may a visitor park in the yard?", "How long may a visitor park in the yard?"),
        ("When does Lynx 60 expire?", "When does Lynx 60 expire?"),
        ("Lynx 60 price?", "Lynx 60 price?"),
    ],
)
def test_a_follow_up_is_searched_together_with_what_it_leans_on(question: str, searched: str) -> None:
    search = Searches(A, B)
    find(search, Request(question, history=TENT, retrieval=Retrieval(results=2)))

    assert search.queries[0].text == searched


def test_a_chain_of_follow_ups_reaches_back_to_the_question_that_names_something() -> None:
    history = (*TENT, Turn("user", "How heavy is it?"), Turn("assistant", "3 kg."))

    assert in_conversation(Request("And packed?", history=history)) == f"{NAMED}\nHow heavy is it?\nAnd packed?"
    assert in_conversation(Request("And packed?")) == "And packed?"


def test_a_passage_found_twice_is_given_once_with_its_better_score() -> None:
    worse = A._replace(score=0.2)

    assert merged([[worse, B], [A]]) == [A, B]


def test_the_best_of_every_search_comes_before_the_second_best() -> None:
    assert merged([[A, B], [C]]) == [A, C, B]


def test_ranking_is_by_score_and_otherwise_as_found() -> None:
    tied = B._replace(text="b2")

    assert ranked([UNSCORED, B, A, tied]) == [A, B, tied, UNSCORED]
