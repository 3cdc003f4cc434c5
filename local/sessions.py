"""The one session of a process that talks to a local AWS: botocore reads each API's model from disk once a session."""

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
from botocore.session import Session

KEY = "test"
"""Access key and secret of the local account's root."""
REGION = "us-east-1"
_making = Lock()


@cache
def core() -> Session:
    """A botocore session that knows nothing of the person's own profiles and configuration."""
    nothing = (None, None, None, None)
    made = Session(session_vars={"profile": nothing, "config_file": nothing, "credentials_file": nothing})
    # What botocore learned of the API later than the version that the emulator runs on.
    made.get_component("data_loader").search_paths.append(str(Path(__file__).parent / "models"))
    return made


@cache
def session() -> boto3.Session:
    """The session of the local account's root."""
    return boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION, botocore_session=core())


def client(service: str, **options: Any) -> Any:
    """A client, the root's unless `options` name other credentials; safe in several threads, as sessions are not."""
    make: Any = session().client
    with _making:
        return make(service, **options)
