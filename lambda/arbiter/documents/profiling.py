"""Making the profile of the knowledge base after a sync: its documents read one by one, its store measured."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from statistics import pstdev

from arbiter import log
from arbiter.errors import ArbiterError
from arbiter.routing.artefact import keep, knowledge_key
from arbiter.routing.heads import assess
from arbiter.routing.knowledge import KnowledgeProfile, loads
from arbiter.routing.making.building import EmptyKnowledgeError, build
from arbiter.routing.making.general import background
from arbiter.routing.plain import SUFFIXES, plain
from arbiter.store import Store

READ_BYTES = 1 << 20
"""Of a longer document the beginning is read: its words are those of the rest, and memory stays flat."""
LOOKED_UP = 60
"""Background requests that are searched for: each is a Retrieve call, of which an account has 20 a second."""
FEWEST = 20
"""Below so many answers the limit of a look would be chance."""
QUANTILE = 0.97
"""Of the background requests most are not looked for: of those that are, fewer reach the limit than one in thirty."""
MARGIN_SHARE = 0.55
"""Standard deviations of a passage's score that one unit of a request's margin is worth (0050)."""
LOOK_SECONDS = 0.1
"""The least time from one search to the next: half of the account's searches a second are left to those who ask."""

Best = Callable[[str], float | None]
"""The score of the best passage for a question; `None` where none has one."""


@dataclass(kw_only=True)
class Profiling:
    """Makes and keeps the profile of one knowledge base."""

    documents: Store
    results: Store
    knowledge_base_id: str
    best: Best
    requests: Callable[[str], Sequence[str]] = lambda language: background()[language]
    """Requests about nothing here, in a language."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _read: int = field(default=0, init=False)
    _left_out: int = field(default=0, init=False)

    def run(self) -> bool:
        """Make the profile anew; returns whether there is one."""
        self._read = self._left_out = 0
        try:
            profile = build(self._texts())
        except EmptyKnowledgeError:
            log.write("no profile made", level="WARNING", reason="no document can be read", left_out=self._left_out)
            return False
        limit = self._measured(profile)
        if limit is not None:
            profile = profile.looked_up(*limit)
        keep(self.results, knowledge_key(self.knowledge_base_id), profile.dumps(), loads)
        log.write("profile made", documents=self._read, left_out=self._left_out, terms=len(profile.terms),
                  words=profile.words, passage_score=limit and limit[0])  # fmt: skip
        return True

    def _texts(self) -> Iterator[str]:
        for item in self.documents.listing():
            suffix = PurePosixPath(item.key).suffix.lower()
            if suffix not in SUFFIXES or item.size == 0:
                self._left_out += not item.key.endswith((".metadata.json", "/"))
                continue
            self._read += 1
            yield plain(self.documents.read_range(item.key, 0, min(item.size, READ_BYTES)), suffix)

    def _measured(self, profile: KnowledgeProfile) -> tuple[float, float] | None:
        """The limit and the slope of a look, as requests about nothing here show; `None` where too few were tried."""
        requests = self.requests(profile.languages[0])
        step = max(1, len(requests) // LOOKED_UP)
        scores: list[float] = []
        tried = requests[::step][:LOOKED_UP]
        for request in tried:
            begun = self.clock()
            try:
                best = self.best(request)
            except ArbiterError as error:
                log.write("store not measured to the end", level="WARNING", reason=str(error), tried=len(scores))
                break
            scores.append(best or 0.0)
            self.sleep(max(0.0, begun + LOOK_SECONDS - self.clock()))
        if len(scores) < FEWEST:
            return None
        slope = MARGIN_SHARE * pstdev(scores)
        margins = [assess(request, [], profile).grounded.margin for request in tried]
        levels = sorted(score + slope * margin for score, margin in zip(scores, margins, strict=False))
        return levels[int(QUANTILE * len(levels))], slope
