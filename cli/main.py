"""The command line `arbiter`."""

import json
import sys

INTERRUPTED = 130
NOT_UNDERSTOOD = 2


def main() -> None:
    """Run the command that the person typed."""
    try:
        # A person may press Ctrl-C while it is imported, too.
        from cli.app import app

        app(prog_name="arbiter")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == NOT_UNDERSTOOD and "--json" in sys.argv:
            message = getattr(end.__context__, "format_message", lambda: "The command line is not understood.")()
            print(json.dumps({"error": {"code": "usage", "message": message}}))  # noqa: T201
        raise


if __name__ == "__main__":
    main()
