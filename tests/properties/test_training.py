"""Whatever a training file holds, checking it ends with a report; whatever is accepted survives the conversion."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arbiter.jsonl import MAX_LINE_BYTES, lines
from arbiter.training.check import Rules, check
from arbiter.training.sample_text import doubts_of, problems_of

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
GOOD_TEXT = st.text(max_size=60).filter(lambda text: not list(problems_of(text)))


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
def test_every_text_can_be_judged(text: str) -> None:
    for finding in (*problems_of(text), *doubts_of(text)):
        assert all(part.encode() for part in finding)


def test_a_line_without_an_end_is_held_only_up_to_the_limit() -> None:
    (line,) = lines(b"a" * 65536 for _ in range(64))
    assert line.too_long
    assert len(line.content) == MAX_LINE_BYTES
