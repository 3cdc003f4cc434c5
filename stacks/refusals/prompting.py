"""Files of prompts that cannot be deployed, each refused with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from arbiter.answering.prompting.files import MalformedPromptsError
from stacks.settings.problems import Problem
from stacks.settings.prompting import examples_in, house_in

if TYPE_CHECKING:
    from stacks.settings.environment import Settings


def refused_prompts(s: Settings) -> Iterator[Problem]:
    """Every file of prompts that is missing or malformed, and a technique that has none."""
    needed = {"few_shot": "examples", "house": "house"}.get(s.prompting.technique)
    if needed and getattr(s.prompting, needed) is None:
        text = f'"{s.prompting.technique}" needs prompting.{needed}; name its file, or choose another technique'
        yield Problem(("prompting", "technique"), text, reads=("prompting.technique", f"prompting.{needed}"))
    for name, file, read in (
        ("examples", s.prompting.examples, examples_in),
        ("house", s.prompting.house, house_in),
    ):
        if file is None:
            continue
        try:
            read(file)
        except (OSError, MalformedPromptsError) as error:
            reason = (
                f"cannot be read ({error.strerror}); name a file of the repository, by its path in it"
                if isinstance(error, OSError)
                else f"cannot be used: {error}"
            )
            yield Problem(("prompting", name), f'"{file}" {reason}', reads=(f"prompting.{name}",))
