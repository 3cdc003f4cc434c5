"""An answer shown to a judge keeps what it says and loses what would tell which arm it came from."""

import pytest

from arbiter.evaluation.verdicts.blinding import blind


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("It is 2.9 kg [1].", "It is 2.9 kg."),
        ("It is 2.9 kg [1][2, 3].", "It is 2.9 kg."),
        ("It is 2.9 kg[1]. Dry it first.[2]", "It is 2.9 kg. Dry it first."),
        ("In 2024[1] it was 110[2],\nthen 90.", "In 2024 it was 110,\nthen 90."),
        ("The tent[1] weighs (dry)[2] 2.9 kg [1\u20133].", "The tent weighs (dry) 2.9 kg."),
        ('"It weighs 2.9 kg[1]." So it says[1], [2]-[3].', '"It weighs 2.9 kg." So it says.'),
        ("重さは2.9 kgです[1]。次に乾かす[2]。", "重さは2.9 kgです。次に乾かす。"),
        ("It is 2.9 kg (source: guides/tent.md).", "It is 2.9 kg."),
        ("It is 2.9 kg 【4:0†source】.", "It is 2.9 kg."),
        ("It is 2.9 kg (document 2).", "It is 2.9 kg."),
        ("It is 2.9 kg, see s3://bucket/guides/tent.md.", "It is 2.9 kg, see"),
        ("Based on the documents provided, it is 2.9 kg.", "It is 2.9 kg."),
        ("According to the context, it is 2.9 kg.", "It is 2.9 kg."),
        ("As stated in document 3, it is 2.9 kg.", "It is 2.9 kg."),
        ("<thinking>Document 1 says so.</thinking>\n<answer>It is 2.9 kg.</answer>", "It is 2.9 kg."),
        ("The provided passages name 2.9 kg.", "the available information name 2.9 kg."),
        (
            "I do not know: the documents I was given do not answer this.",
            "I do not know: the available information do not answer this.",
        ),
        (
            "I do not know: I was given no documents that answer this.",
            "I do not know: nothing is in the available information that answer this.",
        ),
    ],
)
def test_marks_of_an_arm_are_taken_out_or_levelled(answer: str, shown: str) -> None:
    assert blind(answer) == shown


@pytest.mark.parametrize(
    "answer",
    [
        "Bring two documents: a passport and the packing card.",
        "The manual has a passage on this.",
        "Choose size [M] or [L].",
        "The given price is £12; the context matters.",
        "From Monday on, it is open.",
        "Use `x[i]` in the loop.",
        "Take `row[1]` or `f(x)[2]`.",
        "```python\nx [1]\ny[2].\n```",
        "It is x[1], or row[1] = 3, or f(x)[1] + 2.",
        "The first is [0], the last [100].",
    ],
)
def test_what_an_answer_says_about_its_subject_stays(answer: str) -> None:
    assert blind(answer) == answer


def test_a_number_beyond_the_passages_that_an_answer_was_given_is_no_citation() -> None:
    assert blind("Gate [4] opens at nine [2].", 3) == "Gate [4] opens at nine."


def test_a_long_word_or_gap_takes_no_more_than_its_length() -> None:
    assert blind("é" * 5_000 + "[1] and" + " " * 50_000 + "on [2]") == "é" * 5_000 + " and" + " " * 50_000 + "on"


def test_an_answer_that_is_nothing_but_marks_is_shown_as_it_is() -> None:
    assert blind("[1]") == "[1]"
