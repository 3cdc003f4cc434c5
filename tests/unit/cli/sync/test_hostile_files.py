"""Whatever a file does to its reader, the sync goes on: the file is searched as far as it can be, and counted."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from cli.sync.documents import scan
from cli.sync.texts.reading import UnreadableError, plain, texts_in
from tests.local import office
from tests.unit.cli.sync.test_secrets import KEY

BODY = "word/document.xml"


def zipped(method: int, text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(BODY, text)
    return file.getvalue()


def damaged(method: int) -> bytes:
    content = bytearray(zipped(method, "".join(f"<w:p>{number}</w:p>" for number in range(200))))
    content[60:80] = b"\xff" * 20
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deflated.docx", damaged(zipfile.ZIP_DEFLATED)),
        ("lzma.docx", damaged(zipfile.ZIP_LZMA)),
        ("reference.html", b"<p>&#" + b"9" * 5_000 + b";</p>"),
        ("letters.docx", office.packed({BODY: b"<w:p>caf\xe9</w:p>"})),
    ],
)
def test_a_file_that_breaks_its_reader_is_sent_and_counted(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "key.txt").write_text(KEY)

    manifest = scan(tmp_path)

    assert [document.key for document in manifest.documents] == [name]
    assert ([unfit.key for unfit in manifest.unfit], manifest.unsearched) == (["key.txt"], 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_is_not_unpacked_beyond_the_limit(method: int) -> None:
    content = zipped(method, " " * 5_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadableError):
        list(texts_in(".docx", content, 1_000))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_key_behind_a_part_that_is_not_read_is_found() -> None:
    parts: dict[str, str | bytes] = {BODY: b"<w:p>caf\xe9</w:p>", "word/comments.xml": f"<w:t>{KEY}</w:t>"}
    texts = texts_in(".docx", office.packed(parts))
    assert [next(texts), next(texts)] == ["caf\ufffd\n", KEY]


def test_brackets_without_an_end_are_no_tags() -> None:
    assert plain("<p>" + "<" * 100_000 + "b>x<br" + "<br" * 100_000) == "<" * 99_999 + "x<br" + "<br" * 100_000
