"""Ways to retrieve are ranked as a deployment ranks, compared in pairs, and advised by what is shown."""

import io
import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from rich.console import Console

from cli.core.errors import CliError
from cli.core.progress import silent
from cli.retrieval.arms import Arm, chunking_of, configuration_of, grid, name_of
from cli.retrieval.deployed import documents_in
from cli.retrieval.outcome import Advice, ArmOutcome, Found, Measured, advise, compared, outcome, ranking
from cli.retrieval.tuning import Tuning, tune, tune_deployed
from cli.retrieval.view import show_tuning
from local.emulator.knowledge.reading.chunking import Chunking
from tests.unit.arbiter.evaluation.engine_fakes import Bucket

SEMANTIC = Arm("fixed:300:20", "semantic", 2, rerank=False)
HYBRID = Arm("fixed:300:20", "hybrid", 2, rerank=False)
FOUND: Found = {"meaning": [0, 1, 2], "words": [3, 0], "scores": {"0": 1.0, "1": 0.0, "2": 9.0, "3": 5.0}}


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (SEMANTIC, [0, 1]),
        (HYBRID, [0, 3]),
        (Arm("none", "semantic", 2, rerank=True), [2, 0]),
        (Arm("none", "semantic", 9, rerank=False), [0, 1, 2]),
    ],
)
def test_an_arm_ranks_as_a_deployment_does(arm: Arm, expected: list[int]) -> None:
    assert ranking(arm, FOUND) == expected


def measured(hits: str) -> Measured:
    """Each letter is a question: whether meaning finds its document (m), words do (w), or both (b)."""
    by = {"m": ([0, 1], [1, 1]), "w": ([1, 1], [0, 1]), "b": ([0, 1], [0, 1]), "-": ([1, 1], [1, 1])}
    found: list[Found] = [{"meaning": by[hit][0], "words": by[hit][1], "scores": {}} for hit in hits]
    return Measured(passages=[("right.md", 100), ("wrong.md", 50)], questions=found)


def test_a_better_arm_is_advised_only_where_chance_does_not_explain_it() -> None:
    few, many = measured("bbw" + "-" * 3), measured("w" * 12 + "bbbb")
    for each, shown in ((few, False), (many, True)):
        asked = ["right.md"] * len(each.questions)
        arms = [Arm("fixed:300:20", search, 1, rerank=False) for search in ("semantic", "hybrid")]
        # At the first place both rankings count alike, and the first ranking's wins: let words speak alone.
        words = Measured(
            passages=each.passages,
            questions=[{**one, "meaning": one["words"]} for one in each.questions],
        )
        results = [outcome(arms[0], each, asked), outcome(arms[1], words, asked)]
        advice = advise(compared(results, arms[0], asked), arms[0])
        assert (advice.better is not None) == shown


def test_the_cheaper_arm_finds_no_fewer() -> None:
    asked = ["right.md"] * 4
    arms = [Arm("none", "semantic", count, rerank=False) for count in (2, 1)]
    results = compared([outcome(arm, measured("mmmm"), asked) for arm in arms], arms[0], asked)
    assert [one.tokens for one in results] == [150, 100]
    cheaper = advise(results, arms[0]).cheaper
    assert cheaper
    assert cheaper.arm == arms[1]
    assert results[0].interval == pytest.approx((0.5101, 1.0), abs=1e-4)


@pytest.mark.parametrize(
    ("hits", "told"),
    [
        ("mm-", "3 questions cannot tell 1 arm from the current settings, however they do: ask 6 or more."),
        ("mm----", "No arm is shown to find more than the current settings: keep them."),
        ("mmm", "The current settings find the document of every question, so none can find more: keep them."),
    ],
)
def test_what_few_questions_cannot_show_is_no_advice_to_keep_anything(hits: str, told: str) -> None:
    arms = [Arm("none", "semantic", count, rerank=False) for count in (1, 2)]
    results = compared(
        [outcome(arm, measured(hits), ["right.md"] * len(hits)) for arm in arms], arms[0], ["right.md"] * len(hits)
    )
    tuning = Tuning(
        outcomes=results, current=arms[0], advice=advise(results, arms[0]), documents=2, model="m", unread=()
    )
    text = io.StringIO()
    show_tuning(Console(file=text, width=400), tuning)
    assert told in text.getvalue()


def test_arms_that_find_nearly_everything_are_told_apart_by_their_bars() -> None:
    figures = {380: (0.92, 0.97), 392: (0.96, 0.99)}
    given = [
        ArmOutcome(arm=Arm("none", "semantic", 1, rerank=False), found=found, asked=400, interval=interval,
                   tokens=found, hits=())
        for found, interval in figures.items()
    ]  # fmt: skip
    nothing = Advice(better=None, cheaper=None)
    text = io.StringIO()
    show_tuning(
        Console(file=text, width=200),
        Tuning(outcomes=given, current=given[0].arm, advice=nothing, documents=2, model="m", unread=()),
    )
    better, worse = (line for line in text.getvalue().splitlines() if "●" in line)
    assert "95 %, from 90%" in text.getvalue()
    assert worse.index("●") < better.index("●")


def test_where_nothing_is_found_nothing_is_cheaper() -> None:
    arms = [Arm("none", "semantic", count, rerank=False) for count in (2, 1)]
    results = compared([outcome(arm, measured("----"), ["right.md"] * 4) for arm in arms], arms[0], ["right.md"] * 4)
    assert advise(results, arms[0]) == Advice(better=None, cheaper=None)


@pytest.mark.parametrize("text", ["fixed:300:20", "hierarchical:1500:300:60", "semantic:300:0:95", "none"])
def test_a_chunking_is_named_as_it_is_configured(text: str) -> None:
    assert name_of(chunking_of(text)) == text
    assert Chunking.parse(configuration_of(text)).split("One. Two.") == ["One. Two."]


@pytest.mark.parametrize("text", ["moon", "fixed:x", "fixed:0:20", "none:3"])
def test_a_chunking_that_there_is_not_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(CliError, match="allowed: fixed:TOKENS:PERCENT"):
        chunking_of(text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four documents, measured by the fallback embedding, which needs no interpreter but this one."""
    monkeypatch.setenv("ARBITER_EMULATOR_PYTHON", str(tmp_path / "none"))
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("rope", "stove", "tent", "boots"):
        (documents / f"{name}.md").write_text(
            f"# {name}\n\nThe {name} is described here. Its code is {name.upper()}-77."
        )
    return documents


def test_ways_are_measured_end_to_end_without_an_aws(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    asked = [
        {"question": f"What is said of the {name}?", "document": f"{name}.md"} for name in ("rope", "stove", "tent")
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in [*asked, {"question": "Whose?"}]))
    arms = list(grid(["fixed:300:20", "none"], ["semantic", "hybrid"], [1, 3], rerank=True))
    tuning = tune(file, folder, arms, SEMANTIC, silent)
    assert (len(tuning.outcomes), tuning.documents, tuning.model) == (17, 4, "hashed words")
    assert all(one.found == one.asked == 3 for one in tuning.outcomes)
    text = io.StringIO()
    show_tuning(Console(file=text, width=80), tuning)
    assert "keep them" in text.getvalue()
    assert "finds as many of these questions as" in text.getvalue()


def test_documents_that_the_folder_lacks_are_named(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "What?", "document": "gone.md"}\n')
    with pytest.raises(CliError) as error:
        tune(file, folder, [SEMANTIC], SEMANTIC, silent)
    assert error.value.details["problems"][0]["document"] == "gone.md"


def test_the_documents_of_a_bucket_are_read_into_a_folder_and_nowhere_else() -> None:
    contents = {"a/page.md": b"A page.", "a/page.md.metadata.json": b"{}", "../out.md": b"No.", "a": b"Is a folder."}
    bucket = Bucket(contents | {"b" * 300 + ".md": b"Too long."})

    with documents_in(bucket, silent) as copied:
        assert {str(file.relative_to(copied.folder)) for file in copied.folder.rglob("*") if file.is_file()} in (
            {"a/page.md"},
            {"a"},
        )
        left = set(copied.left_out)

    assert {"../out.md", "b" * 300 + ".md"} < left
    assert len(left) == 3
    assert not copied.folder.exists()


def test_a_managed_knowledge_base_is_not_tuned_as_if_it_were_another() -> None:
    managed = Mock(optional=lambda name: "true" if name == "ManagedSearch" else None)
    with pytest.raises(CliError, match="nothing to tune") as refused:
        tune_deployed(Path("questions.jsonl"), managed, [], Mock(), silent)
    assert "--documents FOLDER" in str(refused.value)
