"""The last conversation with each environment, kept below the project's state folder until another one is begun.

It goes on by its turns, and its answers are rated by their request ids.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from arbiter.answering.asked.history import LONGEST_HISTORY, LONGEST_TURN, MOST_TURNS
from cli.core.errors import CliError
from cli.core.outputs import write_whole
from cli.core.project import repository


class Conversation:
    """The turns of one environment's last conversation, as a request carries them."""

    def __init__(self, environment: str) -> None:
        self._file = repository() / ".arbiter" / "conversations" / f"{environment}.json"

    def turns(self) -> list[dict[str, str]]:
        """The turns so far.

        Raises:
            CliError: there is no conversation, or its file is damaged.
        """
        try:
            turns = self._read()["turns"]
            return [{"role": str(turn["role"]), "text": str(turn["text"])} for turn in turns]
        except FileNotFoundError:
            remedy = "Ask without --continue first"
            raise CliError(f"There is no conversation to continue. {remedy}.", code="no_conversation") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = "Ask without --continue to begin another"
            raise CliError(f"{self._file} cannot be read ({error}). {remedy}.", code="no_conversation") from None

    def answer(self, request_id: str) -> dict[str, str]:
        """The question and the answer of a request of this conversation; nothing where it is of none."""
        with suppress(OSError, ValueError, LookupError, TypeError):
            question, answer = self._read()["answers"][request_id]
            return {"question": str(question), "answer": str(answer)}
        return {}

    def keep(self, earlier: Sequence[dict[str, str]], question: str, answer: str, request_id: str) -> None:
        """Keep the turns with one question and its answer; without the oldest, where a request takes no more.

        A folder that nothing can be written to only forgets the conversation.
        """
        asked, answered = {"role": "user", "text": question}, {"role": "assistant", "text": answer}
        turns = fitting([*earlier, asked, answered])
        answers = {**(self._answers() if earlier else {}), request_id: [question, _carried(answer)]}
        latest = dict(list(answers.items())[-MOST_TURNS:])
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # Its owner alone may read what was asked.
            write_whole(self._file, json.dumps({"turns": turns, "answers": latest}, indent=1).encode(), mode=0o600)

    def _read(self) -> Any:
        return json.loads(self._file.read_text(encoding="utf-8"))

    def _answers(self) -> dict[str, Any]:
        with suppress(OSError, ValueError, LookupError, TypeError):
            return dict(self._read()["answers"])
        return {}


def fitting(turns: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Turns as a request takes them: their texts within its bounds, and the oldest left out where they are too many."""
    texts = ((turn["role"], _carried(turn["text"])[:LONGEST_TURN]) for turn in turns)
    fit = [{"role": role, "text": text if text.strip() else "-"} for role, text in texts]
    while len(fit) > MOST_TURNS or sum(len(turn["text"]) for turn in fit) > LONGEST_HISTORY:
        fit = fit[2:]
    return fit


def _carried(text: str) -> str:
    """A text without what no request carries, and a model may have written: halves of surrogate pairs, and NUL."""
    return text.encode(errors="replace").decode().replace("\0", "")
