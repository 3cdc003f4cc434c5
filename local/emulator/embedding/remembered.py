"""Embeddings of texts that come again: the statements of the same documents, question after question."""

from collections import OrderedDict
from threading import Lock

from local.emulator.embedding.model import embedder

_MOST = 20_000
_known: OrderedDict[tuple[str, int], list[float]] = OrderedDict()
_lock = Lock()


def embed(texts: list[str], dimensions: int) -> list[list[float]]:
    """As the embedding model does; each text is computed once while it is remembered."""
    with _lock:
        vectors = {text: _known.get((text, dimensions)) for text in texts}
    if new := [text for text, vector in vectors.items() if vector is None]:
        computed = dict(zip(new, embedder()[1](new, dimensions, passages=False), strict=True))
        vectors |= computed
        with _lock:
            _known.update({(text, dimensions): vector for text, vector in computed.items()})
            while len(_known) > _MOST:
                _known.popitem(last=False)
    return [vector for text in texts if (vector := vectors[text]) is not None]
