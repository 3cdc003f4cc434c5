"""README and CONTRIBUTING promise nothing that is not there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.app import app
from cli.core.groups import MAIN, LazyCommand

LONGEST = 200


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text()


def test_it_stays_readable(readme: str) -> None:
    assert len(readme.splitlines()) <= LONGEST


def test_every_make_target_exists(readme: str, root: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE))
    assert named >= {"demo", "test"}
    assert named <= targets


def test_deploying_shows_what_it_changes_and_asks_nothing(root: Path) -> None:
    """Where there is no terminal a question ends the deployment."""
    (recipe,) = re.findall(r"^deploy:.*\n((?:\t.+\n)+)", (root / "Makefile").read_text(), re.MULTILINE)
    *examined, shown, deployed = recipe.splitlines()
    assert "WITHOUT_DOCTOR" in examined[0]
    assert "arbiter doctor --env $(ENV) ||" in examined[0]
    assert examined[-1] == "\t@arbiter cost --idle --env $(ENV)"
    assert "cdk diff" in shown
    assert "cdk deploy --all --require-approval never" in deployed


def test_every_command_exists(readme: str) -> None:
    group = typer.main.get_command(app)
    commands = set(group.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"^arbiter ([a-z-]+)", readme, re.MULTILINE))
    assert named == commands


def test_every_option_of_a_shown_command_exists(readme: str) -> None:
    for line in re.findall(r"^arbiter (.+?)(?:  +#|$)", readme, re.MULTILINE):
        command: Any = typer.main.get_command(app)
        words = shlex.split(line)
        for word in words:
            if word not in getattr(command, "commands", {}):
                break
            command = command.commands[word]
            command = command.load() if isinstance(command, LazyCommand) else command
        if hasattr(command, "commands"):
            command = command.commands[MAIN]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_own_documents_lead_to_a_report_in_three_commands(readme: str) -> None:
    path = readme.partition("# Your data alone")[2].splitlines()[1:4]
    assert [line.split()[1:3] for line in path] == [
        ["sync", "my-documents"],
        ["evaluate", "generate"],
        ["evaluate", "questions.jsonl"],
    ]


def test_it_says_which_systems_are_supported(readme: str) -> None:
    assert "Needs Linux, macOS or WSL" in readme


def test_every_link_leads_somewhere(readme: str, root: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert [link for link in links if not (root / link).exists()] == []


def test_every_path_that_contributing_names_exists(root: Path) -> None:
    """One that is no path from the root lies in the folder of the last one that is, or beside that."""
    table = (root / "CONTRIBUTING.md").read_text().partition("## Where things go")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/<>.-]+(?:/|\.py|\.json))`", table.replace("<capability>", "asking"))
    folder, missing = root, []
    for path in named:
        if (root / path).exists():
            folder = root / path if path.endswith("/") else (root / path).parent
        elif not any(any(near.rglob(path.removesuffix("/"))) for near in (folder, folder.parent)):
            missing.append(path)
    assert len(named) > 50
    assert missing == []


def test_it_shows_real_output(readme: str) -> None:
    for part in ("demo", "refusal", "bench"):
        assert re.search(rf"<!-- {part} -->\n+```text\n(.+\n)+```\n+<!-- /{part} -->", readme), part
