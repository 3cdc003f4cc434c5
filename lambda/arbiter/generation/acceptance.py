"""Whether the training check will take a text: what it refuses is not worth verifying, nor keeping."""

from arbiter.training_data.reading.samples import Notes, read_text
from arbiter.training_data.text.sensitive_data import Detect, detects_nothing


def trainable(*texts: str, detect: Detect = detects_nothing) -> bool:
    """Whether no text holds what makes a training job fail or must not be learnt."""
    notes = Notes(detect)
    for text in texts:
        read_text(text, "text", notes)
    return not notes.refused
