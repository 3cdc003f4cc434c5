"""Ctrl-C while a command is still being imported: a sentence and an exit code, as from every command that has begun.

Before this, while Python itself starts (some hundredths of a second), Ctrl-C shows Python's own words; so it imports
next to nothing.
"""

import os
import signal
import sys

EXIT_CODE = 130
NOT_BEGUN = "Interrupted before anything was begun: run the same command again."


def answer_at_once() -> None:
    """Answer Ctrl-C by a sentence until a command has begun; leave it ignored where the caller ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def leave_to_the_command() -> None:
    """Let Ctrl-C interrupt the work of a command, which knows how to go on."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _interrupt)


def interrupted() -> bool:
    """Whether Ctrl-C came: what was being imported then may have failed in a way of its own instead."""
    return bool(_came)


def end_at_once(code: object) -> None:
    """End with an exit code after an interruption: modules in C that are half imported bring an orderly end down."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else EXIT_CODE)


_came: list[int] = []


def _interrupt(number: int, *_: object) -> None:
    _came.append(number)
    raise KeyboardInterrupt


def _end(*_: object) -> None:
    """End without unwinding: what is half imported would swallow the interruption, or fail in its own way."""
    if "--json" in sys.argv:
        import json

        print(json.dumps({"error": {"code": "interrupted", "message": NOT_BEGUN}}), flush=True)  # noqa: T201
    else:
        print(f"Error: {NOT_BEGUN}", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(EXIT_CODE)
