"""The price book within `cdk.json`, written without touching anything else of the file."""

import json
import re
from pathlib import Path
from typing import Any

from cli.core.errors import CliError
from cli.core.outputs import write_whole

_PRICES = re.compile(r'"prices"\s*:\s*')


def write_prices(file: Path, text: str, book: dict[str, Any]) -> None:
    """Replace the book and nothing else of the file, which a person has laid out.

    Raises:
        CliError: the file has no prices.
    """
    match = _PRICES.search(text)
    if match is None:
        raise CliError("cdk.json has no prices to refresh.", code="bad_settings")
    _, end = json.JSONDecoder().raw_decode(text, match.end())
    laid_out = _laid_out(book).replace("\n", "\r\n" if "\r\n" in text else "\n")
    write_whole(file, (text[: match.end()] + laid_out + text[end:]).encode())


def _laid_out(book: dict[str, Any]) -> str:
    """The book as text: one figure a line."""
    blocks = ("services", "models")
    head = "".join(f"\n      {_text(k)}: {_text(v)}," for k, v in book.items() if k not in blocks)
    services = _figures(book.get("services", {}), " " * 8)
    entries = [
        f"        {_text(model)}: {{\n{_figures(entry, ' ' * 10)}\n        }}"
        for model, entry in sorted(book["models"].items())
    ]
    models = ",\n".join(entries)
    return f'{{{head}\n      "services": {{\n{services}\n      }},\n      "models": {{\n{models}\n      }}\n    }}'


def _figures(entry: dict[str, Any], indent: str) -> str:
    return ",\n".join(f"{indent}{_text(name)}: {_inline(value)}" for name, value in entry.items())


def _inline(value: dict[str, Any]) -> str:
    return "{ " + ", ".join(f"{_text(k)}: {_text(v)}" for k, v in value.items()) + " }"


def _text(value: Any) -> str:
    """JSON for a file that people read."""
    return json.dumps(value, ensure_ascii=False)
