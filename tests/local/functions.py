"""Lambda functions made for a test."""

import io
import zipfile
from typing import Any

from tests.local.account import Account, new_name


def make_function(account: Account, role: str, source: str, *, brings: str = "", **settings: Any) -> str:
    """Make a function of the source of a module with a `handler`, and of an empty module that it brings; its name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", source)
        if brings:
            archive.writestr(f"{brings}.py", "")
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
