"""Names that other tools give a question and its answer."""

from collections.abc import Iterable
from dataclasses import dataclass

_QUESTIONS = ("question", "prompt", "input", "query", "q", "inputtext")
_ANSWERS = ("answer", "completion", "output", "response", "a", "outputtext")
_INSTRUCTION = "instruction"


@dataclass(frozen=True)
class LikelyNames:
    """The names under which something holds a question and its answer."""

    questions: tuple[str, ...]
    """One name, or an instruction and the input that it is about."""
    answer: str

    @property
    def remedy(self) -> str:
        answer = f'"{self.answer}" to "answer"'
        if len(self.questions) > 1:
            joined = " and ".join(f'"{name}"' for name in self.questions)
            return f'join {joined} as "question", and rename {answer}'
        (question,) = self.questions
        renamed = [f'"{question}" to "question"'] * (question != "question") + [answer] * (self.answer != "answer")
        return f"rename {' and '.join(renamed)}"


def may_be_meant(name: str) -> bool:
    """Whether a question or an answer may stand under a name."""
    return name.strip().lower() in (*_QUESTIONS, *_ANSWERS, _INSTRUCTION)


def likely_names(names: Iterable[str]) -> LikelyNames | None:
    """The names among some that mean question and answer; `None` when that is plain already, or cannot be told."""
    known = {name: name.strip().lower() for name in names}
    answers = [name for name, plain in known.items() if plain in _ANSWERS]
    questions = [name for name, plain in known.items() if plain in _QUESTIONS]
    instructions = [name for name, plain in known.items() if plain == _INSTRUCTION]
    if len(answers) != 1 or len(questions) > 1 or len(instructions) > 1 or not (questions or instructions):
        return None
    if instructions and questions and known[questions[0]] != "input":
        return None
    likely = LikelyNames((*instructions, *questions), answers[0])
    return None if (likely.questions, likely.answer) == (("question",), "answer") else likely
