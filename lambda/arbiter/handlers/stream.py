"""The web application behind the API's routes that stream, run by the Lambda Web Adapter (`stream.sh`)."""

import os
import time

from arbiter.aws.streaming.web import Server
from arbiter.handlers.edge import front


def main() -> None:
    """Serve until the process is ended; importing the front has made it."""
    Server(int(os.environ["AWS_LWA_PORT"]), front, now=time.time, write=print).serve_forever()


if __name__ == "__main__":
    main()
