"""The pointer to the tuned model: the text of the `candidate` and `in_service` parameters."""

import json
from typing import Any, NamedTuple, Protocol

NONE = "none"
"""The pointer's text before any model was nominated; SSM has no empty values."""

ELSEWHERE = "elsewhere"
"""Base model and training run of a model that Arbiter did not make."""


class Pointers(Protocol):
    """Reads and writes the text of a pointer by the name of its parameter."""

    def read(self, name: str) -> str: ...
    def write(self, name: str, value: str) -> None: ...


class MalformedPointerError(ValueError):
    """A pointer that says neither `none` nor which model."""


class TunedModel(NamedTuple):
    """A tuned model that can be called."""

    model: str
    """ARN that Bedrock invokes: a custom model deployment."""
    custom_model: str
    """ARN of the custom model behind it."""
    base_model: str
    """Id of the foundation model it was tuned from, for example `amazon.nova-micro-v1:0:128k`."""
    run: str
    """Id of the training run that made it."""

    @property
    def gone(self) -> str:
        """The sentence for who asks for it after it was deleted."""
        return (
            f"The tuned model in service does not exist any more: {self.model} (training run {self.run}). "
            "Train or publish another one, ask for another mode, or allow degradation."
        )

    @classmethod
    def parse(cls, text: str) -> "TunedModel | None":
        """Read a pointer; `None` when it points to no model. The rest of its text belongs to `promotion`.

        Raises:
            MalformedPointerError: naming what is missing.
        """
        pointer = read(text)
        # Nothing is in service, but something was: the text then holds that alone.
        return None if pointer is None or pointer.get("model", "") is None else cls.of(pointer)

    @classmethod
    def of(cls, pointer: Any) -> "TunedModel":
        """The model that an object names.

        Raises:
            MalformedPointerError: naming what is missing.
        """
        if not isinstance(pointer, dict):
            raise MalformedPointerError(f"the pointer is neither {NONE!r} nor a JSON object")
        missing = [name for name in cls._fields if not isinstance(pointer.get(name), str) or not pointer[name].strip()]
        if missing:
            raise MalformedPointerError("the pointer lacks " + ", ".join(missing))
        return cls(**{name: pointer[name] for name in cls._fields})

    def dump(self) -> str:
        """The pointer's text."""
        return json.dumps(self._asdict(), separators=(",", ":"))


def read(text: str) -> dict[str, Any] | None:
    """The object that a pointer's text holds; `None` for `none`.

    Raises:
        MalformedPointerError: it is neither.
    """
    if text.strip() == NONE:
        return None
    try:
        pointer = json.loads(text)
    except (RecursionError, ValueError):
        raise MalformedPointerError(f"the pointer is neither {NONE!r} nor JSON") from None
    if not isinstance(pointer, dict):
        raise MalformedPointerError(f"the pointer is neither {NONE!r} nor a JSON object")
    return pointer


class TunedModels(Protocol):
    """The record of which tuned model is in service."""

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        """The model in service; `fresh` when the remembered one has proved wrong."""


class FixedTunedModel:
    """A tuned model made elsewhere, named by the settings: no pointer is read."""

    def __init__(self, model: str) -> None:
        self._model = TunedModel(model, custom_model=model, base_model=ELSEWHERE, run=ELSEWHERE)

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel:
        """The model, always the same."""
        return self._model
