"""Lambda functions made for a test."""

import io
import zipfile
from typing import Any

from tests.local.account import Account, new_name


def make_function(account: Account, role: str, source: str, **settings: Any) -> str:
    """Make a function of the source of a module with a `handler`; its name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", source)
    name = new_name("function")
    account.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="code.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
        **settings,
    )
    return name
