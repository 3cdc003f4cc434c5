"""A profile is made of every readable document, in flat memory, with the limit of the store it belongs to."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from arbiter.aws.objects import StoredObject
from arbiter.documents.profiling import LOOKED_UP, READ_BYTES, Profiling
from arbiter.errors import Throttled
from arbiter.routing.artefact import former, knowledge_key
from arbiter.routing.heads import assess
from arbiter.routing.knowledge import loads
from tests.unit.arbiter.evaluation.engine_fakes import NOW, Bucket

KEY = knowledge_key("KB1")


class MemoryStore(Bucket):
    """A bucket in memory whose listing knows the sizes."""

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        return (StoredObject(key, len(body), "", NOW) for key, body in sorted(self.contents.items()))


TEXT = b"The Skarn 3 tent weighs three kilograms packed, with its twelve pegs. " * 20


def profiling(documents: Any, results: MemoryStore, best: Callable[[str], float | None] = lambda _: 0.3) -> Profiling:
    return Profiling(
        documents=documents,
        results=results,
        knowledge_base_id="KB1",
        best=best,
        requests=lambda language: [f"Request {number} in {language}" for number in range(200)],
        sleep=lambda seconds: None,
    )


def store(**documents: bytes) -> MemoryStore:
    return MemoryStore({name.replace("_", "."): content for name, content in documents.items()})


def test_a_profile_knows_the_words_of_the_readable_documents() -> None:
    results = MemoryStore()
    page = b"<p>A Lynx rope is retired after ninety hill days.</p>" * 20
    documents = store(a_md=TEXT, b_html=page, c_pdf=b"%PDF", a_md_metadata_json=b"{}", empty_md=b"")

    assert profiling(documents, results).run()
    profile = loads(results.read(KEY))
    assert profile.documents == 2
    assert {"skarn", "lynx"} <= profile.terms.keys()


def test_documents_that_cannot_be_read_have_no_profile(capsys: pytest.CaptureFixture[str]) -> None:
    results = MemoryStore({KEY: b"earlier"})

    assert not profiling(store(c_pdf=b"%PDF"), results).run()
    assert results.read(KEY) == b"earlier"
    assert json.loads(capsys.readouterr().out)["left_out"] == 1


def test_the_limit_of_a_look_is_what_nearly_all_background_requests_stay_below() -> None:
    results, asked = MemoryStore(), list[str]()

    def best(question: str) -> float | None:
        asked.append(question)
        return None if len(asked) == 1 else len(asked) / 100

    profiling(store(a_md=TEXT), results, best).run()

    assert len(asked) == len(set(asked)) == LOOKED_UP
    profile = loads(results.read(KEY))
    margin = assess(asked[0], [], profile).grounded.margin
    assert profile.passage_slope > 0
    assert profile.passage_score == pytest.approx((LOOKED_UP - 1) / 100 + profile.passage_slope * margin)


@pytest.mark.parametrize("search_seconds", [0.02, 0.3])
def test_half_of_the_accounts_searches_a_second_are_left_to_others(search_seconds: float) -> None:
    now, begun = [0.0], list[float]()

    def best(question: str) -> float:
        begun.append(now[0])
        now[0] += search_seconds
        return 0.3

    def sleep(seconds: float) -> None:
        now[0] += seconds

    paced = profiling(store(a_md=TEXT), MemoryStore(), best)
    replace(paced, sleep=sleep, clock=lambda: now[0]).run()
    apart = [later - earlier for earlier, later in pairwise(begun)]
    assert apart == pytest.approx([max(0.1, search_seconds)] * (LOOKED_UP - 1))


@pytest.mark.parametrize(("answers", "limit"), [(5, None), (40, 0.3)])
def test_a_store_that_refuses_is_measured_by_what_it_answered_if_that_is_enough(
    answers: int, limit: float | None
) -> None:
    results, left = MemoryStore(), iter(range(answers))

    def best(question: str) -> float:
        if next(left, None) is None:
            raise Throttled("slow down")
        return 0.3

    assert profiling(store(a_md=TEXT), results, best).run()
    assert loads(results.read(KEY)).passage_score == limit


def test_the_last_good_profile_stays_beside_the_new_one() -> None:
    results = MemoryStore()
    for text in (TEXT, TEXT.replace(b"Skarn", b"Tarn")):
        profiling(store(a_md=text), results).run()
    first = loads(results.read(former(KEY)))

    assert "skarn" in first.terms
    assert "tarn" in loads(results.read(KEY)).terms
    results.write(KEY, b"damaged", content_type="application/json")
    profiling(store(a_md=TEXT), results).run()
    assert loads(results.read(former(KEY))) == first


class Endless:
    """A bucket of many documents, of which each is longer than what is read."""

    def listing(self, prefix: str = "") -> Iterator[Any]:
        for number in range(150):
            yield type("Stored", (), {"key": f"{number}.txt", "size": 10 * READ_BYTES})

    def read_range(self, key: str, offset: int, size: int) -> bytes:
        assert (offset, size) == (0, READ_BYTES)
        return f"Document {key} speaks of tents, ropes and harnesses in the valley. ".encode() * 300


@pytest.mark.slow
def test_memory_does_not_grow_with_the_documents() -> None:
    tracemalloc.start()
    assert profiling(Endless(), MemoryStore()).run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 60 << 20
