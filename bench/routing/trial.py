"""What is shipped, tried as `arbiter route` runs it: recall, false retrieval, false alarms, and the time it takes."""

import time
from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from arbiter.answering.decision import Profiles
from arbiter.routing.heads import assess
from arbiter.routing.making.building import build
from bench.routing.corpora import HELD_OUT, HERE, KnowledgeBase, lines_of
from cli.routing.decided import decided
from cli.routing.looking import Passages
from cli.routing.meaning import Meanings

ROUNDS = 20
LONG = 20_000
"""Characters of the longest question that is allowed."""


def of(base: KnowledgeBase) -> dict[str, Any]:
    """The shares of a base's questions that are retrieved for, by language, and of requests about nothing there."""
    profile, passages = build(base.documents), Passages(Meanings())
    for document in base.documents:
        passages.add(document)

    def retrieved(texts: Sequence[str]) -> dict[str, float]:
        found = [decided(text, [], Profiles(profile), "quality", passages) for text in texts]
        return {
            "at once": round(sum(one.assessment.grounded.outcome == "yes" for one in found) / len(found), 3),
            "with a look": round(sum(one.grounded for one in found) / len(found), 3),
            "style": round(sum(one.specialised for one in found) / len(found), 3),
        }

    asked: dict[str, list[str]] = {}
    for question in base.questions:
        asked.setdefault(question.language, []).append(question.text)
    return {
        "base": base.name,
        **{language: retrieved(texts) for language, texts in asked.items()},
        **{name: retrieved(texts) for name, texts in others().items()},
        "bytes": len(profile.dumps().encode()),
    }


def others() -> dict[str, list[str]]:
    """Requests that no knowledge base here answers, and that nothing was fitted on."""
    return {
        "unseen": list(lines_of(HERE / "data" / "unseen.txt")),
        "held out": list(lines_of(HELD_OUT / "other.txt")),
        "elsewhere": list(lines_of(HELD_OUT / "elsewhere.txt")),
    }


def times(base: KnowledgeBase) -> dict[str, Any]:
    """Milliseconds of a decision: of usual questions, and of ones as long as can be."""
    profile = build(base.documents)
    usual = [question.text for question in base.questions] + [text for texts in others().values() for text in texts]
    long = [(text + " ") * (LONG // (len(text) + 1)) for text in usual]
    told = {}
    for name, texts in (("usual", usual), ("long", long)):
        taken = []
        for text in texts * ROUNDS:
            started = time.perf_counter()
            assess(text, [], profile)
            taken.append((time.perf_counter() - started) * 1000)
        cuts = quantiles(taken, n=100)
        told[name] = {"p50": round(cuts[49], 4), "p99": round(cuts[98], 4)}
    return {"milliseconds": told}
