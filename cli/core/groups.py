"""Groups of commands: imported when they are called, with a main command that needs no name."""

import difflib
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

MAIN = "run"
HELP = ("-h", "--help")


class LazyCommand(TyperCommand):
    """A command or group known by name and help line; its module is imported when it is called or explained.

    Args:
        name: as a person types it.
        target: module and attribute, `cli.asking.command:ask`: a function, or a group of its own.
        help: the line that the list of commands shows.
    """

    def __init__(self, name: str, target: str, help: str) -> None:  # noqa: A002 - the name that Typer gives it
        super().__init__(name, help=help)
        self._target = target

    def load(self) -> Any:
        """Import the command that this one stands for."""
        module, _, attribute = self._target.partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            group = typer.main.get_group(target)
            for command in group.commands.values():
                command.help = _unwrapped(command.help)
            return group
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(self.name)(target)
        command = typer.main.get_command(single)
        command.help = _unwrapped(command.help)
        return command

    def make_context(self, *args: Any, **options: Any) -> Any:
        return self.load().make_context(*args, **options)


class MainCommandGroup(TyperGroup):
    """Takes what is not the name of a command for an argument of the main one: `train FILE` is `train run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in HELP:
            self._refuse_typing_error(ctx, args[0])
            args = [MAIN, *args]
        return super().parse_args(ctx, args)

    def _refuse_typing_error(self, ctx: Any, word: str) -> None:
        """End with a suggestion for a word that is nearly a command's name, and no file."""
        if word.startswith("-"):
            return
        close = difflib.get_close_matches(word, self.commands, n=1)
        if close and not Path(word).suffix and not Path(word).exists():
            ctx.fail(f"There is neither a command nor a file {word!r}. Did you mean {close[0]!r}?")


class MainCommandByDefault(MainCommandGroup):
    """Needs no argument for its main command either."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or [MAIN])


def _unwrapped(text: str | None) -> str:
    """A docstring with one line for each paragraph: broken at the width of the code, it would be broken twice."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(text or ""))
