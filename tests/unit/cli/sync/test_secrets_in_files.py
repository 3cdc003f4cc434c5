"""A secret is found in a document of any type, however its format parts, packs or encodes the text."""

import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.sync.documents import scan
from cli.sync.texts.reading import UnreadableError, texts_in
from tests.local import office
from tests.unit.cli.sync.test_secrets import KEY

HALVES = KEY[:9], KEY[9:]
WORD = "".join(f"<w:r><w:t>{half}</w:t></w:r>" for half in HALVES)
GLYPHS = "".join(f"{ord(letter) - 29:04x}" for letter in KEY)
"""As fonts of two bytes a glyph number them: no letter of the key stands in the file."""
CHARACTERS = "1 beginbfrange <0003> <0060> <0020> endbfrange"


def packed(*streams: str, head: str = "") -> bytes:
    """A PDF with some streams, each packed."""
    pressed = [zlib.compress(stream.encode("latin-1")) for stream in streams]
    bodies = (
        f"{number} 0 obj\n<</Length {len(body)}/Filter/FlateDecode>>\nstream\n".encode()
        + body
        + b"\nendstream\nendobj\n"
        for number, body in enumerate(pressed, start=1)
    )
    return b"%PDF-1.7\n" + b"".join(bodies) + f"trailer<<{head}>>".encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runs.docx", office.packed({"word/document.xml": f"<w:p>{WORD}</w:p>"})),
        ("note.docx", office.packed({"word/document.xml": "<w:p/>", "word/comments.xml": f"<w:t>{KEY}</w:t>"})),
        ("link.docx", office.packed({"word/_rels/document.xml.rels": f'<R Target="http://a/?k={KEY}&amp;b"/>'})),
        ("wide.docx", office.packed({"word/document.xml": f"<w:p>{WORD}</w:p>".encode("utf-16")})),
        ("cells.xlsx", office.xlsx(["name", "key"], ["desk", KEY])),
        ("old.doc", b"\xd0\xcf\x11\xe0\x00\x01" + f"The key is {KEY}.".encode("utf-16-le") + b"\x00\xff"),
        ("old.xls", b"\xd0\xcf\x11\xe0\x00\x01" + f"The key is {KEY}".encode() + b"\x00\xff"),
        ("marked.html", f"<p>The key is {HALVES[0]}<b>{HALVES[1]}</b>.</p>".encode()),
        ("coded.html", f"<p>The key is &#{ord(KEY[0])};{KEY[1:]}.</p>".encode()),
        ("comment.html", f"<p>Nothing.</p><!-- {KEY} -->".encode()),
        ("plain.pdf", office.pdf([f"The key is {KEY}."])),
        ("kerned.pdf", packed(f"BT /F1 12 Tf [(The) -250 (key) -250 ({HALVES[0]}) 12 ({HALVES[1]})] TJ ET")),
        ("escaped.pdf", packed(f"BT (\\({KEY[:4]}\\{ord(KEY[4]):o}{KEY[5:]}\\)) Tj ET")),
        ("glyphs.pdf", packed(CHARACTERS, f"BT /F4 11 Tf <{GLYPHS}> Tj ET")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_key_is_found(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    (refused,) = scan(tmp_path).unfit

    assert refused.reason == "it holds an AWS access key: revoke and remove it, or send it with --allow-secrets" or (
        name == "comment.html" and refused.reason.startswith("it holds an AWS access key (line 1)")
    )
    assert [document.key for document in scan(tmp_path, secrets="noted").documents] == [name]


UNREAD: Mapping[str, bytes] = {
    "locked.pdf": office.protected_pdf(),
    "picture.pdf": packed("q 612 0 0 792 0 0 cm /Im1 Do Q"),
    "damaged.docx": office.docx("Fine.")[:-30],
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_out_of_reach_is_sent_and_counted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(UNREAD[name])
    (tmp_path / "fine.pdf").write_bytes(office.pdf(["Nothing to hide."]))
    (tmp_path / "frame.html").write_text("<html><img src='a.png'></html>")

    manifest = scan(tmp_path)

    assert (len(manifest.documents), manifest.unfit, manifest.unsearched) == (3, (), 1)


@pytest.mark.parametrize(("kind", "content"), [(".docx", office.docx("x" * 2_000)), (".pdf", packed("BT " * 2_000))])
def test_what_unpacks_to_more_than_is_searched_is_out_of_reach(kind: str, content: bytes) -> None:
    with pytest.raises(UnreadableError):
        list(texts_in(kind, content, 1_000))
