"""Groups of commands whose main command needs no name: `arbiter train FILE` is `arbiter train run FILE`."""

from typing import Any

from typer.core import TyperGroup

MAIN = "run"
HELP = ("-h", "--help")


class MainCommandGroup(TyperGroup):
    """What is not the name of a command is an argument of the main one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in HELP:
            args = [MAIN, *args]
        return super().parse_args(ctx, args)


class MainCommandByDefault(MainCommandGroup):
    """The main command needs no argument either."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or [MAIN])
