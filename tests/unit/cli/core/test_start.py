"""A command starts with what it needs: the list of commands imports none of them, and help imports no work."""

import importlib.metadata
import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click.testing
import pytest
import typer.main
from click import Context
from typer.testing import CliRunner

from cli.app import COMMANDS, app
from local import interpreters, launcher, locks

SLOW = {"boto3", "detect_secrets", "matplotlib", "phonenumbers", "pydantic", "requests", "stdnum", "webbrowser"}
PRINT_MODULES = """
import sys
from cli.main import main
try:
    main()
finally:
    sys.stderr.write(" ".join(sys.modules))
"""


def python(root: Path, code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


@cache
def helped(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with its help, on a terminal that takes no more than ASCII; started once."""
    return python(root, PRINT_MODULES, *arguments, PYTHONIOENCODING="ascii", COLUMNS="0")


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help"), ("feedback", "--help")], ids=" ".join)
def test_help_imports_nothing_slow_and_ends_on_any_terminal(root: Path, arguments: tuple[str, ...]) -> None:
    ended = helped(root, *arguments)
    assert ended.returncode == 0
    assert "Usage: arbiter" in ended.stdout
    modules = ended.stderr.split()
    assert "typer" in modules
    assert SLOW & set(modules) == set()


def test_ctrl_c_is_answered_before_anything_else_is_imported(root: Path) -> None:
    code = "import sys; before = set(sys.modules); import cli.core.interruption; print(*set(sys.modules) - before)"
    started = subprocess.run([sys.executable, "-S", "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "cli.core.interruption" in started.stdout.split()
    assert {"typing", "json", "pathlib", "typer"} & set(started.stdout.split()) == set()


def test_the_list_of_commands_imports_none_of_them(root: Path) -> None:
    modules = set(helped(root, "--help").stderr.split())
    assert modules & {target.partition(":")[0] for target, _ in COMMANDS.values()} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_first_of_its_help(name: str) -> None:
    group: Any = typer.main.get_command(app)
    assert group.commands[name].help == group.commands[name].load().help.partition("\n")[0]


def test_the_version_is_the_package_s() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"{importlib.metadata.version('arbiter')}\n"


@pytest.mark.parametrize(
    ("line", "completed"), [("arbiter eva", "evaluate"), ("arbiter train ch", "check"), ("arbiter ask --js", "--json")]
)
def test_the_shell_completes_commands_and_options(root: Path, line: str, completed: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_ARBITER_COMPLETE": "complete_bash"}
    assert python(root, "from cli.main import main; main()", **words).stdout.split() == [completed]


@pytest.mark.parametrize(
    ("arguments", "meant"), [(("train", "chek", "x"), "check"), (("evaluate", "genrate"), "generate")], ids=str
)
def test_a_typing_error_in_a_command_is_no_file(arguments: tuple[str, ...], meant: str) -> None:
    ended = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    assert ended.exit_code == 2
    assert f"neither a command nor a file '{arguments[1]}'. Did you mean '{meant}'?" in ended.stderr


def test_a_file_may_be_named_nearly_like_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chek").write_text("")
    monkeypatch.chdir(tmp_path)
    assert "neither a command" not in CliRunner().invoke(app, ["train", "chek", "--env", "nowhere"]).stderr


def test_a_system_without_file_locks_has_no_local_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(locks.platform, "system", lambda: "Windows")
    with pytest.raises(
        interpreters.LauncherError, match=r"^The local AWS does not run on Windows: use Linux, macOS or WSL"
    ):
        launcher.start(tmp_path)


@pytest.mark.parametrize("group", ["train", "evaluate"])
def test_an_option_of_the_main_command_may_come_first(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--run` is not the command `run`, misspelt. Some options begin the work, which is no part of this."""
    commands = typer.main.get_group(
        import_module(f"cli.{'training' if group == 'train' else 'evaluation'}.command").app
    )
    main = commands.commands["run"]
    options = [name for param in main.params for name in param.opts if name.startswith("--")]
    assert "--run" in options
    begun: list[list[str]] = []
    monkeypatch.setattr(main, "make_context", lambda name, args, **_: begun.append(args) or Context(main))
    monkeypatch.setattr(main, "invoke", lambda ctx: None)
    for option in options:
        assert click.testing.CliRunner().invoke(commands, [option]).exit_code == 0, option
    assert begun == [[option] for option in options]
