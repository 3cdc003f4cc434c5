"""Training sets are refused with Bedrock's reasons, every one with its line."""

import json
import re
from typing import Any

import pytest

from local.emulator.language.training_data import TrainingDataError, parse
from local.emulator.language.tuning import training_steps


def line(question: str = "What?", answer: str = "That.", **changed: Any) -> str:
    turns = [("user", question), ("assistant", answer)]
    messages = [{"role": role, "content": [{"text": text}]} for role, text in turns]
    return json.dumps({"schemaVersion": "bedrock-conversation-2024", "messages": messages, **changed})


def test_a_good_set_is_read() -> None:
    samples = parse("\n".join(line(f"Question {n}?", f"Answer {n}.") for n in range(8)).encode())

    assert [sample.prompt for sample in samples] == [f"Question {n}?" for n in range(8)]


def test_a_line_ends_at_a_line_feed_and_nowhere_else() -> None:
    odd = [line(f"Where\u2028is\u0085it\x1c{n}?", "There.") for n in range(8)]
    written = "\n".join(json.dumps(json.loads(one), ensure_ascii=False) for one in odd)

    assert len(parse(written.encode())) == 8


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "line 9: not JSON"),
        (line(schemaVersion=None), "line 9: schemaVersion is missing"),
        (line(messages=[]), "line 9: messages must hold"),
        (line(messages=[{"role": "assistant", "content": [{"text": "a"}]}] * 2), "line 9: roles must alternate"),
        (line(answer=" "), "line 9: a message is empty"),
        (line(question="user: who?"), "line 9: contains the reserved keyword 'User:'"),
        (line(messages=[{"role": "user"}, {"role": "assistant"}]), "line 9: every message needs content"),
    ],
)
def test_a_bad_line_is_named(bad: str, reason: str) -> None:
    with pytest.raises(TrainingDataError, match=re.escape(reason)):
        parse("\n".join([line()] * 8 + [bad]).encode())


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(TrainingDataError, match="7 samples; allowed: 8 to 20000"):
        parse("\n".join([line()] * 7).encode())


def test_the_loss_is_computed_from_the_samples() -> None:
    samples = parse("\n".join(line(f"Question {n}?", f"The answer is number {n}.") for n in range(8)).encode())
    steps, _ = training_steps(samples, [], epochs=2)

    assert len(steps) == 16
    assert steps[-1].loss < steps[8].loss < steps[0].loss
