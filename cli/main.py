"""The command line `arbiter`."""

import io
import sys

from cli.core.interruption import EXIT_CODE, answer_at_once, end_at_once, interrupted

NOT_UNDERSTOOD = 2


def main() -> None:
    """Run the command that the person typed."""
    answer_at_once()
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


if __name__ == "__main__":
    main()
