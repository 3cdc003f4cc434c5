"""Names such as error codes, instance types and operations are found better by meaning and words together."""

import random
from functools import cache

from arbiter.answering.searching.fusion import fused
from arbiter.answering.searching.hybrid import query_text
from local.emulator.embedding import lexical
from local.emulator.knowledge.vectors.search import VectorIndex
from local.emulator.knowledge.words.reranking import reranked

DIMENSIONS = 256
CAUSES = ("no disk is left", "the token is too old", "the network is down", "a lock is held", "the queue is full")
SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")
VERBS = ("Create", "Delete", "Describe", "Update", "List")
PARTS = ("Volume", "Snapshot", "Gateway", "Endpoint", "Policy", "Cluster", "Stream", "Table")


@cache
def corpus() -> dict[str, str]:
    """Passages that differ in a name and in little else, each under the name."""
    chance = random.Random(4)
    codes = {f"E-{5_000 + number}": f"means that {chance.choice(CAUSES)}" for number in range(0, 120, 3)}
    types = {f"{family}{generation}.{size}": f"has {chance.randint(2, 96)} processors and {chance.randint(4, 384)} GiB"
             for family in "cmrt" for generation in (5, 6) for size in SIZES}  # fmt: skip
    operations = {verb + part: f"answers within {chance.randint(1, 30)} seconds" for verb in VERBS for part in PARTS}
    shapes = (
        (codes, "The error {} of the service {}. Wait for a while and send the request again."),
        (types, "An instance of the type {} {} of memory. It can be stopped and started at any time."),
        (operations, "The operation {} {}. It needs a permission and can be called again."),
    )
    return {name: shape.format(name, what) for named, shape in shapes for name, what in named.items()}


def first_found(search: str) -> float:
    """The part of names whose own passage is the first for a question that asks for it."""
    index = VectorIndex(DIMENSIONS, "cosine", {"text": "en"})
    for name, text in corpus().items():
        index.put(name, lexical.embed(text, DIMENSIONS, passage=True), {"text": text})
    hits = 0
    for name in corpus():
        question = f"What should I know about {name}?"
        meaning = [key for _, key in index.nearest(lexical.embed(question, DIMENSIONS), 40, None)]
        words = [key for _, key in index.containing("text", query_text(question), 40, None)]
        hits += (fused([meaning, words]) if search == "hybrid" else meaning)[0] == name
    return hits / len(corpus())


def test_names_are_found_by_a_margin_better_with_hybrid_search() -> None:
    """The stand-in's embedding holds words itself: a model of meaning alone, as Bedrock has, is further behind."""
    semantic, hybrid = first_found("semantic"), first_found("hybrid")

    assert hybrid >= 0.98
    assert hybrid - semantic >= 0.05


def test_the_stand_in_for_rerankers_orders_by_words() -> None:
    passages = ["Ropes are dried.", "A rope is retired after four years.", "Boots."]

    (first, best), (second, _), (last, none) = reranked("When is a rope retired?", passages, 3)

    assert (first, second, last) == (1, 0, 2)
    assert 0 == none < best < 1
    assert reranked("?", passages, 1) == [(0, 0.0)]
