"""A mended file is free of everything that needs no person, and holds all the rest unchanged."""

import json
from typing import Any

import pytest

from arbiter.training_data.check import Rules, check
from arbiter.training_data.fix import Changes, fix
from arbiter.training_data.reading.findings import KINDS

QUESTION, ANSWER = "How heavy is the tent?", "It weighs 2.9 kilograms."
PAIR = {"question": QUESTION, "answer": ANSWER}


def mend(*lines: Any, questions: tuple[str, ...] = (), suffix: str = ".jsonl") -> tuple[list[Any], Changes]:
    """The lines written, and what was changed."""
    content = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    written: list[bytes] = []
    changes = fix([content], written.append, suffix=suffix, questions=questions)
    assert all(line.endswith(b"\n") for line in written)
    return [json.loads(line) for line in written], changes


def chat(*turns: tuple[str, Any], **others: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns], **others}


def bedrock(*turns: tuple[str, str], **others: Any) -> dict[str, Any]:
    messages = [{"role": role, "content": [{"text": text}]} for role, text in turns]
    return {"schemaVersion": "bedrock-conversation-2024", **others, "messages": messages}


GOOD_CHAT = chat(("user", QUESTION), ("assistant", ANSWER))
GOOD_BEDROCK = bedrock(("user", QUESTION), ("assistant", ANSWER))
MENDED: dict[str, tuple[str, Any, Any]] = {
    "reserved word": (
        "reserved_word",
        {**PAIR, "answer": "user: a [EOS] <IMAGE>"},
        {**PAIR, "answer": "user a EOS IMAGE"},
    ),
    "word hidden in a word": ("reserved_word", {**PAIR, "answer": "<im<unk>age>"}, {**PAIR, "answer": "<imunkage>"}),
    "word that a mended word completes": (
        "reserved_word",
        {**PAIR, "answer": "Use[EOS]r: it"},
        {**PAIR, "answer": "UseEOSr: it"},
    ),
    "NUL": ("control_character", {**PAIR, "answer": "a\0b"}, {**PAIR, "answer": "ab"}),
    "surrogate": (
        "control_character",
        b'{"question": "a", "answer": "b\\ud800"}\n',
        {"question": "a", "answer": "b\ufffd"},
    ),
    "unknown key": ("unknown_keys", {**PAIR, "colour": "red", "document": "a.md"}, {**PAIR, "document": "a.md"}),
    "other names": ("other_keys", {"prompt": QUESTION, "completion": ANSWER}, PAIR),
    "names in capitals": ("other_keys", {"Question": QUESTION, "Answer": ANSWER}, PAIR),
    "one other name": ("other_keys", {"question": QUESTION, "response": ANSWER, "id": "1"}, {**PAIR, "id": "1"}),
    "instruction and what it is about": (
        "other_keys",
        {"instruction": "Translate.", "input": "Bonjour", "output": ANSWER},
        {"question": "Translate.\n\nBonjour", "answer": ANSWER},
    ),
    "instruction about nothing": ("other_keys", {"instruction": QUESTION, "input": "", "output": ANSWER}, PAIR),
    "key that another name hides": ("unknown_keys", {"prompt": QUESTION, "completion": ANSWER, "colour": "red"}, PAIR),
    "parts of a chat": (
        "reserved_word",
        chat(("user", [{"type": "text", "text": "User: a"}, {"type": "text", "text": "b"}]), ("assistant", ANSWER)),
        chat(("user", "User a\n\nb"), ("assistant", ANSWER)),
    ),
    "empty system prompt": ("empty_text", {**PAIR, "system": " "}, PAIR),
    "comma after the line": ("comma_after_line", json.dumps(PAIR).encode() + b",\n", PAIR),
    "byte order mark": ("byte_order_mark", b"\xef\xbb\xbf" + json.dumps(PAIR).encode() + b"\n", PAIR),
    "Windows line end": ("line_ends", json.dumps(PAIR).encode() + b"\r\n", PAIR),
    "schema version": ("schema_version", {**GOOD_BEDROCK, "schemaVersion": "1"}, GOOD_BEDROCK),
    "tools": ("tools_declared", {**GOOD_CHAT, "tools": [{"name": "a"}]}, GOOD_CHAT),
    "role of another tool": ("role_name", chat(("human", QUESTION), ("gpt", ANSWER)), GOOD_CHAT),
    "upper-case role": ("role_name", chat(("User", QUESTION), ("Assistant", ANSWER)), GOOD_CHAT),
    "neighbours": (
        "role_twice",
        chat(("user", "Hello."), ("user", QUESTION), ("assistant", ANSWER)),
        chat(("user", f"Hello.\n\n{QUESTION}"), ("assistant", ANSWER)),
    ),
    "neighbours of parts": (
        "role_twice",
        bedrock(("user", QUESTION), ("assistant", "One."), ("assistant", "Two.")),
        {
            **GOOD_BEDROCK,
            "messages": [
                {"role": "user", "content": [{"text": QUESTION}]},
                {"role": "assistant", "content": [{"text": "One."}, {"text": "Two."}]},
            ],
        },
    ),
    "assistant first": (
        "starts_with_assistant",
        chat(("assistant", "Hi."), ("user", QUESTION), ("assistant", ANSWER)),
        GOOD_CHAT,
    ),
    "user last": (
        "ends_with_user",
        bedrock(("user", QUESTION), ("assistant", ANSWER), ("user", "Thanks.")),
        GOOD_BEDROCK,
    ),
    "content as text": ("content_as_text", {**GOOD_BEDROCK, **GOOD_CHAT}, GOOD_BEDROCK),
    "system turn in Bedrock's format": (
        "system_place",
        bedrock(("system", "Be kind."), ("user", QUESTION), ("assistant", ANSWER)),
        {**GOOD_BEDROCK, "system": [{"text": "Be kind."}]},
    ),
    "late system turn": (
        "system_place",
        chat(("user", QUESTION), ("system", "Be kind."), ("assistant", ANSWER)),
        chat(("system", "Be kind."), ("user", QUESTION), ("assistant", ANSWER)),
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_has_one_right_answer_is_mended(name: str) -> None:
    code, bad, good = MENDED[name]
    (written,), changes = mend(bad)
    assert written == good
    assert (1, code) in [(change.line, change.code) for change in changes.listed]
    assert KINDS[code].mended
    assert changes.dropped == 0


LEFT_OUT: dict[str, tuple[str, Any]] = {
    "blank line": ("blank_line", b"  \n"),
    "empty answer": ("empty_text", {**PAIR, "answer": "\u200b"}),
    "empty turn": ("empty_text", chat(("user", ""), ("assistant", ANSWER))),
    "nothing but a question": ("ends_with_user", chat(("user", QUESTION))),
    "nothing but an answer": ("starts_with_assistant", chat(("assistant", ANSWER))),
    "duplicate": ("duplicate", {"question": QUESTION + " ", "answer": ANSWER}),
    "duplicate in another format": ("duplicate", GOOD_CHAT),
    "question of the evaluation": ("asked_in_evaluation", {"question": "where is the DEPOT", "answer": "There."}),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_teaches_nothing_is_left_out(name: str) -> None:
    code, bad = LEFT_OUT[name]
    written, changes = mend(PAIR, bad, questions=("Where is the depot?",))
    assert written == [PAIR]
    assert [(change.line, change.code) for change in changes.listed] == [(2, code)]


def test_what_needs_a_person_stays_as_it_was() -> None:
    lines = [
        b'{"question": 1, "answer": "User: a"}\n',
        b"not  json\n",
        b'{"a":1, "a":2}\n',
        b'{"messages": [{"role": "tool", "content": "x"}]}\n',
    ]
    written: list[bytes] = []
    fix(lines, written.append)
    assert written[1:] == lines[1:]
    assert json.loads(written[0]) == {"question": 1, "answer": "User a"}


def test_what_cannot_be_mended_loses_nothing_on_the_way() -> None:
    unlearnt = {"role": "assistant", "content": "Bot: a", "weight": 0}
    weighted = {"messages": [{"role": "user", "content": QUESTION}, unlearnt]}
    pictured = bedrock(("user", "Look."), ("assistant", "Bot: a"))
    pictured["messages"][0]["content"][0]["image"] = {}
    (first, second, third), _ = mend({"question": "Bot: a", "texts": [ANSWER]}, weighted, pictured)
    assert first == {"question": "Bot a", "texts": [ANSWER]}
    assert second["messages"][1] == {**unlearnt, "content": "Bot a"}
    assert [message["content"] for message in third["messages"]] == [
        [{"text": "Look.", "image": {}}],
        [{"text": "Bot a"}],
    ]


@pytest.mark.parametrize("kept", [{**PAIR, "answer": "", "response": ANSWER}, {**PAIR, "question": " ", "Input": "a"}])
def test_what_another_name_may_hold_is_not_left_out(kept: dict[str, str]) -> None:
    written, changes = mend(kept)
    assert (written, changes.listed) == ([kept], [])


def test_a_message_keeps_what_mending_another_cannot_judge() -> None:
    unlearnt = {"role": "assistant", "content": "It is blue.", "weight": 0}
    learnt = {"role": "assistant", "content": "Bot: a"}
    elsewhere = {"from": "gpt", "value": ANSWER}
    pictured = bedrock(("user", "Look."), ("assistant", "Bot: a"))
    pictured["messages"][0]["content"].append({"text": "", "image": {}})
    asked = {"role": "user", "content": QUESTION}
    lines = ({"messages": [asked, learnt, unlearnt]}, {"messages": [{**asked, "role": "User"}, elsewhere]}, pictured)
    (first, second, third), changes = mend(*lines)
    assert first["messages"] == [asked, {**learnt, "content": "Bot a"}, unlearnt]
    assert second["messages"] == [asked, elsewhere]
    assert third["messages"][0]["content"] == [{"text": "Look."}, {"text": "", "image": {}}]
    assert set(changes.counts) == {"reserved_word", "role_name"}


def test_nothing_of_a_foreign_file_is_written() -> None:
    written, changes = mend(b"\x1f\x8b\x08\x00" + b"a\n" * 9)
    assert (written, changes.dropped, changes.listed[0].code) == ([], 1, "not_utf8")


def test_what_is_left_out_is_told_by_its_reason() -> None:
    _, changes = mend({"question": QUESTION, "answer": "", "colour": "red"})
    assert [(change.code, change.action) for change in changes.listed] == [("empty_text", "left out: nothing to learn")]


def test_good_lines_keep_every_byte() -> None:
    line = b'{ "answer" : "\\u00e4",  "question":"a", "tags": ["x"] }\n'
    written: list[bytes] = []
    changes = fix([line], written.append)
    assert (written, changes.listed) == ([line], [])


def test_a_table_becomes_questions_and_answers_with_their_documents() -> None:
    table = b'question;answer;document\n"How; heavy?";User: light;a.md\nlone\n'
    written, changes = mend(table, suffix=".csv")
    assert written == [{"question": "How; heavy?", "answer": "User light", "document": "a.md"}]
    assert [(c.line, c.code) for c in changes.listed] == [(1, "csv_delimiter"), (2, "reserved_word"), (3, "csv_row")]
    assert changes.dropped == 1


def test_an_overlong_line_is_left_out_and_told_not_cut() -> None:
    written, changes = mend(PAIR, b'{"question": "' + b"a" * (1 << 20) + b'"}\n')
    assert written == [PAIR]
    assert [(change.line, change.code) for change in changes.listed] == [(2, "line_too_long")]


def test_a_mended_file_is_accepted() -> None:
    bad = [{"prompt": f"Question {i}?", "completion": f"Assistant: answer {i}.", "colour": "red"} for i in range(100)]
    written: list[bytes] = []
    fix([json.dumps(line).encode() + b",\r\n" for line in bad], written.append)
    report = check(written, Rules())
    assert (report.problems, report.doubts) == ([], [])


@pytest.mark.parametrize(
    ("answer", "mended"),
    [
        ("User" + ":" * 100_000, "User"),
        ("[EOS" + "]" * 100_000, "EOS"),
        ("[EOS]ystem: <<unk>>", "EOSystem <unk"),
    ],
    ids=["colons", "brackets", "word behind word"],
)
def test_reserved_words_with_many_signs_lose_them_in_a_few_passes(answer: str, mended: str) -> None:
    written, _ = mend(PAIR | {"answer": f"It is {answer}"})
    assert [record["answer"] for record in written] == [f"It is {mended}"]
