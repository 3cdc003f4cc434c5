"""The four ways of answering: the four values of two yes/no questions."""

from enum import StrEnum


class Mode(StrEnum):
    """How a question is answered."""

    BASE = "base"
    RAG = "rag"
    FINE_TUNED = "fine_tuned"
    COMBINED = "combined"

    @property
    def grounded(self) -> bool:
        """Whether passages of the knowledge base are retrieved first."""
        return self in (Mode.RAG, Mode.COMBINED)

    @property
    def specialised(self) -> bool:
        """Whether the tuned model answers."""
        return self in (Mode.FINE_TUNED, Mode.COMBINED)

    @classmethod
    def of(cls, *, grounded: bool, specialised: bool) -> "Mode":
        """The mode that answers the two questions so."""
        return _BY_ANSWERS[grounded, specialised]


_BY_ANSWERS = {(mode.grounded, mode.specialised): mode for mode in Mode}

AUTO = "auto"
"""The requested mode that leaves both questions to the router."""
