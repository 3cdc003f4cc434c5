"""`arbiter advise` answers from a file without AWS, refuses wrong input whole, and loses no answer."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from rich.console import Console
from typer.testing import CliRunner, Result

from cli.advice import command
from cli.advice.measuring.corpus import language_of, measure_corpus
from cli.advice.measuring.training import measure_examples
from cli.advice.questionnaire import Questionnaire
from cli.advice.scenario.fields import FIELDS
from cli.advice.scenario.scenario import Scenario
from cli.advice.scenarios import read_scenario
from cli.app import app
from cli.core.deployment import Deployment
from tests.unit.cli.advice.planted import planted
from tests.unit.cli.reporting.parsed import Parsed

EXAMPLES = ("customer-support", "legal-analysis", "product-recommendation")


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may look for a deployment."""

    def found(environment: str | None = None, root: Path | None = None) -> Any:
        raise AssertionError(f"looked for {environment}")

    monkeypatch.setattr(Deployment, "find", found)


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(app, ["advise", *map(str, arguments)], env={"COLUMNS": "80"}, **options)


def document(*arguments: object) -> Any:
    ended = run(*arguments, "--json")
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_worked_example_is_layered_as_the_taxonomy_says(name: str, root: Path, tmp_path: Path) -> None:
    page = tmp_path / "record.html"
    found = document("--file", root / "examples" / "advice" / f"{name}.yaml", "--html", page)
    statuses = {one["id"]: one["status"] for one in found["approaches"]}
    assert [name for name, status in statuses.items() if status == "recommended"] == [
        "prompting", "retrieval", "fine_tuning", "orchestration",
    ]  # fmt: skip
    why = {rule["id"] for one in found["approaches"] for rule in one["why"]}
    assert f"worked.{name.replace('-', '_')}" in why
    order = [found["recommendation"].index(word) for word in ("prompt", "documents", "tune a model", "orchestrate")]
    assert order == sorted(order)
    assert "system_instructions" in {m["id"] for m in found["approaches"][0]["methods"] if m["status"] == "recommended"}
    assert page.read_text().startswith("<!doctype html>")


def test_a_person_reads_what_to_do_why_what_it_costs_and_what_would_change_it(root: Path) -> None:
    ended = run("--file", root / "examples" / "advice" / "customer-support.yaml")
    for word in ("Start with prompt engineering", "Confidence: moderate", "a month", "What would change it", "Next: "):
        assert word in ended.stdout
    assert max(map(len, (line for line in ended.stdout.splitlines() if line.startswith(("┏", "│"))))) <= 80


def test_everything_wrong_with_a_file_is_told_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "industri: legal\nexpertise: expert\nrequirements: [facts, speed]\nexamples: -1\nrequests_a_month: many\n"
        "data_may_train: maybe\nuse_cases: customer_support\nwork: [many_steps, many_steps]\n"
    )
    ended = run("--file", file, "--json")
    error = json.loads(ended.stdout)["error"]
    assert ended.exit_code == 1
    told = {one["answer"]: one for one in error["problems"]}
    assert set(told) == {
        "industri", "expertise", "requirements", "examples", "requests_a_month", "data_may_train", "use_cases", "work",
    }  # fmt: skip
    assert "did you mean industry" in told["industri"]["problem"]
    assert told["expertise"]["allowed"] == "little, moderate, strong"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("- a\n- b\n", "holds no answers"),
        ("a: [b", "not YAML"),
        ("\xff", "holds no answers"),
        ("[" * 1000, "nested too deeply"),
        (f"examples: 1{'0' * 400}\n", "very many digits"),
        (f"examples: 1{'0' * 5000}\n", "not YAML"),
        ("industry: retail\nexamples: 3\nindustry: legal\n", "is answered 2 times"),
        ("region: mars\n", "the name of an AWS region"),
        ("1: 2\n", "is no question"),
    ],
)
def test_what_is_no_list_of_answers_is_refused_with_a_sentence(content: str, word: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(content)
    ended = run("--file", file, "--json")
    assert ended.exit_code == 1
    assert word in ended.stdout


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    for option in ("--file", "--training", "--documents", "--run"):
        ended = run("--file", tmp_path / "none.yaml", option, tmp_path / "none.x", "--json")
        assert ended.exit_code == 1
        assert "none" in json.loads(ended.stdout)["error"]["message"]


def test_an_empty_file_has_every_default(tmp_path: Path) -> None:
    file = tmp_path / "empty.yaml"
    file.write_text("")
    found = document("--file", file)
    assert found["confidence"]["level"] == "low"
    assert found["answered"] == []


def test_without_a_terminal_a_file_is_asked_for() -> None:
    ended = run("--json", input="")
    assert ended.exit_code == 1
    assert "--file" in json.loads(ended.stdout)["error"]["message"]


def test_two_cases_stand_side_by_side(root: Path, tmp_path: Path) -> None:
    files = [root / "examples" / "advice" / f"{name}.yaml" for name in EXAMPLES[:2]]
    assert [one["name"] for one in document("--compare", *files)["scenarios"]] == ["Customer support", "Legal analysis"]
    assert "Which industry is it for?" in " ".join(run("--compare", *files).stdout.split())
    assert run("--compare", *files, "--file", files[0]).exit_code == 1
    page = tmp_path / "both.html"
    assert run("--compare", *files, "--html", page).exit_code == 0
    tables = Parsed.of(page.read_text()).tables
    assert tables["What to do in each"]["Orchestration"]["Legal analysis"] == "recommended"
    assert tables["What differs in the answers"]["How many requests a month?"]["Legal analysis"] == "4,000"


def test_duplicates_are_no_examples(tmp_path: Path, root: Path) -> None:
    lines = (root / "examples" / "training" / "pairs.jsonl").read_text().splitlines()
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join([*lines[:50], *lines[:50], *lines[:10], '{"question": ""}']) + "\n")
    found = measure_examples(file)
    assert found.good <= 50
    assert found.left_out["duplicate"] == 60
    assert found.rows == 111
    told = document("--file", root / "examples" / "advice" / "customer-support.yaml", "--training", file)
    assert told["answers"]["examples"] == found.good
    assert "60 duplicate" in told["measured"]["examples"]
    assert "measured examples" in told["confidence"]["reason"]


def test_a_folder_of_documents_is_measured(root: Path) -> None:
    found = measure_corpus(root / "examples" / "documents")
    assert (found.documents, found.unfit, found.band) == (23, 0, "small")
    assert next(iter(found.languages)) == "English"


def test_a_language_is_told_by_its_commonest_words() -> None:
    assert language_of("Der Rucksack ist nicht für den Winter, und die Tasche auch nicht.") == "German"
    assert language_of("Le sac est dans la voiture, et les clés ne sont pas sur la table.") == "French"
    assert language_of("x y z") is None


def test_a_run_in_a_folder_overrules_the_rules(tmp_path: Path, root: Path) -> None:
    stored = planted({"base": 8.0, "rag": 5.0, "fine_tuned": 5.0, "combined": 5.0})
    assert stored.plan is not None
    (tmp_path / "summary.json").write_text(json.dumps(stored.summary))
    (tmp_path / "run.json").write_text(json.dumps(stored.plan.dump()))
    found = document("--file", root / "examples" / "advice" / "legal-analysis.yaml", "--run", tmp_path)
    assert found["evidence"]["borne_out"] == "base"
    statuses = {one["id"]: (one["by_rule_alone"], one["status"]) for one in found["approaches"]}
    assert statuses["retrieval"] == ("recommended", "not now")


def answered(lines: list[str], file: Path, start: Scenario | None = None) -> Scenario:
    """The questionnaire answered with lines; when they end, Ctrl-C."""
    typed = iter(lines)

    def ask(prompt: str) -> str:
        line = next(typed, None)
        if line is None:
            raise KeyboardInterrupt
        return line

    with Path("/dev/null").open("w") as silent:
        return Questionnaire(Console(file=silent), ask, file).run(start or Scenario())


def test_enter_skips_and_leaves_the_default_unsaid(tmp_path: Path) -> None:
    found = answered([""] * sum(field.main for field in FIELDS) + ["n"], tmp_path / "a.yaml")
    assert found == Scenario()


def test_answers_by_number_and_name_are_kept_as_yaml(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = ["5", "legal_analysis, 4", "3,1", "expert", "strong", *[""] * 8, "y", "n", *[""] * 8]
    found = answered(lines, file)
    assert (found.industry, found.requirements, found.expertise) == ("legal", ("domain", "facts"), "strong")
    assert found.data_may_train is False
    assert read_scenario(file) == found
    commented = [line for line in file.read_text().splitlines() if line.startswith("# corpus:")]
    assert commented == ["# corpus: small"]
    assert yaml.safe_load(file.read_text())["use_cases"] == ["legal_analysis", "question_answering"]


def test_an_interruption_loses_no_answer_and_the_next_time_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    with pytest.raises(KeyboardInterrupt):
        answered(["²", "legal", "", "style"], file)
    kept = read_scenario(file)
    assert kept.given == {"industry", "requirements"}
    rest = answered([""] * 10 + ["n"], file, kept)
    assert rest.industry == "legal"


def test_ctrl_c_at_the_terminal_says_where_the_answers_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typed: Iterator[str] = iter(["legal"])

    def read() -> str:
        try:
            return next(typed)
        except StopIteration:
            raise KeyboardInterrupt from None

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(command, "input", read, raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert sys.stdin.isatty()
    file = tmp_path / "kept.yaml"
    with pytest.raises(typer.Exit) as ended:
        command.advise(save=file, as_json=False)
    assert ended.value.exit_code == 130
    assert read_scenario(file).industry == "legal"


def test_the_questions_can_be_filled_in_without_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(run("--questions").stdout)
    assert read_scenario(file) == Scenario()
    # With every line uncommented it is what counts without an answer.
    lines = [line.removeprefix("# ") for line in file.read_text().splitlines()]
    names = {field.name for field in FIELDS}
    filled = [line for line in lines if line.partition(":")[0] in names]
    file.write_text("\n".join(filled))
    assert read_scenario(file).answers() == Scenario().answers()
    assert {one["name"] for one in document("--questions")["questions"]} == names
