"""The owner's part of a prompt, chosen for one question."""

from typing import NamedTuple, Protocol

from arbiter.answering.asked.format import Format
from arbiter.answering.prompting.files import Example, Prompts
from arbiter.answering.prompting.selection import Selection, example_tokens
from arbiter.errors import PromptsUnavailable


class Part(NamedTuple):
    """The owner's part of a prompt."""

    technique: str
    version: str
    """Digest of the house prompt, or of the examples that it was chosen from."""
    examples: tuple[Example, ...] = ()
    system: str | None = None
    format: Format = Format()

    @property
    def tokens(self) -> int:
        """About how many input tokens the examples take, rather too many."""
        return sum(map(example_tokens, self.examples))

    def to_object(self) -> dict[str, object]:
        """The part, as a response tells of it."""
        return {
            "technique": self.technique,
            "version": self.version,
            "examples": len(self.examples),
            "example_tokens": self.tokens,
        }


class PromptStore(Protocol):
    """The owner's prompts, wherever they are kept."""

    def current(self, timeout: float) -> Prompts:
        """The prompts, within so many seconds."""


class Prompter:
    """Chooses the owner's part of prompts."""

    def __init__(self, store: PromptStore, tokens: int, *, unseen: bool = False) -> None:
        """`tokens`: those of all examples of a prompt; `unseen`: none of them may ask the question itself."""
        self._store, self._tokens, self._unseen = store, tokens, unseen
        self._selection: Selection | None = None

    def part(self, technique: str, question: str, timeout: float) -> Part:
        """The part of a prompt for a question, within so many seconds.

        Raises:
            PromptsUnavailable: the deployment has none.
        """
        prompts = self._store.current(timeout)
        return self._house(prompts) if technique == "house" else self._few_shot(prompts, technique, question)

    def _house(self, prompts: Prompts) -> Part:
        if prompts.house is None:
            raise PromptsUnavailable(
                "This deployment has no house prompt. Name its file (prompting.house in cdk.json) and deploy, ask with "
                "another prompting, or allow degradation."
            )
        house = prompts.house
        return Part("house", prompts.house_version, house.examples, house.system, house.format)

    def _few_shot(self, prompts: Prompts, technique: str, question: str) -> Part:
        if not prompts.examples:
            raise PromptsUnavailable(
                "This deployment has no examples to show a model. Name a file of them (prompting.examples in cdk.json) "
                "and deploy, ask with another prompting, or allow degradation."
            )
        if self._selection is None:
            self._selection = Selection(prompts.examples)
        chosen = self._selection.choose(question, self._tokens, unseen=self._unseen)
        if not chosen:
            raise PromptsUnavailable(
                f"No example fits into {self._tokens:,} tokens. Raise prompting.example_tokens in cdk.json and deploy, "
                "shorten the examples, ask with another prompting, or allow degradation."
            )
        return Part(technique, prompts.examples_version, chosen)
