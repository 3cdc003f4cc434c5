"""An answer that says it does not know is told from one that answers, whatever it is wrapped in."""

import pytest

from arbiter.evaluation.numbers.abstention import abstains


@pytest.mark.parametrize(
    "answer",
    [
        "I do not know: I was given no documents that answer this.",
        "I don\N{RIGHT SINGLE QUOTATION MARK}t know.",
        "I'm sorry, I don't have that information.",
        "Hello from the Tarnhook desk, and thank you for asking!\nI do not know: no document says so.\nSee you!",
        "Unfortunately, the provided documents do not contain the answer.",
        "The documents do not say how often ropes are washed.",
        "**I cannot answer this from the documents.**",
        "There is no information about the price of the stove.",
        "Das weiß ich nicht.",
        "Leider weiß ich es nicht. Ich weiß es nicht.",
        "No lo sé.",
    ],
)
def test_it_says_that_it_does_not_know(answer: str) -> None:
    assert abstains(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "A Lynx 60 rope is retired after 110 hill days.",
        "A rope lasts 110 days. The documents do not say who inspects it.",
        "I do not know the exact weight, but the manual says about 12 kg.",
        "The documents do not name a price. However, a rental costs 12 a day.",
        "Nobody knows. It was built before 1900.",
        "Hello! It holds 4 tents.",
        "",
        None,
        {"answer": None},
    ],
)
def test_it_answers(answer: object) -> None:
    assert not abstains(answer)
