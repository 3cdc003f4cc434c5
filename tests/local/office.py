"""Documents in other formats than text, as small as they can be."""

import io
import zipfile
from collections.abc import Mapping, Sequence

_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def pdf(pages: Sequence[str], *, trailer: str = "") -> bytes:
    """A PDF with a line on each page."""
    streams = [f"BT /F1 12 Tf 72 720 Td ({page}) Tj ET" for page in pages]
    first, parent = 2 + len(pages), 2 + 2 * len(pages)
    resources = f"/Parent {parent} 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 1 0 R>>>>"
    kids = " ".join(f"{first + number} 0 R" for number in range(len(pages)))
    bodies = [
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(f"<</Length {len(stream)}>>stream\n{stream}\nendstream" for stream in streams),
        *(f"<</Type/Page{resources}/Contents {2 + number} 0 R>>" for number in range(len(pages))),
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        f"<</Type/Catalog/Pages {parent} 0 R>>",
    ]
    text, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    head = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    ends = f"trailer<</Size {len(bodies) + 1}/Root {len(bodies)} 0 R{trailer}>>\nstartxref\n{len(text)}\n%%EOF"
    return (text + head + ends).encode()


def protected_pdf() -> bytes:
    """A PDF that asks for a password: its key cannot be made of an empty one."""
    key = f"/O<{'41' * 32}>/U<{'42' * 32}>"
    return pdf(["Locked."], trailer=f"/Encrypt<</Filter/Standard/V 1/R 2{key}/P -4>>/ID[<61><61>]")


def docx(*paragraphs: str) -> bytes:
    """A Word document."""
    runs = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    return document(runs)


def document(body: str) -> bytes:
    """A Word document with a body in WordprocessingML."""
    return packed({"word/document.xml": f"<w:document {_WORD}><w:body>{body}</w:body></w:document>"})


def workbook(sheets: Sequence[Sequence[str]], styles: str) -> bytes:
    """An Excel workbook: of each sheet the cells of its rows in SpreadsheetML."""
    files = {"xl/styles.xml": f"<styleSheet {_SHEET}>{styles}</styleSheet>"}
    for number, rows in enumerate(sheets, start=1):
        lines = "".join(f"<row>{cells}</row>" for cells in rows)
        files[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {_SHEET}><sheetData>{lines}</sheetData></worksheet>"
    return packed(files)


def xlsx(*rows: Sequence[str]) -> bytes:
    """An Excel workbook whose texts stand in a table of their own, as Excel writes them."""
    texts = list(dict.fromkeys(cell for row in rows for cell in row))
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    lines = ("".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' for cell in row) for row in rows)
    sheet = "".join(f"<row>{line}</row>" for line in lines)
    return packed(
        {
            "xl/sharedStrings.xml": f"<sst {_SHEET}>{shared}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {_SHEET}><sheetData>{sheet}</sheetData></worksheet>",
        }
    )


def packed(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
