"""A table is read as it was meant, and every fault of it is named with its line and remedy."""

import json
from typing import Any

import pytest

from arbiter.training_data.check import Report, Rules, check

GOOD = "".join(f"Question {i}?,Answer {i}.\n" for i in range(100)).encode()
HEADER = b"question,answer\n"


def examine(content: bytes) -> tuple[Report, list[dict[str, Any]]]:
    written: list[bytes] = []
    report = check([content], Rules(), written.append, suffix=".csv")
    return report, [json.loads(record) for record in written]


def texts(record: dict[str, Any]) -> list[str]:
    return [message["content"][0]["text"] for message in record["messages"]]


BAD_TABLES: dict[str, tuple[bytes, str, int, str, str]] = {
    "no header": (
        b"How heavy?,Light.\n" + GOOD,
        "csv_header",
        1,
        "no column question and no column answer",
        "question,answer",
    ),
    "empty file": (b"", "csv_header", 1, "no columns at all", "question,answer"),
    "no answers": (b"question,document\na,b\n", "csv_header", 1, "no column answer", "question,answer"),
    "semicolons": (b"question;reference\na;b\n", "csv_header", 1, 'no column answer, but "question", "reference"', ""),
    "umlauts": ("Größe,質問\na,b\n".encode(), "csv_header", 1, 'but "größe", "質問"', "question,answer"),
    "column twice": (b"question,answer,answer\n", "csv_header", 1, "column answer twice", "keep one"),
    "too few cells": (HEADER + b"alone\n" + GOOD, "csv_row", 2, "has 1 columns; the header has 2", "double quotes"),
    "comma unquoted": (HEADER + b"a,b,c\n" + GOOD, "csv_row", 2, "has 3 columns; the header has 2", "double quotes"),
    "text behind a quote": (HEADER + b'"a"b,c\n' + GOOD, "csv_row", 2, "is not CSV", "twice"),
    "quote never closed": (HEADER + GOOD + b'a,"b\nc,d\n', "csv_row", 102, "is not CSV", "close every quote"),
    "Latin-1": (HEADER + GOOD + "wie schön,ja\n".encode("latin-1"), "not_utf8", 102, "byte 8 of line 102", "iconv"),
    "UTF-16": ("question,answer\n".encode("utf-16"), "not_utf8", 1, "is not UTF-8", "iconv -f UTF-16"),
    "compressed": (b"\x1f\x8b\x08\x00\xff\n", "not_utf8", 1, "is not UTF-8", "gunzip"),
    "overlong cell in quotes": (
        HEADER + b'a,"' + b"b" * (1 << 20) + b'"\n' + GOOD,
        "line_too_long",
        2,
        "is longer than",
        "split",
    ),
    "overlong cell": (HEADER + b"a," + b"b" * (1 << 20) + b"\n" + GOOD, "line_too_long", 2, "is longer than", "split"),
    "empty answer": (HEADER + GOOD + b"a,\n", "empty_text", 102, "answer is empty or blank", "give a text"),
    "reserved word": (
        HEADER + b"Bot: a,b\n" + GOOD,
        "reserved_word",
        2,
        'the reserved word "Bot:"',
        "without its punctuation",
    ),
    "after quoted line breaks": (
        HEADER + b'"a\nb\nc",d\ne,\n' + GOOD,
        "empty_text",
        5,
        "answer is empty",
        "give a text",
    ),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_is_refused_with_its_line_and_remedy(name: str) -> None:
    content, code, line, problem, remedy = BAD_TABLES[name]
    report, _ = examine(content)
    assert not report.accepted
    finding = next(found for found in report.problems if found.code == code)
    assert (finding.line, problem in finding.problem, remedy in finding.remedy) == (line, True, True), str(finding)


DOUBTFUL_TABLES: dict[str, tuple[bytes, str, int]] = {
    "semicolons": (b"question;answer\n" + GOOD.replace(b",", b";"), "csv_delimiter", 1),
    "tabs": (b"question\tanswer\n" + GOOD.replace(b",", b"\t"), "csv_delimiter", 1),
    "byte order mark": (b"\xef\xbb\xbf" + HEADER + GOOD, "byte_order_mark", 1),
    "unknown column": (b"question,answer,colour\n" + GOOD.replace(b".\n", b".,red\n"), "unknown_keys", 1),
    "blank line": (HEADER + b"\n" + GOOD, "blank_line", 2),
    "row twice": (HEADER + GOOD + b"Question 0?,Answer 0.\n", "duplicate", 102),
}


@pytest.mark.parametrize("name", DOUBTFUL_TABLES)
def test_what_is_doubtful_about_a_table_is_named_and_accepted(name: str) -> None:
    content, code, line = DOUBTFUL_TABLES[name]
    report, written = examine(content)
    assert report.accepted, report.refusal()
    assert [(finding.code, finding.line) for finding in report.doubts] == [(code, line)]
    assert texts(written[0]) == ["Question 0?", "Answer 0."]


def test_columns_may_stand_in_any_order_and_spelling() -> None:
    content = b' Answer ,DOCUMENT,Question,System\r\n"Yes, ""sure"".",a.md,"Is it\r\nso?",\r\n'
    report, (record,) = examine(content)
    assert texts(record) == ["Is it\nso?", 'Yes, "sure".']
    assert "system" not in record
    assert len(report.split.train.groups) == 1


def test_the_good_rows_around_a_bad_one_are_not_affected() -> None:
    report, written = examine(HEADER + GOOD + b'"a"b,c\nlone\n' + GOOD.replace(b"Question", b"Query"))
    assert [finding.line for finding in report.problems] == [102, 103]
    assert (len(written), report.samples) == (200, 202)


def test_rows_of_a_table_become_the_samples_that_json_lines_are() -> None:
    document = {"question": "Why, then?", "answer": 'So\n"it" is.', "system": "Be brief.", "document": "a.md"}
    table = b'question,answer,system,document\n"Why, then?","So\n""it"" is.",Be brief.,a.md\n'
    written: list[bytes] = []
    check([json.dumps(document).encode()], Rules(), written.append)
    assert examine(table)[1] == [json.loads(written[0])]
