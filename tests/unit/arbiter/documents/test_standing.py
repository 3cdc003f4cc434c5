"""Every document of a bucket is in the knowledge base as it is, or named."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from arbiter.documents.ingestion import KnownDocument
from arbiter.documents.standing import problems_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)


@dataclass
class Item:
    key: str
    modified_at: datetime


def named(objects: dict[str, datetime], known: dict[str, str]) -> list[tuple[str, str]]:
    documents = {key: KnownDocument(key, status, "", NOON) for key, status in known.items()}
    stored = [Item(key, time) for key, time in objects.items()]
    return [(problem.document, problem.status) for problem in problems_of(stored, documents, str)]


def test_what_is_indexed_since_its_last_change_is_no_problem() -> None:
    objects = {"a.md": BEFORE, "a.md.metadata.json": NOON, "folder/": AFTER}
    assert named(objects, {"a.md": "INDEXED"}) == []


def test_missing_failed_stale_and_surplus_documents_are_named() -> None:
    objects = {"a.md": BEFORE, "b.md": BEFORE, "c.md": AFTER, "d.md": BEFORE, "d.md.metadata.json": AFTER}
    known = {"b.md": "FAILED", "c.md": "INDEXED", "d.md": "INDEXED", "gone.md": "INDEXED"}
    assert named(objects, known) == [
        ("a.md", "MISSING"),
        ("b.md", "FAILED"),
        ("c.md", "STALE"),
        ("d.md", "STALE"),
        ("gone.md", "SURPLUS"),
    ]
