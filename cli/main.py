"""The command line `arbiter`."""

import json
import sys

INTERRUPTED = 130
NOT_UNDERSTOOD = 2


def main() -> None:
    """Run the command that the person typed."""
    try:
        # Half a second of imports, in which a person may press Ctrl-C too.
        from cli.app import app

        app(prog_name="arbiter")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == NOT_UNDERSTOOD and "--json" in sys.argv:
            said = getattr(end.__context__, "format_message", lambda: "The command line is not understood.")()
            print(json.dumps({"error": {"code": "usage", "message": said}}))  # noqa: T201
        raise


if __name__ == "__main__":
    main()
