"""The output of a command: one result on standard output, everything else on standard error."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import typer
from rich.console import Console

from cli.core.errors import CliError
from cli.core.interruption import EXIT_CODE, interrupted, leave_to_the_command
from cli.core.progress import Bars, Progress, bars
from cli.core.terminal import SafeConsole, show_failure
from local.interpreters import LauncherError

DEBUG = "ARBITER_DEBUG"
NOTHING_LOST = "Nothing is lost: run the same command again."


class Output:
    """Progress and result of one command.

    Args:
        as_json: standard output gets one JSON document and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._results = SafeConsole(sys.stdout)
        self._errors = SafeConsole(sys.stderr)
        self._bars: Bars | None = None
        self.resume = NOTHING_LOST
        """Shown when the command is interrupted, or loses its way to AWS: how to go on."""

    def goes_on(self, follow: str) -> None:
        """Note that a run has begun, and by which command it is followed."""
        self.resume = f"The run goes on in AWS. Follow it: {follow}"

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Draw the stages of the work on standard error while it lasts."""
        with bars(self._errors) as self._bars:
            try:
                yield self._bars
            finally:
                self._bars = None

    def consent(
        self, render: Callable[[Console], None], question: str, *, given: bool, word: str | None = None
    ) -> bool:
        """Show on standard error what is to be agreed to, and ask, unless the agreement was given beforehand.

        With a `word`, a yes is not enough: that word must be typed.

        Raises:
            CliError: agreement is needed, and nobody can answer here.
        """
        with self._bars.paused() if self._bars else nullcontext():
            if not self._as_json:
                render(self._errors)
            if given:
                return True
            if self._as_json or not sys.stdin.isatty():
                say = f"--confirm {word}" if word else "--yes"
                raise CliError(f"{question} Say {say} to go on: nobody can answer here.", code="needs_consent")
            try:
                if word:
                    typed = typer.prompt(f"{question} Type {word}", default="", show_default=False, err=True)
                    return bool(typed == word)
                return typer.confirm(question, err=True)
            except typer.Abort:
                # What is told next begins a line of its own, below the question.
                typer.echo(err=True)
                raise

    def result(self, document: Mapping[str, Any], render: Callable[[Console], None]) -> None:
        """Show a result: as a document for programs, or rendered for people.

        Raises:
            CliError: standard output takes no more.
        """
        try:
            if self._as_json:
                _print_json(document)
            else:
                render(self._results)
        except BrokenPipeError:
            raise typer.Exit(_nobody_reads()) from None
        except OSError as error:
            raise CliError(f"The result cannot be written: {error.strerror}.", code="not_writable") from error

    def warn(self, message: str) -> None:
        """Tell people on standard error what did not work beside the result."""
        self._errors.print(message, style="yellow", soft_wrap=True)

    def fail(self, error: CliError) -> None:
        """Show a failure: as a document for programs, or as sentences for people."""
        if self._as_json:
            with suppress(OSError):
                _print_json(error.to_object())
                return
        with suppress(OSError):
            show_failure(self._errors, error)


def _print_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, indent=2, default=str))


def _nobody_reads() -> int:
    """Send what is still to be flushed nowhere, for whoever reads has enough, as `head` has; return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


@contextmanager
def reporting(*, as_json: bool) -> Iterator[Output]:
    """The frame of every command: failures leave a sentence and an exit code, never a stack trace."""
    output = Output(as_json=as_json)
    leave_to_the_command()
    try:
        yield output
    except (KeyboardInterrupt, typer.Abort):
        raise _interruption(output) from None
    except typer.Exit:
        raise
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        if interrupted():
            raise _interruption(output) from None
        output.fail(as_cli_error(error, output.resume))
        raise typer.Exit(1) from None


def _interruption(output: Output) -> typer.Exit:
    output.fail(CliError(f"Interrupted. {output.resume}", code="interrupted"))
    return typer.Exit(EXIT_CODE)


def as_cli_error(error: Exception, resume: str = NOTHING_LOST) -> CliError:
    """Any failure as a sentence, with how to go on where the way to AWS was lost."""
    # Slow to import, and most commands meet no error.
    from cli.core.aws_errors import explain

    if isinstance(error, CliError):
        return error
    if isinstance(error, LauncherError):
        return CliError(str(error), code="local_aws")
    if failure := explain(error):
        message = str(failure) if resume == NOTHING_LOST else f"{str(failure).rstrip('.')}. {resume}"
        return CliError(message, code=failure.code, details=failure.details)
    if isinstance(error, OSError) and error.filename:
        return CliError(f"{error.filename}: {error.strerror}", code="file")
    if isinstance(error, OSError) and error.strerror:
        return CliError(f"The system refused it: {error.strerror}. Set {DEBUG}=1 to see where.", code="system")
    return CliError(
        f"Arbiter failed in a way it does not know: {type(error).__name__}: {error}. Set {DEBUG}=1 to see where.",
        code="unexpected",
    )
