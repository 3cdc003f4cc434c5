"""Retrieving passages: the question that is searched for, one search, and the union of several."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from arbiter.answering.prompts import Passage
from arbiter.answering.request import LONGEST_QUESTION, Request, Retrieval
from arbiter.costs.prices import SearchPrice, rankings

MOST_SEARCHES = 4
"""Searches a request may cost; Bedrock answers 20 Retrieve calls a second for a whole account."""
RERANKED_FROM = 4
"""Passages read for each one that a reranker keeps."""
MOST_RESULTS = 100
"""botocore: numberOfResults."""


class Bounds(NamedTuple):
    """The most that a strategy takes of one request before the answer."""

    replies: int
    """Of a model."""
    searches: int
    passages: int
    """Passages that the replies read, as a multiple of those that the answer is given."""


BOUNDS: Mapping[str, Bounds] = {
    "basic": Bounds(0, 1, 0),
    "multi_step": Bounds(1, MOST_SEARCHES, 0),
    "adaptive": Bounds(2, 3, 2),
}

LONGEST_FOLLOW_UP, BARE_FOLLOW_UP = 14, 4
"""Words: a longer question says by itself what it is about; one as short as the second names little."""
_OPENER = r"(?i)\W*(?:and|but|or|so|then|also|(?:what|how) about|what if|why not|und|aber|oder|y|pero|o|entonces)\b"
_POINTER = (
    r"(?i)\b(?:it|its|they|them|their|these|those|ones?|he|she|him|her|the (?:same|other|latter|former)|"
    r"ihn|ihm|ihre[mrns]?|dies\w*|dort|da(?:von|mit|zu|für|bei)|ell[ao]s?|es[eo]s?|est[eo]s?|allí)\b"
)
_NAME = r"\d|(?<=[\w,] )[A-Z]"
"""Expressions of a follow-up: compiled in the first conversation, for functions start without them."""


class Query(NamedTuple):
    """One search."""

    text: str
    results: int
    options: Retrieval

    @property
    def read(self) -> int:
        """Passages that the search reads: more than it returns where they are reranked."""
        return min(MOST_RESULTS, self.results * RERANKED_FROM) if self.options.rerank else self.results

    def cost(self, price: SearchPrice, tokens: int, passage_tokens: int) -> float | None:
        """US dollars, with a text of so many tokens; `None` when a price is unknown."""
        ranked = rankings(self.read, passage_tokens, tokens) if self.options.rerank else 0
        return price.cost(tokens, ranked, hybrid=self.options.search == "hybrid")


def rewrites(request: Request) -> bool:
    """Tell if the question is rewritten before it is searched for; parts that a model names stand alone already."""
    return request.retrieval.rewrite and bool(request.history) and request.retrieval.strategy != "multi_step"


def most_replies(request: Request) -> int:
    """The most replies of a model before the answer: of the strategy's, and one for a question that is rewritten."""
    return BOUNDS[request.retrieval.strategy].replies + rewrites(request)


class Retriever(Protocol):
    """A knowledge base."""

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        """Passages for a query, best first, within so many seconds."""


Search = Callable[[Query], Sequence[Passage]]


def find_passages(request: Request, *, results: int, search: Search, rewritten: str | None = None) -> list[Passage]:
    """The best passages of one search for a request, best first.

    Args:
        rewritten: the question as a model has rewritten it, to be searched for in its place.
    """
    wanted = request.retrieval.results or results
    query = Query((rewritten or in_conversation(request))[:LONGEST_QUESTION], wanted, request.retrieval)
    return good(search(query), request.retrieval.minimum_score or 0.0)[:wanted]


def good(passages: Iterable[Passage], minimum_score: float) -> list[Passage]:
    """The passages that score at least so much, in their order; those without a score are kept."""
    return [passage for passage in passages if passage.score is None or passage.score >= minimum_score]


def in_conversation(request: Request) -> str:
    """The question, after the user's earlier messages that it leans on; those alone say what it is about."""
    asked, leading = [request.question], request.question
    for turn in reversed(request.history):
        if turn.role == "user":
            if not leans(leading):
                break
            asked.append(turn.text)
            leading = turn.text
    return "\n".join(reversed(asked))[-LONGEST_QUESTION:]


def leans(question: str) -> bool:
    """Tell if a question needs what was said before it: it opens or points like one, or is hardly a word long."""
    words = question.split(maxsplit=LONGEST_FOLLOW_UP)
    if len(words) > LONGEST_FOLLOW_UP:
        return False
    if re.match(_OPENER, question) or re.search(_POINTER, question):
        return True
    return len(words) <= BARE_FOLLOW_UP and not re.search(_NAME, question)


def ranked(passages: Iterable[Passage]) -> list[Passage]:
    """Best first; a passage without a score keeps its rank behind those that have one."""
    return sorted(passages, key=lambda passage: -1.0 if passage.score is None else passage.score, reverse=True)


def merged(searches: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The passages of several searches, each once with its best score.

    Interleaved by rank before the scores decide between equals: scores of different queries do not compare, and
    the best passage of every part of a question belongs into the answer.
    """
    best: dict[tuple[str, str], tuple[int, Passage]] = {}
    for passages in searches:
        for rank, passage in enumerate(passages):
            key = (passage.uri, passage.text)
            known = best.get(key)
            if known is None:
                best[key] = (rank, passage)
            else:
                best[key] = (min(rank, known[0]), ranked((known[1], passage))[0])
    by_rank = sorted(best.values(), key=lambda entry: (entry[0], -(entry[1].score or 0.0)))
    return [passage for _, passage in by_rank]
