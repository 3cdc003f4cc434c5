"""The kinds of fault that a training file may have: how grave each is, what it leads to, whether `--fix` mends it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

PROBLEM = "problem"
"""Refuses the file: the job would fail, or the model must not be made."""
DOUBT = "doubt"
"""Trains, but perhaps not what its owner wants."""


class Kind(NamedTuple):
    """One kind of fault: how grave it is, and its consequence."""

    severity: str
    consequence: str
    mended: str = ""
    """The change that `--fix` makes; empty where a person must act."""


_UNREADABLE = "Bedrock cannot read the line, and the job fails"
_REFUSED = "Bedrock refuses the sample, and the job fails"
_SAID_AGAIN = "the model may say it to anybody who asks"
_DROPPED = "it is left out of what is trained on"

KINDS: dict[str, Kind] = {
    "line_too_long": Kind(PROBLEM, _UNREADABLE),
    "not_utf8": Kind(PROBLEM, _UNREADABLE),
    "not_json": Kind(PROBLEM, _UNREADABLE),
    "not_json_lines": Kind(PROBLEM, _UNREADABLE),
    "comma_after_line": Kind(PROBLEM, _UNREADABLE, mended="the comma was removed"),
    "number": Kind(PROBLEM, _UNREADABLE),
    "key_twice": Kind(PROBLEM, "readers differ in which of the two values they take"),
    "too_deep": Kind(PROBLEM, _UNREADABLE),
    "csv_header": Kind(PROBLEM, "nobody can tell questions from answers"),
    "csv_row": Kind(PROBLEM, "the row would be read into the wrong columns"),
    "csv_delimiter": Kind(DOUBT, "a reader that expects commas finds one column", mended="the table became JSON Lines"),
    "not_an_object": Kind(PROBLEM, _REFUSED),
    "unknown_format": Kind(PROBLEM, "nobody can tell the question from the answer"),
    "other_keys": Kind(
        PROBLEM, "nobody can tell the question from the answer", mended="the keys were renamed or joined"
    ),
    "no_text": Kind(PROBLEM, _REFUSED),
    "empty_text": Kind(
        PROBLEM, "the job fails, or the model learns to say nothing", mended="the empty text was removed"
    ),
    "placeholder_answer": Kind(DOUBT, "the model learns to give no answer"),
    "control_character": Kind(PROBLEM, _REFUSED, mended="the character was removed or replaced"),
    "reserved_word": Kind(
        PROBLEM, "the job fails: the word marks the parts of Nova's prompts", mended="written without its punctuation"
    ),
    "no_messages": Kind(PROBLEM, _REFUSED),
    "message_shape": Kind(PROBLEM, _REFUSED),
    "content_shape": Kind(PROBLEM, _REFUSED),
    "content_as_text": Kind(PROBLEM, _REFUSED, mended="written as a list of parts"),
    "not_text_alone": Kind(PROBLEM, "Arbiter trains on text alone; Nova Micro takes nothing else"),
    "tools_declared": Kind(PROBLEM, _REFUSED, mended="the tools were removed"),
    "tool_call": Kind(PROBLEM, _REFUSED),
    "preferences": Kind(PROBLEM, "the job fails: preferences are the data of another kind of training"),
    "weight_zero": Kind(DOUBT, "the model learns what was marked as not to be learnt"),
    "role": Kind(PROBLEM, _REFUSED),
    "role_name": Kind(PROBLEM, _REFUSED, mended="the role was renamed"),
    "system_place": Kind(PROBLEM, _REFUSED, mended="moved into the system prompt"),
    "starts_with_assistant": Kind(PROBLEM, _REFUSED, mended="the first message was removed"),
    "ends_with_user": Kind(
        PROBLEM, "there is no answer to learn, and the job fails", mended="the last message was removed"
    ),
    "role_twice": Kind(PROBLEM, _REFUSED, mended="the messages were joined"),
    "document_name": Kind(
        DOUBT, "the sample is not grouped with its document, which may fall on both sides of the split"
    ),
    "damaged_text": Kind(DOUBT, "the model learns to write so"),
    "reserved_lookalike": Kind(DOUBT, "a reader that normalises texts takes it for the word, and the job may fail"),
    "too_many_tokens": Kind(PROBLEM, "the job fails, or the end of the sample is cut off"),
    "too_few_samples": Kind(PROBLEM, "the job fails"),
    "too_many_samples": Kind(PROBLEM, "the job fails"),
    "few_samples": Kind(DOUBT, "the tuned model may hardly differ from the base model"),
    "secret": Kind(PROBLEM, _SAID_AGAIN),
    "possible_secret": Kind(DOUBT, _SAID_AGAIN),
    "example_key": Kind(DOUBT, "the model may give it to somebody as a real one"),
    "personal_data": Kind(DOUBT, _SAID_AGAIN),
    "injection": Kind(DOUBT, "the model may learn to do so"),
    "unknown_keys": Kind(DOUBT, _DROPPED, mended="the keys were removed"),
    "schema_version": Kind(DOUBT, "a stricter reader than today's may refuse it", mended="the version was written"),
    "byte_order_mark": Kind(DOUBT, "many readers stumble over it", mended="the mark was removed"),
    "line_ends": Kind(DOUBT, "they reach the model where a reader keeps them", mended="the line ends with a line feed"),
    "blank_line": Kind(DOUBT, _DROPPED, mended="left out"),
    "duplicate": Kind(DOUBT, "the sample weighs twice, and the model repeats it word for word", mended="left out"),
    "near_duplicate": Kind(DOUBT, "the samples weigh more than others, and the model learns their wording"),
    "contradiction": Kind(DOUBT, "the model learns neither answer well"),
    "asked_in_evaluation": Kind(PROBLEM, "the evaluation measures memory, not the model", mended="left out"),
    "near_evaluation": Kind(DOUBT, "the evaluation may measure memory, not the model"),
    "file_name": Kind(DOUBT, "Bedrock refuses a key of this name (`arbiter train` sends the file under its own)"),
    "no_validation": Kind(DOUBT, "there is no validation loss: nobody sees when the model starts to memorise"),
    "uneven_split": Kind(DOUBT, "much of the data only measures, and is not learnt"),
}


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a training file, or doubtful about it, and its remedy; `line` is `None` for the whole."""

    line: int | None
    problem: str
    remedy: str
    code: str

    @property
    def severity(self) -> str:
        return KINDS[self.code].severity

    @property
    def consequence(self) -> str:
        """The consequence if it is ignored."""
        return KINDS[self.code].consequence

    @property
    def mended(self) -> bool:
        """Whether a mended file is free of it."""
        return bool(KINDS[self.code].mended)

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the file"
        return f"{where} {self.problem}: {self.remedy}"

    def dump(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "line": self.line,
            "problem": self.problem,
            "consequence": self.consequence,
            "remedy": self.remedy,
            "mended_by_fix": self.mended,
        }
