"""Pieces of an answer as they may be sent: those that no later text can take back."""

from arbiter.edge.formats.format import end_of


class Pieces:
    """Text that comes in pieces, without blanks around it, and only up to the first stop text.

    Args:
        stop: texts at which the answer ends.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = stop
        self._held, self._begun, self._ended = "", False, False

    def add(self, text: str) -> str:
        """The part of what was written so far that is final now, and was not sent before."""
        if self._ended:
            return ""
        self._held += text
        if not self._begun:
            self._held = self._held.lstrip()
            self._begun = bool(self._held)
        # Blanks at the end may turn out to be the last: the answer has none there.
        solid = self._held.rstrip()
        if (end := end_of(solid, self._stop)) is not None:
            self._ended = True
            return solid[:end]
        final = len(solid) - max((_begun_at_end(solid, stop) for stop in self._stop), default=0)
        piece, self._held = self._held[:final], self._held[final:]
        return piece


def _begun_at_end(text: str, stop: str) -> int:
    """Characters at the end of a text with which a stop text may begin."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if stop.startswith(text[-length:])), 0)
