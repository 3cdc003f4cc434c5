"""Passages as a model is given them: without what they repeat, and no more of them than its context holds."""

import json
from collections.abc import Iterable, Sequence

from arbiter.answering.prompts import GROUNDING, Passage, build_prompt
from arbiter.answering.request import Request
from arbiter.costs.tokens import BYTES_PER_TOKEN, estimated_tokens
from arbiter.model_parameters import context_tokens, reasoning_tokens

LEAST_OVERLAP = 80
"""Characters: a phrase that a document repeats is shorter, and chunks of 300 tokens share 270 by default."""
LEAST_ROOM = 100
"""Tokens; where a question leaves less it is too long itself, which the model says."""
SHORT = 25_000
"""Characters: at four bytes each, and with the longest schema, less than any known context leaves beside an answer."""
TAG_TOKENS = 30
"""Of the tag around a passage, with its source."""
_MOST_TRIES = 10


def joined(passages: Iterable[Passage]) -> list[Passage]:
    """Passages without repetitions, each at its best rank.

    A text that stands in another one of its document is left out, as is one that stands in two documents; two of a
    document become one where the end of one is the beginning of the other, as in chunks that overlap.
    """
    kept: list[Passage] = []
    for passage in passages:
        rank = len(kept)
        for other in tuple(kept):
            if (union := _union(other, passage)) is not None:
                rank = min(rank, kept.index(other))
                kept.remove(other)
                passage = union
        kept.insert(rank, passage)
    return kept


def _union(better: Passage, other: Passage) -> Passage | None:
    """Two passages in one; `None` where they share nothing."""
    one, two = better.text, other.text
    if one == two:
        return better
    if better.uri != other.uri:
        return None
    for first, second in ((one, two), (two, one)):
        if (start := _meeting(first, second)) is not None:
            return better._replace(text=first + second[len(first) - start :])
    return None


def _meeting(first: str, second: str) -> int | None:
    """Where in a text another begins, and stands whole or to the end of the first; `None` where it does not."""
    seed = second[:LEAST_OVERLAP]
    start = first.find(seed)
    for _ in range(_MOST_TRIES):
        if start < 0:
            break
        if first.startswith(second, start) or second.startswith(first[start:]):
            return start
        start = first.find(seed, start + 1)
    return None


def readable(request: Request, passages: list[Passage], models: Iterable[str], output_tokens: int) -> list[Passage]:
    """The passages that models can read with a question and all that is asked with it: the best, or all."""
    texts = (request.question, request.system or "", *(turn.text for turn in request.history))
    if sum(map(len, texts)) + sum(len(passage.text) for passage in passages) < SHORT:
        return passages
    return fitted(passages, room_for(request, models, output_tokens))


def room_for(request: Request, models: Iterable[str], output_tokens: int) -> int | None:
    """Tokens that the question, all that is asked with it and the answer leave to passages, in the smallest context.

    `None` where no context is known, or where nothing worth the name is left: then it is for the model to refuse.
    """
    contexts = [(size, model) for model in models if (size := context_tokens(model))]
    if not contexts:
        return None
    size, model = min(contexts)
    schema = json.dumps(request.format.schema) if request.format.schema else ""
    asked = sum(map(estimated_tokens, (GROUNDING, schema, *build_prompt(request, ()).texts())))
    room = size - asked - output_tokens - reasoning_tokens(model)
    return room if room >= LEAST_ROOM else None


def fitted(passages: Sequence[Passage], tokens: int | None) -> list[Passage]:
    """The best passages that have so many tokens together; where even the best has more, its beginning."""
    if tokens is None:
        return list(passages)
    fitting: list[Passage] = []
    for passage in passages:
        tokens -= estimated_tokens(passage.text) + TAG_TOKENS
        if tokens < 0:
            break
        fitting.append(passage)
    return fitting or [cut(passage, tokens + estimated_tokens(passage.text)) for passage in passages[:1]]


def cut(passage: Passage, tokens: int) -> Passage:
    """The beginning of a passage, with about so many tokens, to the end of a word."""
    start = passage.text.encode()[: int(max(1, tokens) * BYTES_PER_TOKEN)].decode(errors="ignore")
    beginning = start.rsplit(maxsplit=1)[0] if len(start.split()) > 1 else start
    return passage._replace(text=f"{beginning} …")
