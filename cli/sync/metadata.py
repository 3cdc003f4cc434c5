"""The metadata file beside a document, held against what Bedrock and the vector store take."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

from arbiter import strict_json
from arbiter.aws.calls.deletion import readable
from arbiter.jsonl import BOM, encoding_remedy

# Amazon Bedrock user guide, S3 data source: size of the file, reserved names. Knowledge bases with S3 Vectors: at most
# 35 keys and 1 KB of custom metadata a vector; the 2 KB that the store itself filters by hold Bedrock's metadata, too.
# Amazon S3 user guide, metadata of vectors: texts, numbers, booleans and lists of texts.
MAX_FILE_BYTES = 10 * 1024
MAX_KEYS = 35
MAX_BYTES = 1024
MAX_FILTERABLE_BYTES = 2048
METADATA = ".metadata.json"
RESERVED = ("x-amz-bedrock", "amazon_bedrock")
"""How names begin that are Bedrock's: of its own attributes, and of those that hold a passage in the index."""
MEMBERS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "STRING": ("stringValue", str),
    "NUMBER": ("numberValue", (int, float)),
    "BOOLEAN": ("booleanValue", bool),
    "STRING_LIST": ("stringListValue", list),
}
"""By its type, the member that holds a value in the long form (bedrock-agent's MetadataAttributeValue)."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOO_LARGE = "is a number beyond 1.8e308: leave it out"
_OWN = "x-amz-bedrock-kb"
FORM = 'it is not {"metadataAttributes": {…}}: correct it'


def problem_of(content: bytes, key: str) -> str | None:
    """Why the metadata file of the document with a key cannot be sent, with the attribute that is to blame."""
    if len(content) > MAX_FILE_BYTES:
        return f"it has {len(content):,} bytes; Bedrock allows {MAX_FILE_BYTES:,}: shorten it"
    try:
        attributes = _attributes(content)
    except _MetadataError as error:
        return str(error)
    values = {name: _plain(attribute) for name, attribute in attributes.items()}
    return problem_of_attributes(values) or _problem_of_size(values) or _problem_of_filterable(values, key)


def problem_of_attributes(values: Mapping[str, Any]) -> str | None:
    """Why attributes cannot be sent, with the one that is to blame, whatever their sizes."""
    problems = ((name, _problem_of_attribute(name, value)) for name, value in values.items())
    return next((f"the attribute {readable(name)!r} {problem}" for name, problem in problems if problem), None)


class _MetadataError(ValueError):
    """Why a file holds no attributes."""


def _attributes(content: bytes) -> dict[str, Any]:
    if content.startswith(BOM):
        raise _MetadataError("it begins with a byte order mark: save it as UTF-8 without one")
    try:
        attributes = _loads(content.decode())["metadataAttributes"]
    except UnicodeDecodeError:
        raise _MetadataError(f"it is not UTF-8: {encoding_remedy(content)}") from None
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _MetadataError(f"it is no JSON ({position}): correct it") from None
    except strict_json.RepeatedKeyError as error:
        raise _MetadataError(f"it gives {readable(error.key)!r} twice: leave one out") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _MetadataError(FORM) from None
    if not isinstance(attributes, dict):
        raise _MetadataError(FORM)
    return attributes


def _loads(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except strict_json.NumberError:
        return json.loads(text)  # The check of the attributes says which has that number.


def _plain(attribute: Any) -> Any:
    """The value of an attribute in either form; what is in neither form stays as it is."""
    if not (isinstance(attribute, dict) and isinstance(typed := attribute.get("value"), dict)):
        return attribute
    member, kind = MEMBERS.get(str(typed.get("type")), ("", ()))
    value = typed.get(member)
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return value if fits else None


def _problem_of_attribute(name: str, value: Any) -> str | None:
    if not name or name.lower().startswith(RESERVED):
        return "has no name, or one that is reserved for Bedrock: rename it"
    if value is None or value == []:
        return "has no value, or none of its type: leave it out"
    if isinstance(value, dict):
        return "is nested: give each of its values an attribute of its own"
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return "is a list of more than texts: write each of its values as a text"
    if not isinstance(value, str | int | float | list):
        return "is no text, number, truth value or list of texts: write it as one"
    return _problem_of_text_or_number(name, value)


def _problem_of_text_or_number(name: str, value: Any) -> str | None:
    if isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        return f"is {value:.3}, which is no number: leave it out" if isinstance(value, float) else _TOO_LARGE
    if any(_SURROGATE.search(text) for text in [name, *(value if isinstance(value, list) else [str(value)])]):
        return "has half of a surrogate pair: write the whole character"
    return None


def _problem_of_size(values: Mapping[str, Any]) -> str | None:
    if len(values) > MAX_KEYS:
        surplus = readable(list(values)[MAX_KEYS])
        return f"it has {len(values)} attributes; {MAX_KEYS} are allowed: leave some out, such as {surplus!r}"
    sizes = {name: len(_written({name: value})) for name, value in values.items()}
    if (size := len(_written(values))) > MAX_BYTES:
        largest = readable(max(sizes, key=lambda name: sizes[name]))
        return f"its attributes have {size:,} bytes; {MAX_BYTES:,} are allowed: shorten {largest!r}"
    return None


def _problem_of_filterable(values: Mapping[str, Any], key: str) -> str | None:
    """Why the store would refuse the passages: it keeps Bedrock's own attributes beside those of the file."""
    own: dict[str, Any] = {f"{_OWN}-source-uri": f"s3://{'b' * 63}/{key}", f"{_OWN}-data-source-id": "S" * 10}
    if key.lower().endswith(".pdf"):
        own[f"{_OWN}-document-page-number"] = 10_000
    if (size := len(_written({**values, **own}))) <= MAX_FILTERABLE_BYTES:
        return None
    sum_of = "its attributes and the path of its document"
    return f"{sum_of} have {size:,} bytes; {MAX_FILTERABLE_BYTES:,} are allowed: shorten one of them"


def _written(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
