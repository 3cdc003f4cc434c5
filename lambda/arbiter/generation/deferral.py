"""A trial of one document's drafting, whose only outcome is what the models are asked."""

from collections.abc import Callable, Sequence

from arbiter.costs.prices import Prices
from arbiter.generation.drafting import Drafting
from arbiter.generation.estimate import Share
from arbiter.generation.pairs import Drafts
from arbiter.generation.plan import PAIRS_A_CALL
from arbiter.generation.sources.passages import Excerpt
from arbiter.generation.spending import Reservation


class Foreseen(Exception):  # noqa: N818 - no failure: all that can be known before the replies
    """The questions about further passages depend on how many pairs are kept of these."""


def foresee(
    drafting: Drafting,
    share: Share,
    passages: Sequence[Excerpt],
    drafts: Drafts,
    prices: Prices,
    in_time: Callable[[], None],
) -> None:
    """Ask the models of `drafting` what they are asked in any case; `drafts` is used up.

    A last call for fewer pairs than a whole one is left out, unless it is the only one: for how many it asks depends
    on what the verifier lets pass. `in_time` may stop the work by raising.
    """
    wanted = share.pairs - len(drafts.pairs)
    last = drafts.passages_read + max(1, wanted // PAIRS_A_CALL)
    reserved = Reservation(share.tokens, share.usd, prices)
    reserved.load(drafts.used)

    def stop() -> None:
        if drafts.passages_read >= last:
            raise Foreseen
        in_time()

    try:
        drafting.write(share, passages, drafts, reserved, stop)
    except Foreseen:
        return
