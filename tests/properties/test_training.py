"""Whatever a training file holds, checking it ends with a report; whatever is accepted survives the conversion."""

import csv
import io
import json
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from arbiter.detection.detector import detect
from arbiter.jsonl import MAX_LINE_BYTES, lines
from arbiter.training_data.check import Rules, check
from arbiter.training_data.fix import fix
from arbiter.training_data.prepare import Prepared, prepare
from arbiter.training_data.reading.conversations import read
from arbiter.training_data.reading.findings import KINDS, PROBLEM
from arbiter.training_data.reading.samples import Notes, Sample, Turn
from arbiter.training_data.split import side_of
from arbiter.training_data.text.rules import faults_of, mended
from arbiter.training_data.text.sensitive_data import detects_nothing

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
ROLES = st.sampled_from(["user", "assistant", "system", "developer", "tool", "", None])
CONTENT = ANY_TEXT | ANY_JSON | st.lists(st.fixed_dictionaries({"text": ANY_TEXT | ANY_JSON}), max_size=3)
MESSAGES = st.lists(st.fixed_dictionaries({"role": ROLES, "content": CONTENT}) | ANY_JSON, max_size=4)
NEAR_SAMPLES = (
    st.fixed_dictionaries({"question": ANY_TEXT | ANY_JSON, "answer": ANY_TEXT | ANY_JSON})
    | st.fixed_dictionaries({"messages": MESSAGES}, optional={"schemaVersion": ANY_JSON, "system": ANY_JSON})
    | ANY_JSON
)
GOOD_TEXT = st.text(max_size=60).filter(lambda text: not list(faults_of(text)))
MENDABLE_TEXT = st.sampled_from(
    ["User: a", "b [EOS]", "<im<unk>age>", "c", "d\0", "", " ", "\ud800e", "N/A", "bot:bot:"]
)
MENDABLE_MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system", "Human", "ASSISTANT ", "bot", "developer"]),
            "content": MENDABLE_TEXT
            | st.lists(MENDABLE_TEXT | st.fixed_dictionaries({"text": MENDABLE_TEXT}), min_size=1, max_size=3),
        },
        optional={"tool_calls": st.just([]), "name": st.just("x")},
    ),
    min_size=1,
    max_size=5,
)
MENDABLE = st.fixed_dictionaries(
    {"messages": MENDABLE_MESSAGES},
    optional={
        "tools": st.just([]),
        "schemaVersion": st.just("1"),
        "system": MENDABLE_TEXT,
        "document": st.just("a.md"),
    },
) | st.fixed_dictionaries(
    {"question": MENDABLE_TEXT, "answer": MENDABLE_TEXT}, optional={"system": MENDABLE_TEXT, "colour": st.just("red")}
)


@given(st.binary(max_size=400))
def test_any_bytes_end_with_a_report(content: bytes) -> None:
    report = check([content], Rules())
    assert report.problem_count >= len(report.problems) > 0


@given(st.lists(NEAR_SAMPLES, max_size=6))
def test_anything_near_a_sample_ends_with_a_report(records: list[Any]) -> None:
    written: list[bytes] = []
    report = check([json.dumps(record).encode() + b"\n" for record in records], Rules(), written.append)
    assert report.samples == len(records)
    str(report.refusal()).encode(), *(str(doubt).encode() for doubt in report.doubts)
    for record in written:
        _assert_bedrock_accepts(json.loads(record))


def _assert_bedrock_accepts(record: dict[str, Any]) -> None:
    roles = [message["role"] for message in record["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert roles
    texts = [part["text"] for message in record["messages"] for part in message["content"]]
    assert all(text.strip() and "\0" not in text for text in texts)


@given(st.lists(st.tuples(GOOD_TEXT, GOOD_TEXT), min_size=1, max_size=5), st.none() | GOOD_TEXT)
def test_what_is_accepted_comes_through_unchanged(turns: list[tuple[str, str]], system: str | None) -> None:
    messages = [
        {"role": role, "content": text}
        for pair in turns
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    first = [{"role": "system", "content": system}] if system is not None else []
    written: list[bytes] = []
    check([json.dumps({"messages": first + messages}).encode()], Rules(), written.append)
    converted = json.loads(written[0])
    assert [m["content"][0]["text"] for m in converted["messages"]] == [m["content"] for m in messages]
    assert converted.get("system") == ([{"text": system}] if system is not None else None)
    again: list[bytes] = []
    check(written, Rules(), again.append)
    assert again == written


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_lines_do_not_depend_on_the_chunks(content: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(content)]
    chunks = [content[a:b] for a, b in pairwise(edges)]
    assert [line.content for line in lines(chunks)] == [line.content for line in lines([content])]


@given(ANY_TEXT)
def test_every_text_can_be_judged_and_mended(text: str) -> None:
    assert all(part.encode() for fault in faults_of(text) for part in fault)
    left = {code for code, _, _ in faults_of(mended(text)) if KINDS[code].severity == PROBLEM}
    assert left <= {"empty_text"}


@given(ANY_TEXT)
def test_detection_ends_for_every_text(text: str) -> None:
    assert all(found.code in KINDS and 1 <= found.position <= max(1, len(text)) for found in detect(text))


def fixed(content: bytes, suffix: str = ".jsonl") -> bytes:
    written: list[bytes] = []
    fix([content], written.append, suffix=suffix)
    return b"".join(written)


def as_lines(records: list[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\r\n" for record in records)


@given(st.lists(MENDABLE, max_size=5))
def test_what_can_be_mended_is_gone_from_a_mended_file(records: list[Any]) -> None:
    report = check([fixed(as_lines(records))], Rules(minimum=0))
    # A text where Bedrock wants parts, in a message that another tool wrote in plain texts, needs a person.
    beyond = {"content_shape", "no_text", "no_messages"}
    assert not {code for code in report.counts if KINDS[code].mended} or beyond & report.counts.keys()
    assert report.accepted or beyond & report.counts.keys()


@example([{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "system": [None]}])
@example([{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "system": [5, "c"]}])
@given(st.lists(MENDABLE | NEAR_SAMPLES, max_size=5))
def test_mending_twice_changes_nothing_more(records: list[Any]) -> None:
    once = fixed(as_lines(records))
    assert fixed(once) == once


@given(st.binary(max_size=300), st.sampled_from([".jsonl", ".csv"]))
def test_any_bytes_can_be_mended(content: bytes, suffix: str) -> None:
    check([fixed(content, suffix)], Rules())


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.booleans())
def test_any_table_ends_with_a_report(content: bytes, with_header: bool) -> None:
    header = b"question,answer,system\n" if with_header else b""
    report = check([header + content], Rules(), suffix=".csv")
    assert report.problem_count >= len(report.problems) > 0


@given(st.lists(st.tuples(GOOD_TEXT, GOOD_TEXT, st.none() | GOOD_TEXT), min_size=1, max_size=5))
def test_a_table_holds_what_was_written_into_it(pairs: list[tuple[str, str, str | None]]) -> None:
    # A reader of files takes a lone carriage return for the end of a line; a writer of tables does not quote it.
    plain = [[(text or "").replace("\r", "\n") for text in pair] for pair in pairs]
    table = io.StringIO()
    csv.writer(table).writerows([["question", "answer", "system"], *plain])
    rows: list[dict[str, Any]] = []
    report = check([table.getvalue().encode()], Rules(), lambda record: rows.append(json.loads(record)), suffix=".csv")
    assert report.samples == len(pairs)
    texts = [[message["content"][0]["text"] for message in row["messages"]] for row in rows]
    assert texts == [list(pair[:2]) for pair in plain]
    assert [row.get("system", [{"text": ""}])[0]["text"] for row in rows] == [pair[2] for pair in plain]


@given(st.lists(st.tuples(GOOD_TEXT, GOOD_TEXT), min_size=1, max_size=3), st.none() | GOOD_TEXT)
def test_a_sample_comes_back_from_the_format_it_is_written_in(turns: list[tuple[str, str]], system: str | None) -> None:
    pairs = (Turn(role, text) for turn in turns for role, text in zip(("user", "assistant"), turn, strict=True))
    sample = Sample(system, tuple(pairs))
    assert read(json.loads(sample.dump()), Notes()) == sample


SAMPLES = st.lists(
    st.fixed_dictionaries(
        {"question": st.sampled_from("abcdefgh"), "answer": st.text("xyz", min_size=1, max_size=3)},
        optional={"document": st.sampled_from(["one.md", "two.md", "three.md", "four.md"])},
    ),
    min_size=1,
    max_size=30,
)


def sides(records: list[Any], percentage: int, minimum: int = 1) -> tuple[list[bytes], list[bytes], Prepared]:
    """What trains and what measures, as written."""
    rules = Rules(minimum=minimum, validation_percentage=percentage)
    chunks = [json.dumps(record).encode() + b"\n" for record in records]
    done = prepare(chunks, rules, suffix=".jsonl", train=io.BytesIO(), validation=io.BytesIO(), detect=detects_nothing)
    return done.train.readlines(), done.validation.readlines() if done.validation else [], done


@given(SAMPLES, st.integers(0, 100))
def test_a_split_is_complete_and_divides_no_document(records: list[Any], percentage: int) -> None:
    train, validation, done = sides(records, percentage)
    whole = sides(records, 0)[0]
    assert sorted(train + validation) == sorted(whole)
    assert train, "a job always has something to train on"
    assert (len(train), len(validation)) == (done.report.split.train.samples, done.report.split.validation.samples)
    groups = dict(zip(whole, [record.get("document") or record["question"] for record in records], strict=True))
    by_group = {(record.get("document"), record.get("document") or record["question"]) for record in records}
    assert len(by_group) == len(done.report.split.train.groups) + len(done.report.split.validation.groups)
    if not any("document" in record for record in records):
        assert not {groups[line] for line in train} & {groups[line] for line in validation}


@given(SAMPLES, st.integers(0, 100), st.randoms(use_true_random=False))
def test_a_split_does_not_depend_on_the_order(records: list[Any], percentage: int, random: Random) -> None:
    train, validation, _ = sides(records, percentage)
    random.shuffle(records)
    again, measured, _ = sides(records, percentage)
    assert (sorted(train), sorted(validation)) == (sorted(again), sorted(measured))


@given(st.text(max_size=30), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_keeps_what_a_smaller_one_drew(document: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert side_of(document, large, "salt") or not side_of(document, small, "salt")
    assert (side_of(document, 0, "salt"), side_of(document, 100, "salt")) == (False, True)


def test_a_line_without_an_end_is_held_only_up_to_the_limit() -> None:
    (line,) = lines(b"a" * 65536 for _ in range(64))
    assert line.too_long
    assert len(line.content) == MAX_LINE_BYTES
