"""`arbiter route` explains a decision, and scores labelled questions, with nothing but files."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from arbiter.routing.making import building
from cli.app import app

DOCUMENTS = {
    "tent.md": "The Skarn 3 tent weighs 3.1 kg packed and has twelve pegs. Rinse the groundsheet after each hire. " * 9,
    "rope.html": "<p>A Lynx 60 rope is retired after 110 hill days.</p><script>var chapel</script>" * 9,
    "prices.txt": "The deposit for a harness is 40 pounds. Karabiners are inspected by the workshop. " * 9,
    "photo.png": "chapel ceiling",
}
LABELLED = [
    {"question": "When is a Lynx rope retired?", "grounded": True, "specialised": False, "kind": "facts"},
    {"question": "Who painted the chapel?", "grounded": False, "specialised": False, "kind": "general"},
    {
        "question": "And for two?",
        "mode": "rag",
        "history": [{"role": "user", "text": "How heavy is the Skarn 3 tent?"}],
    },
    {"question": "Reply to a customer who is angry. Use our style.", "mode": "fine_tuned"},
    {"question": "Is the groundsheet rinsed after a hire?", "mode": "base", "kind": "general"},
]


@pytest.fixture(scope="module", autouse=True)
def made_once() -> Iterator[None]:
    """Make the profile of the same documents once: each test would make it for every command."""
    build = cache(building.build)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "build", lambda documents: build(tuple(documents)))
        yield


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    return folder


def route(*arguments: object, code: int = 0) -> dict[str, Any]:
    ran = CliRunner().invoke(app, ["route", *map(str, arguments), "--json"])
    assert ran.exit_code == code, ran.output
    value: dict[str, Any] = json.loads(ran.stdout)
    return value


def written(file: Path, *lines: object) -> Path:
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return file


def test_a_question_is_explained_without_its_words(documents: Path) -> None:
    found = route("When is a Lynx rope retired?", "--documents", documents)

    assert found["mode"] == "rag"
    assert found["grounded"]["score"] > found["grounded"]["threshold"]
    assert found["grounded"]["because"].startswith("sentence 1 has 3 of 3 counted words in common")
    assert route("Who painted the chapel ceiling?", "--documents", documents)["mode"] == "base"


def test_a_follow_up_leans_on_the_message_before_it(documents: Path) -> None:
    assert route("And for two?", "--documents", documents)["mode"] == "base"
    after = route("And for two?", "--documents", documents, "--after", "How heavy is the Skarn 3 tent?")
    assert (after["mode"], after["messages_leaned_on"]) == ("rag", 1)


def test_a_training_file_tells_what_the_model_is_for(documents: Path, tmp_path: Path) -> None:
    pairs = written(tmp_path / "pairs.jsonl", *({"question": f"Zorble: case {n}", "answer": "Late"} for n in range(9)))
    training = ("--documents", documents, "--training", pairs)

    assert route("Zorble: it came on Tuesday.", "--documents", documents)["mode"] == "base"
    assert route("Zorble: it came on Tuesday.", *training)["mode"] == "fine_tuned"
    assert route("Who painted the chapel?", *training, "--house-style")["mode"] == "fine_tuned"


def test_labelled_questions_are_scored(documents: Path, tmp_path: Path) -> None:
    scores = route("--file", written(tmp_path / "labelled.jsonl", *LABELLED), "--documents", documents)
    (tmp_path / "array.json").write_text(json.dumps(LABELLED, indent=2))
    assert route("--file", tmp_path / "array.json", "--documents", documents) == scores

    assert (scores["questions"], scores["accuracy"]) == (5, 0.8)
    assert scores["grounded"] | {"recall": 1.0, "false_yes": 1, "true_yes": 2} == scores["grounded"]
    assert scores["specialised"]["false_alarms"] == 0
    assert scores["false_retrieval"] == {"all": 0.3333, "general": 0.5}
    assert [(wrong["line"], wrong["wanted"], wrong["mode"]) for wrong in scores["wrong"]] == [(5, "base", "rag")]
    # F1 of base, rag and fine_tuned: 2/3, 4/5 and 1.
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 4 / 5 + 1) / 3, abs=1e-4)


def test_everything_wrong_with_a_file_is_told_at_once(documents: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "bad.jsonl", LABELLED[0], "{", {"question": " ", "history": 3}, {"question": "Why?"})
    error = route("--file", file, "--documents", documents, code=1)["error"]

    assert [problem["line"] for problem in error["problems"]] == [2, 3, 4]
    assert error["problems"][1]["problem"].count(";") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give either a question or --file"),
        ((" ",), "The question is blank"),
        (("Why?", "--file", "x.jsonl"), "Give either a question or --file"),
        (("Why?", "--training", "x.jsonl"), "--training needs --documents"),
        (("Why?", "--documents", "nowhere"), "nowhere is not a folder"),
        (("--file", "nowhere.jsonl", "--documents", "nowhere"), "nowhere.jsonl is not a file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: tuple[str, ...], message: str) -> None:
    assert message in route(*arguments, code=1)["error"]["message"]


def test_people_see_the_answers_with_their_bounds(documents: Path, tmp_path: Path) -> None:
    for arguments in (["When is a Lynx rope retired?"], ["--file", str(written(tmp_path / "l.jsonl", *LABELLED))]):
        ran = CliRunner().invoke(app, ["route", *arguments, "--documents", str(documents)], env={"COLUMNS": "80"})
        assert ran.exit_code == 0, ran.output
        assert max(map(len, ran.stdout.splitlines())) <= 80
    assert "accuracy 0.800" in ran.stdout


def test_limits_rule_modes_out_and_say_why(documents: Path) -> None:
    asked = ("When is a Lynx rope retired?", "--documents", documents)

    cheap = route(*asked, "--max-cost-usd", "0.00005")
    assert cheap["mode"] == "base"
    assert set(cheap["ruled_out"]) == {"rag", "combined"}
    assert "limits.max_cost_usd is 0.00005" in cheap["ruled_out"]["rag"]
    assert route(*asked, "--max-cost-usd", "1")["ruled_out"] == {}
    refused = route(*asked, "--max-latency-ms", "1", code=1)
    assert "even base, the cheapest, takes about" in refused["error"]["message"]
