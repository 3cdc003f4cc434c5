"""The README promises nothing that is not there."""

import re
from pathlib import Path

import pytest
import typer.main

from cli.app import app

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
    shown, deployed = recipe.splitlines()
    assert "cdk diff" in shown
    assert "cdk deploy --all --require-approval never" in deployed


def test_every_command_exists(readme: str) -> None:
    group = typer.main.get_command(app)
    commands = set(group.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"^arbiter ([a-z]+)", readme, re.MULTILINE))
    assert named == commands


def test_every_link_leads_somewhere(readme: str, root: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert [link for link in links if not (root / link).exists()] == []


def test_it_shows_real_output(readme: str) -> None:
    for part in ("demo", "refusal", "bench"):
        assert re.search(rf"<!-- {part} -->\n+```text\n(.+\n)+```\n+<!-- /{part} -->", readme), part
