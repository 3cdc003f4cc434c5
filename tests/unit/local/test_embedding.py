"""The local embedding reads the more of each passage, the fewer there are."""

from typing import Any

import numpy
import pytest

from local.emulator.embedding import model


class Counting:
    """An encoder that notes what it reads."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def embed(self, texts: list[str], most_tokens: int = 0) -> Any:
        self.read += texts
        return numpy.ones((len(texts), 2))


@pytest.mark.parametrize(
    ("passages", "sentences", "share"), [(1_000, 5, 1 / 4), (2_999, 2, 1 / 20), (3_001, 1, 1 / 250)]
)
def test_passages_of_which_little_is_read_are_found_by_their_words(passages: int, sentences: int, share: float) -> None:
    texts = [" ".join(f"Rope{n} kept{m} dry." for m in range(5)) for n in range(passages)]
    encoder = Counting()

    _, given = model._passages(encoder, texts)

    assert (len(encoder.read), given) == (passages * sentences, share)


def test_what_is_read_of_a_passage_is_not_what_it_repeats_of_the_one_before() -> None:
    assert model._spread(list("abcde"), 1) == ["c"]
    assert model._spread(list("abcd"), 2) == ["b", "d"]
    assert model._spread(list("ab"), 3) == ["a", "b"]
