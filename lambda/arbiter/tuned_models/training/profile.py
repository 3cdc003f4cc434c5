"""The profile of a tuned model, from the prepared set that it is trained on."""

import json
from collections.abc import Iterable, Iterator

from arbiter.answering.prompts import questions_in
from arbiter.routing.tuned import TunedProfile, build


def profile_of(lines: Iterable[bytes]) -> TunedProfile:
    """The profile of a model that is trained on a prepared set."""
    return build(_samples(lines))


def _samples(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """The last question of each sample and its answer; of a turn that quotes documents, the question alone."""
    for line in lines:
        messages = json.loads(line).get("messages", [])
        texts = {message["role"]: "\n".join(part["text"] for part in message["content"]) for message in messages}
        if "user" in texts and "assistant" in texts:
            yield (questions_in(texts["user"]) or [texts["user"]])[-1], texts["assistant"]
