"""Strings are checked by the formats that clients ask for, and the local stand-in writes strings that pass."""

import pytest

from arbiter.answering.asked.schema import check_schema, flaws
from arbiter.answering.asked.text_formats import FORMATS
from local.emulator.language.structured import fill

TEXTS = {
    "date": ("2024-02-29", "2023-02-29", "20240229", "2024-2-9", ""),
    "time": ("10:00:00Z", "25:00:00Z", "10:00"),
    "date-time": ("2024-02-29T10:00:00.5+02:00", "2024-02-29", "2024-02-30T10:00:00Z", "T10:00:00Z"),
    "duration": ("P1DT2H", "P", "PT", "1 day"),
    "email": ("a.b@example.com", "a@b", "a b@example.com", "@example.com"),
    "hostname": ("docs.example.com", "-a.com", "a..b", ""),
    "ipv4": ("192.0.2.1", "192.0.2", "192.0.2.256"),
    "ipv6": ("2001:db8::1", "2001:db8", "::1::"),
    "uri": ("s3://bucket/key", "example.com", "https://a b"),
    "uuid": ("00000000-0000-4000-8000-00000000000A", "00000000", "0" * 36),
}
"""By format: one that has it, then some that do not."""


@pytest.mark.parametrize("name", FORMATS)
def test_a_string_has_the_format_or_is_told(name: str) -> None:
    schema = {"type": "object", "properties": {"it": {"anyOf": [{"type": "string", "format": name}, {"type": "null"}]}}}
    check_schema(schema, "schema", problems := [])
    good, *bad = TEXTS[name]

    assert not problems
    assert not list(flaws({"it": good}, schema))
    assert not list(flaws({"it": None}, schema))
    for text in bad:
        assert list(flaws(text, schema["properties"]["it"]["anyOf"][0])) == [f"answer is {text!r}, which is no {name}"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("answer", ["Nothing of the kind.", " and ".join(good for good, *_ in TEXTS.values())])
def test_the_stand_in_writes_strings_of_the_format(name: str, answer: str) -> None:
    assert FORMATS[name](fill({"type": "string", "format": name}, answer, []))
