"""Where vectors are: vector buckets, their indexes, and what may be put into them."""

import json
from dataclasses import dataclass, field
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import scope
from local.emulator.knowledge.vectors import arns
from local.emulator.knowledge.vectors.search import VectorIndex
from local.emulator.knowledge.words.analysis import LANGUAGES
from local.emulator.refusals.calls import vectors

FILTERABLE_BYTES = 2048  # docs: S3 Vectors limitations
METADATA_BYTES = 40 * 1024
SEARCHABLE, MOST_SEARCHABLE = "textSearchConfigurations", 10


@dataclass
class Index:
    """An index: the arguments of CreateIndex, and its vectors."""

    description: dict[str, Any]
    vectors: VectorIndex
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def unfilterable(self) -> set[str]:
        """Metadata keys that no filter sees and the small limit does not count."""
        configuration = self.description.get("metadataConfiguration") or {}
        return set(configuration.get("nonFilterableMetadataKeys") or [])


@dataclass
class Bucket:
    """A vector bucket and its indexes."""

    description: dict[str, Any]
    indexes: dict[str, Index] = field(default_factory=dict)
    policy: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


BUCKETS: dict[tuple[str, str, str], Bucket] = {}
"""By account, region and name."""


def of_aws(dimension: int) -> Index:
    """An index that no account sees, as a managed knowledge base has one: searched by meaning and by words."""
    described = {"nonFilterableMetadataKeys": ["AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"]}
    return Index({"metadataConfiguration": described}, VectorIndex(dimension, "cosine", {"AMAZON_BEDROCK_TEXT": "en"}))


def find_index(arn: str) -> Index:
    """The index with this ARN.

    Raises:
        ServiceError: when it is not there.
    """
    bucket_name, index_name = arns.names(arn)
    record = bucket_named(bucket_name).indexes.get(index_name)
    if record is None:
        raise ServiceError("NotFoundException", f"The specified index could not be found: {arn}", 404)
    return record


def searchable(asked: dict[str, Any]) -> dict[str, str | None]:
    """The metadata keys that a new index makes searchable by words, each with its language.

    Raises:
        ServiceError: more keys than an index has, a key twice, or a language that S3 Vectors does not know.
    """
    configured = (asked.get("metadataConfiguration") or {}).get(SEARCHABLE) or []
    languages = {each["metadataKey"]: each.get("language") for each in configured}
    if len(configured) > MOST_SEARCHABLE or len(languages) < len(configured):
        raise ServiceError("ValidationException", f"{SEARCHABLE} has at most {MOST_SEARCHABLE} keys, each of them once")
    for language in languages.values():
        if language not in (None, *LANGUAGES):
            raise ServiceError("ValidationException", f"language is {language}; allowed: {', '.join(LANGUAGES)}")
    return languages


def put(index: Index, given: list[dict[str, Any]]) -> None:
    """Store vectors after checking every one of them."""
    for vector in given:
        _check(index, vector)
    for vector in given:
        index.vectors.put(vector["key"], vector["data"]["float32"], vector.get("metadata") or {})


def _check(index: Index, vector: dict[str, Any]) -> None:
    size, wanted = len(vector["data"]["float32"]), index.vectors.dimension
    if size != wanted:
        raise ServiceError(
            "ValidationException",
            f"Invalid record for key '{vector['key']}': vector has length {size}, but must have length {wanted}",
        )
    vectors.check_vector(vector["data"]["float32"], index.vectors.metric)
    metadata = vector.get("metadata") or {}
    vectors.check_metadata(metadata)
    filterable = {key: value for key, value in metadata.items() if key not in index.unfilterable}
    for content, limit, what in ((filterable, FILTERABLE_BYTES, "Filterable"), (metadata, METADATA_BYTES, "Total")):
        written = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        if len(written) > limit:
            raise ServiceError(
                "ValidationException",
                f"Invalid record for key '{vector['key']}': {what} metadata must have at most {limit} bytes",
            )


def bucket_named(name: str) -> Bucket:
    """The bucket with this name.

    Raises:
        ServiceError: when it is not there.
    """
    record = BUCKETS.get((*scope(), name))
    if record is None:
        raise ServiceError("NotFoundException", f"The specified vector bucket could not be found: {name}", 404)
    return record
