"""A look by meaning finds what no word of a question tells, where the encoder of the local AWS is installed."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

from arbiter.answering.decision import Profiles
from arbiter.routing.words import sentences
from cli.routing.decided import decided
from cli.routing.looking import Look, Passages, Scale, Scores, form
from cli.routing.meaning import MOST, Meaning, Meanings, fitted
from local.emulator.embedding.nearest import nearest, packed
from tests.unit.cli.routing.test_looking import PAGES, doubtful

NEAR = (
    "print(json.dumps([[0.8 if 'motorhome' in text else 0.1, 0.0, 0.0] for text in json.loads(line)[1]]), flush=True)"
)
ASKED = "print(json.dumps([[0.1, 9.0 * ('motorhome' in text), 0.0] for text in json.loads(line)[1]]), flush=True)"
FOREIGN = """reading, texts = json.loads(line)
    near = [0.8 if reading == 'any' and 'motorhome' in text else 0.1 for text in texts]
    print(json.dumps([[cosine, 0.0, 0.0] for cosine in near]), flush=True)"""


def encoder(folder: Path, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that answers every line behind the passages."""
    script = folder / "encoder"
    lines = ("import json, sys", "sys.stdin.readline()", "for line in iter(sys.stdin.readline, ''):", f"    {answer}")
    script.write_text("\n".join((f"#!{sys.executable} -S", *lines)))
    script.chmod(0o700)
    monkeypatch.setenv("ARBITER_EMULATOR_PYTHON", str(script))


def looked(question: str, *earlier: str, pages: tuple[str, ...] = PAGES) -> Look:
    passages = Passages(Meanings())
    for page in pages:
        passages.add(page)
    look = decided(question, earlier, Profiles(doubtful()), "quality", passages).look
    assert look is not None
    return look


def test_what_is_near_in_meaning_is_a_hit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(tmp_path, NEAR, monkeypatch)

    look = looked("Where does my motorhome go? Answer like a pirate.")
    assert (look.by, look.hit) == ("meaning", True)
    assert not looked("Who painted the chapel?").hit
    assert looked("And for two?", "Where does my motorhome go?").hit


def test_what_means_to_be_asked_of_a_house_is_a_hit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(tmp_path, ASKED, monkeypatch)

    assert looked("Where does my motorhome go?").hit
    assert not looked("Who painted the chapel?").hit


@pytest.mark.parametrize("reading", ["english", "any"])
def test_what_every_house_says_is_less_of_a_hit(reading: str) -> None:
    scale = Scale([Scores(0.0, 0.1), Scores(0.0, 0.3)], fitted()[reading]["weights"], 0.98)

    usual, own = (scale.level(Scores(0.0, 0.5, *Meaning(0.5, 1.0, known)[1:])) for known in (1.2, 0.6))
    assert own > usual + 1


@pytest.mark.parametrize("reading", ["english", "any"])
def test_a_problem_in_numbers_and_sentences_is_less_of_a_hit(reading: str) -> None:
    scale = Scale([Scores(0.0, 0.1), Scores(0.0, 0.3)], fitted()[reading]["weights"], 0.98)
    price = "What does a ticket for two cost?"
    problem = "A ticket costs 12 pounds, half for children. Three adults and two children pay. How much is left of 60?"
    levels = [scale.level(Scores(0.0, 0.5, 1.0, 0.6, *form(sentences(text)))) for text in (price, problem)]

    assert levels[0] > levels[1] + 1


def test_form_counts_up_to_a_bound_and_one_number_is_free() -> None:
    assert form(sentences("Can two of us share a room?")) == (0, 1)
    assert form(sentences("Is it open at 9? And at 10?")) == (1, 2)
    assert form(sentences("Is it 1 or 2 or 3 or 4 or 5? It rains. We walk. They sing. The dog barks.")) == (3, 4)


def test_what_demands_a_style_is_no_part_of_the_form() -> None:
    assert form(sentences("Can two of us share a room? Answer in exactly two sentences of 20 words.")) == (0, 1)
    assert form(sentences("Write a limerick in 5 lines.")) == (0, 1)


def test_another_language_is_read_by_the_encoder_that_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(tmp_path, FOREIGN, monkeypatch)

    look = looked("Wo kann ich hier mit dem motorhome stehen?")
    assert (look.by, look.hit) == ("meaning", True)
    assert not looked("Wer hat die Kapelle ausgemalt?").hit
    assert not looked("Where does my motorhome go?").hit


@pytest.mark.parametrize("answer", ["print('false', flush=True)", "sys.exit(1)"])
def test_without_an_encoder_words_tell(answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(tmp_path, answer, monkeypatch)

    assert looked("May I park my caravan in the yard?").by == "words"


def test_many_passages_are_not_read_for_their_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(tmp_path, NEAR, monkeypatch)
    many = "\n\n".join(f"Caravan number {number} stands in the yard." for number in range(MOST + 1))

    assert looked("Where does my motorhome go?", pages=(many,)).by == "words"


def test_passages_are_near_by_the_first_encoder_and_the_rest_is_told_by_all() -> None:
    class Letters:
        def __init__(self, *letters: str) -> None:
            self.letters = letters

        def embed(self, texts: list[str], most_tokens: int = 0) -> Any:
            return numpy.array([[text.count(letter) for letter in self.letters] for text in texts]) / len(texts[0])

    both = {"english": (Letters("a", "b"), Letters("b")), "any": (Letters("b"),)}
    one, two = packed([[0.25]]), packed([[0.0, 0.25], [0.125, 0.125]])
    fitted = {
        "english": {"directions": [[1.0, -1.0], [10.0]], "usual": [two, one]},
        "any": {"directions": [[2.0]], "usual": [one]},
    }
    lines = json.dumps([["aa", "ab"], fitted]), '["english", ["aa", "bb"]]', '["any", ["aa", "bb"]]'

    assert list(nearest(iter(lines), both)) == [
        [(1.0, 1.0, 0.125), (0.5, 9.0, 0.5)],
        [(0.0, 0.0, 0.0), (0.5, 2.0, 0.25)],
    ]
