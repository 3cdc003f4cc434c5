"""The local embedding reads the more of each passage, the fewer there are."""

from typing import Any

import numpy
import pytest

from local.emulator.embedding import lexical, model
from local.emulator.embedding.sentences import sentences


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


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("鍵を忘れたらどこに電話しますか", "鍵を忘れた人は警備室に電話します。", "受付は一階にあります。"),
        ("열쇠는 어디에 있나요", "열쇠는 접수처에 있습니다.", "식당은 이 층입니다."),
    ],
)
def test_words_that_no_space_parts_are_found(question: str, right: str, wrong: str) -> None:
    asked, near, far = (lexical.embed(text, 256, passage=text is not question) for text in (question, right, wrong))
    assert sum(map(float.__mul__, asked, near)) > 2 * abs(sum(map(float.__mul__, asked, far)))


def test_sentences_end_at_the_marks_of_their_script() -> None:
    assert sentences("朝九時に開きます。鍵は一階。") == ["朝九時に開きます。", "鍵は一階。"]


def test_what_is_read_of_a_passage_is_not_what_it_repeats_of_the_one_before() -> None:
    assert model._spread(list("abcde"), 1) == ["c"]
    assert model._spread(list("abcd"), 2) == ["b", "d"]
    assert model._spread(list("ab"), 3) == ["a", "b"]
