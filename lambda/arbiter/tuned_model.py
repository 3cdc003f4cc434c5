"""The pointer to the tuned model: the text of the `candidate`, `in_service` and `previous` parameters."""

import json
from typing import NamedTuple

NONE = "none"
"""The pointer's text before any model was nominated; SSM has no empty values."""


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

    @classmethod
    def parse(cls, text: str) -> "TunedModel | None":
        """Read a pointer; `None` when it points to no model.

        Raises:
            MalformedPointerError: naming what is missing.
        """
        if text.strip() == NONE:
            return None
        try:
            pointer = json.loads(text)
        except ValueError:
            raise MalformedPointerError(f"the pointer is neither {NONE!r} nor JSON") from None
        if not isinstance(pointer, dict):
            raise MalformedPointerError(f"the pointer is neither {NONE!r} nor a JSON object")
        missing = [name for name in cls._fields if not isinstance(pointer.get(name), str) or not pointer[name].strip()]
        if missing:
            raise MalformedPointerError("the pointer lacks " + ", ".join(missing))
        return cls(**{name: pointer[name] for name in cls._fields})

    def dump(self) -> str:
        """The pointer's text."""
        return json.dumps(self._asdict(), separators=(",", ":"))
