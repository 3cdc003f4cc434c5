"""The items of a Distributed Map: read under the state machine's role, selected, and put into batches."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base.identity import client
from local.emulator.base.internals import inside
from local.emulator.step_functions import executions

_MODULE = "services.stepfunctions"
_BATCH_BYTES = 262_144  # docs: the largest input of a child execution


@dataclass(frozen=True)
class Fields:
    """A state's fields, evaluated in its query language."""

    state: dict[str, Any]
    given: Any
    effective: Any
    context: dict[str, Any]

    @property
    def jsonata(self) -> bool:
        return bool(inside(_MODULE, "_state_query_language")(self.state, self.context) == "JSONata")

    def evaluated(self, value: Any, context: dict[str, Any] | None = None) -> Any:
        """A template filled in from the state's input and its context."""
        if self.jsonata:
            return inside(_MODULE, "_apply_jsonata_template")(value, self.given, context or self.context)
        return inside(_MODULE, "_resolve_params_obj")(value, self.effective, context or self.context)

    def number(self, name: str, within: dict[str, Any] | None = None) -> float | None:
        """A number written out, as an expression, or behind a path."""
        holder = self.state if within is None else within
        if name in holder:
            return float(self.evaluated(holder[name]))
        if f"{name}Path" in holder:
            return float(self._at(holder[f"{name}Path"]))
        return None

    def items(self) -> list[Any]:
        """Every item, in order.

        Raises:
            The emulator's execution error: when the items cannot be read.
        """
        if self.state.get("ItemReader"):
            return _read(self, self.state["ItemReader"])
        selected = self._at(self.state.get("ItemsPath", "$"))
        if self.jsonata and "Items" in self.state:
            selected = self.evaluated(self.state["Items"])
        return selected if isinstance(selected, list) else [selected]

    def inputs(self, items: list[Any]) -> list[Any]:
        """The input of every child execution: the items as selected, one each or in batches."""
        selector = self.state.get("ItemSelector") or self.state.get("Parameters")
        selected = [
            self.evaluated(selector, {**self.context, "Map": {"Item": {"Index": index, "Value": item}}})
            if selector
            else item
            for index, item in enumerate(items)
        ]
        batcher = self.state.get("ItemBatcher")
        if not batcher:
            return selected
        shared = {"BatchInput": self.evaluated(batcher["BatchInput"])} if "BatchInput" in batcher else {}
        most = int(self.number("MaxItemsPerBatch", batcher) or len(selected) or 1)
        size = int(self.number("MaxInputBytesPerBatch", batcher) or _BATCH_BYTES)
        return [{**copy.deepcopy(shared), "Items": batch} for batch in _batches(selected, most, size)]

    def _at(self, path: str) -> Any:
        return inside(_MODULE, "_resolve_path_or_ctx")(path, self.effective, self.context)


def _batches(items: list[Any], most: int, most_bytes: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if batch and (len(batch) == most or size + length > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _read(fields: Fields, reader: dict[str, Any]) -> list[Any]:
    where = fields.evaluated(reader.get("Arguments") or reader.get("Parameters") or {})
    settings = reader.get("ReaderConfig") or {}
    try:
        if reader.get("Resource", "").endswith(":listObjectsV2"):
            items = _listed(where, settings)
        else:
            items = _parsed(where["Bucket"], where["Key"], settings)
    except ClientError as error:
        details = error.response["Error"]
        raise _unreadable(f"S3.{details['Code']}: {details['Message']} ({_uri(where)})") from error
    except (ValueError, LookupError) as error:
        raise _unreadable(f"{type(error).__name__}: {error} ({_uri(where)})") from error
    most = fields.number("MaxItems", settings)
    return items[: int(most)] if most else items


def _listed(where: dict[str, Any], settings: dict[str, Any]) -> list[Any]:
    storage = client("s3", executions.role())
    pages = storage.get_paginator("list_objects_v2").paginate(Bucket=where["Bucket"], Prefix=where.get("Prefix", ""))
    entries = [entry for page in pages for entry in page.get("Contents", [])]
    if settings.get("Transformation") == "LOAD_AND_FLATTEN":
        return [item for entry in entries for item in _parsed(where["Bucket"], entry["Key"], settings)]
    return [
        {
            "Etag": entry["ETag"],
            "Key": entry["Key"],
            "LastModified": int(entry["LastModified"].timestamp()),
            "Size": entry["Size"],
            "StorageClass": entry.get("StorageClass", "STANDARD"),
        }
        for entry in entries
    ]


def _parsed(bucket: str, key: str, settings: dict[str, Any]) -> list[Any]:
    content = client("s3", executions.role()).get_object(Bucket=bucket, Key=key)["Body"].read()
    # Not for JSON Lines: str.splitlines also ends a line at characters that JSON allows inside a text.
    if settings.get("InputType") == "JSONL":
        return [json.loads(line) for line in content.split(b"\n") if line.strip()]
    items = inside(_MODULE, "_parse_reader_items")(content.decode("utf-8-sig"), settings)
    return items if isinstance(items, list) else [items]


def _uri(where: dict[str, Any]) -> str:
    return f"s3://{where.get('Bucket')}/{where.get('Key', where.get('Prefix', ''))}"


def _unreadable(cause: str) -> Exception:
    failure: Exception = inside(_MODULE, "_ExecutionError")("States.ItemReaderFailed", cause)
    return failure
