"""Characters of names that nobody sees are found, and names that Windows keeps for itself."""

import pytest

from arbiter.documents.names import kept_by_windows, unseen


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ren\u200btal.md", "U+200B"),
        ("a\u2028b.md", "U+2028"),
        ("a\u2029b.md", "U+2029"),
        ("\ufeffa.md", "U+FEFF"),
        ("soft\u00adhyphen.md", "U+00AD"),
        ("ad\u200dmin.md", "U+200D"),
        ("\u3164.md", "U+3164"),
        ("tag\U000e0041.md", "U+E0041"),
        ("\u0645\u06cc\u200c\u062e\u0648.md", None),
        ("\U0001f469\u200d\U0001f4bb.md", None),
        ("Screenshot 10.00\u202fAM.md", None),
        ("Größe und Länge.md", None),
    ],
)
def test_a_character_that_nobody_sees_is_found(name: str, code: str | None) -> None:
    assert unseen(name) == code


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("con.md", "con"),
        ("guides/NUL.tar.md", "NUL"),
        ("aux/a.md", "aux"),
        ("com1.csv", "com1"),
        ("lpt\u00b9.md", "lpt\u00b9"),
        ("what?.md", "?"),
        ("a:b.md", ":"),
        ("folder /a.md", "at the end"),
    ],
)
def test_a_name_that_windows_cannot_have_is_told(path: str, part: str) -> None:
    assert part in (kept_by_windows(path) or "")


@pytest.mark.parametrize("path", ["console.md", "com10.md", "a/concept.md", "nullable.md", "../a.md", "con-1.md"])
def test_other_names_are_anybodys(path: str) -> None:
    assert kept_by_windows(path) is None
