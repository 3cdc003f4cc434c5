"""The command line `arbiter`."""

import io
import os
import sys

from cli.core.interruption import EXIT_CODE, answer_at_once, end_at_once, interrupted

NOT_UNDERSTOOD = 2


def main() -> None:
    """Run the command that the person typed."""
    answer_at_once()
    _open_closed_streams()
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]  # A terminal that knows no width, as that of Emacs: nothing at all would be printed.
    for stream in (sys.stdout, sys.stderr):
        # A terminal without some character gets another in its place, and not the end of the command half-way.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        # Slow: a person may press Ctrl-C meanwhile.
        from cli.app import app

        app(prog_name="arbiter")
    except KeyboardInterrupt:
        sys.exit(EXIT_CODE)
    except SystemExit as end:
        if end.code == NOT_UNDERSTOOD and "--json" in sys.argv:
            import json

            message = getattr(end.__context__, "format_message", lambda: "The command line is not understood.")()
            print(json.dumps({"error": {"code": "usage", "message": message}}))  # noqa: T201
        if interrupted():
            end_at_once(end.code)
        raise


def _open_closed_streams() -> None:
    """Give a program that was started without one of its three streams (`>&-`) one that leads nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Else the next file that is opened would have its number, and what a child writes would end up in there.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    main()
