"""Where the requests and replies of a run's batch inference lie, by model and by item of the run's map."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

from arbiter.answering.writer import Generation
from arbiter.batch_inference.records import Reply, read_reply, request_record
from arbiter.store import Store, exists

FEWEST, MOST = 100, 50_000
"""Records of a job. Bedrock's quotas of most models, *Minimum* and *Maximum number of records per batch inference
job*; requests beyond are asked for on demand."""
THREADS = 16
"""Objects read or written at once: an item has one of each, and a run has up to 20,000 items."""
JSONL = "application/jsonl"
RECORDS = "records.jsonl"
OUTPUT = f"/{RECORDS}.out"
"""A job's output, beside its manifest, bears the name of its input."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Desk:
    """One run's requests and replies; an item is what one child of the map works on."""

    store: Store
    prefix: str
    """Where the run lies, with a slash at its end."""
    fewest: int = FEWEST

    def ask(self, model: str, item: str, generations: Sequence[Generation]) -> None:
        """Lay down what an item asks a model; takes the place of what it asked before."""
        key, body = f"{self._asked(model)}{item}.jsonl", b"".join(map(request_record, generations))
        if body or exists(self.store, key):
            self.store.write(key, body, content_type=JSONL)

    def replies(self, model: str, item: str) -> list[Reply]:
        """The replies for an item; none before its job has ended."""
        key = self._replies(model, item)
        content = self.store.read(key) if exists(self.store, key) else b""
        return [Reply.parse(json.loads(line)) for line in content.splitlines()]

    def merge(self, model: str, execution: str, minimum: int) -> Mapping[str, object]:
        """Put the requests of all items into one file; `records` is 0 where there are too few for a job.

        What a job of an earlier execution has replied that nobody read is shared out, and not asked again.
        """
        lines: dict[str, bytes] = {}
        for _, asked in self._requests(model):
            lines.update(asked)
            if len(lines) > 2 * MOST:
                # All requests of 100,000 cases would not fit into the function's memory.
                lines = dict(sorted(lines.items())[:MOST])
        for replied in self._share_out_left(model) if lines else ():
            lines.pop(replied, None)
        chosen = sorted(lines)[:MOST]
        if len(chosen) < max(minimum, self.fewest):
            return {"records": 0, "asked": len(lines)}
        job = f"{job_prefix(execution)}{_digest(self.prefix, model, *chosen)}"
        key = f"{self._folder(model)}jobs/{job}/{RECORDS}"
        self.store.write(key, b"".join(lines[one] + b"\n" for one in chosen), content_type=JSONL)
        return {"records": len(chosen), "asked": len(lines), "job_name": job, "input_key": key}

    def share_out(self, model: str, output_key: str) -> Mapping[str, int]:
        """Give every item the replies to what it asked; says how many requests have one."""
        return self._give(model, self._come(output_key))

    def keep(self, model: str, item: str, replies: Sequence[Reply]) -> None:
        """Add replies to those of an item."""
        if replies:
            kept = {reply.record_id: reply for reply in [*self.replies(model, item), *replies]}
            body = b"".join(json.dumps(reply.dump()).encode() + b"\n" for reply in kept.values())
            self.store.write(self._replies(model, item), body, content_type=JSONL)

    def _share_out_left(self, model: str) -> set[str]:
        """The records that have a reply in the output of any job of the run."""
        keys = [stored.key for stored in self.store.listing(f"{self._folder(model)}jobs/")]
        replied: set[str] = set()
        for key in [key for key in keys if key.endswith(OUTPUT)]:
            come = self._come(key)
            self._give(model, come)
            replied |= come.keys()
        return replied

    def _give(self, model: str, replies: Mapping[str, Reply]) -> Mapping[str, int]:
        """Add to every item's replies those that have come."""

        def give(request: tuple[str, dict[str, bytes]]) -> tuple[int, int]:
            item, asked = request
            own = [replies[one] for one in asked if one in replies]
            self.keep(model, item, own)
            return len(asked), len(own)

        with ThreadPoolExecutor(THREADS) as threads:
            given = [count for some in _chunks(self._requests(model)) for count in threads.map(give, some)]
        return {"asked": sum(asked for asked, _ in given), "answered": sum(answered for _, answered in given)}

    def _come(self, output_key: str) -> dict[str, Reply]:
        output = (read_reply(record) for record in _records(self.store.stream(output_key)))
        return {reply.record_id: reply for reply in output if reply.completion}

    def _requests(self, model: str) -> Iterator[tuple[str, dict[str, bytes]]]:
        """Every item with its requests: record id -> line."""
        prefix = self._asked(model)

        def read(key: str) -> tuple[str, dict[str, bytes]]:
            lines = self.store.read(key).split(b"\n")
            asked = {str(json.loads(line)["recordId"]): line for line in lines if line}
            return key.removeprefix(prefix).removesuffix(".jsonl"), asked

        with ThreadPoolExecutor(THREADS) as threads:
            for keys in _chunks(stored.key for stored in self.store.listing(prefix)):
                yield from threads.map(read, keys)

    def _folder(self, model: str) -> str:
        return f"{self.prefix}batch-inference/{_digest(model)}/"

    def _asked(self, model: str) -> str:
        return f"{self._folder(model)}asked/"

    def _replies(self, model: str, item: str) -> str:
        return f"{self._folder(model)}replies/{item}.jsonl"


def job_prefix(execution: str) -> str:
    """The prefix of the names of an execution's jobs."""
    return f"arbiter-{_digest(execution)}-"


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Some at a time: a pool takes up everything that it is given at once."""
    rest = iter(items)
    while some := list(itertools.islice(rest, 10 * THREADS)):
        yield some


def _records(chunks: Iterable[bytes]) -> Iterator[dict[str, object]]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from map(_record, lines)
    yield _record(rest)


def _record(line: bytes) -> dict[str, object]:
    """A record of a job's output; a damaged one, as of a job that was stopped while it wrote, replies to nothing."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
