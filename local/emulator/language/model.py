"""The stand-in language model: extractive and deterministic, computed from what it is given and what it was taught."""

from dataclasses import dataclass

from local.emulator.language import undocumented
from local.emulator.language.extraction import Chosen, Similarity, choose
from local.emulator.language.prompt import Prompt, asking
from local.emulator.language.tuning import TunedModel

NOTHING_FOUND = "I do not know: the documents I was given do not answer this."
NOTHING_GIVEN = "I do not know: I was given no documents that answer this."
_STATEMENTS = 2


@dataclass(frozen=True)
class Answer:
    """The model's answer; `grounds` are the statements that it is made of."""

    text: str
    grounds: list[str]


def answer(prompt: Prompt, tuned: TunedModel | None = None, similarity: Similarity | None = None) -> Answer:
    """Answer from documents, else from what was learned, else from the conversation; else say what is missing."""
    most = max(_STATEMENTS, tuned.style.length) if tuned else _STATEMENTS
    chosen = choose(prompt.question, prompt.documents, most, similarity)
    if not chosen and (bare := asking(prompt.question)) != prompt.question:
        # What stands around a question names what it is about, or only dilutes it.
        chosen = choose(bare, prompt.documents, most, similarity)
    if chosen:
        return _reply(prompt, [one.statement.text for one in chosen], tuned, chosen)
    recalled = tuned.recall(prompt.question) if tuned else None
    if recalled:
        return Answer(_wrapped(prompt, recalled, "I was taught the answer to this question."), [recalled])
    remembered = choose(prompt.question, prompt.earlier, most, similarity)
    if remembered:
        return _reply(prompt, [one.statement.text for one in remembered], tuned, remembered)
    known = undocumented.reply(prompt.question)
    if known:
        return Answer(_wrapped(prompt, known, "The question needs no documents."), [known])
    return _reply(prompt, [NOTHING_FOUND if prompt.documents else NOTHING_GIVEN], tuned, [])


def _reply(prompt: Prompt, sentences: list[str], tuned: TunedModel | None, chosen: list[Chosen]) -> Answer:
    text = tuned.style.applied(sentences) if tuned else " ".join(sentences)
    used = sorted({one.statement.document + 1 for one in chosen})
    reasoning = f"Of {len(prompt.documents)} documents, " + (
        f"number {', '.join(map(str, used))} shares most with the question." if used else "none answers the question."
    )
    return Answer(_wrapped(prompt, text, reasoning), sentences if chosen else [])


def _wrapped(prompt: Prompt, text: str, reasoning: str) -> str:
    """The answer in the tags that the prompt asks for."""
    if prompt.answer_tag:
        text = f"<{prompt.answer_tag}>{text}</{prompt.answer_tag}>"
    if prompt.reasoning_tag:
        text = f"<{prompt.reasoning_tag}>{reasoning}</{prompt.reasoning_tag}>\n{text}"
    return text
