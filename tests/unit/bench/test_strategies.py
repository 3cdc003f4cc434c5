"""The comparison of strategies shows what it is for: both documents of a question about two matters."""

from bench.strategies import asked, measure

SUBJECTS = [f"{colour} {kind}" for colour in ("red", "blue") for kind in ("tent", "stove", "rope", "lamp")]
QUESTIONS = [{"question": f"What is the {name}?", "document": f"{name}.md"} for name in SUBJECTS]
DOCUMENTS = {f"{name}.md": f"The {name} of the shop is lent for a week to members." for name in SUBJECTS}


def test_each_wording_names_the_documents_that_hold_its_answer() -> None:
    wordings = asked(QUESTIONS)

    assert wordings["compared"][0].question == "Compare the red tent with the red stove."
    assert wordings["compared"][0].documents == {"red tent.md", "red stove.md"}
    assert wordings["two in one"][0].question == "What is the red tent, and what is the blue lamp?"


def test_every_strategy_is_measured_on_every_wording() -> None:
    rows = list(measure(DOCUMENTS, QUESTIONS))
    read = {(row["wording"], row["strategy"]): row["all documents read"] / row["questions"] for row in rows}

    assert len(read) == 9
    assert read["as it is", "basic"] == 1
    assert read["compared", "multi_step"] >= read["compared", "basic"]
