"""Small files of each kind, and files that are none of what they say."""

import io
import zipfile
from collections.abc import Mapping

from simulation.sample_files import sample_pdf

ODF = "application/vnd.oasis.opendocument."


TYPES = '<Types><Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'


def archive(members: Mapping[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return written.getvalue()


def spoiled(compression: int) -> bytes:
    """An open document whose first member is packed, and its packed bytes overwritten."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as file:
        file.writestr("mimetype", ODF + "text")
    content = written.getvalue()
    return content[:38] + b"\xff" * 9 + content[47:]


PDF = sample_pdf("Offer")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40) + b"\xff\xd9"
WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}
DOCX, XLSX = archive(WORD), archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
ODT, ODS = archive({"mimetype": ODF + "text"}), archive({"mimetype": ODF + "spreadsheet"})
REAL = {"pdf": PDF, "png": PNG, "jpg": JPG, "docx": DOCX, "xlsx": XLSX, "odt": ODT, "ods": ODS}
NOT_WHAT_THEY_SAY = {
    "program": b"MZ" + bytes(200),
    "page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "text": b"%PDF in the text only",
    "text with a late header": b"something" * 200 + PDF,
    "archive": archive({"plan.pdf": "x"}),
    "macros": archive({**WORD, "word/vbaProject.bin": "x"}),
    "macros of open documents": archive({"mimetype": ODF + "text", "Basic/script-lc.xml": "x"}),
    "macros in a folder of scripts": archive({"mimetype": ODF + "text", "Scripts/python/one.py": "x"}),
    "macros under another name": archive({**WORD, "[Content_Types].xml": TYPES, "word/x.bin": "x"}),
    "macros in UTF-16": archive({**WORD, "[Content_Types].xml": TYPES.encode("utf-16"), "word/x.bin": "x"}),
    "macros spelled with a reference": archive({**WORD, "[Content_Types].xml": TYPES.replace("vba", "vb&#97;"), "word/x.bin": "x"}),
    "two lists of types": archive({**WORD, "[content_types].XML": TYPES}),
    "macros below a backslash": archive({"mimetype": ODF + "text", "Basic\\Standard\\one.xml": "x"}),
    "types without end": archive({**WORD, "[Content_Types].xml": " " * 2_000_000}),
    "media type that does not unpack": spoiled(zipfile.ZIP_DEFLATED),
    "media type that does not unpack, LZMA": spoiled(zipfile.ZIP_LZMA),
    "broken archive": DOCX[:60],
    "open document of another kind": archive({"mimetype": ODF + "graphics"}),
    "many members": archive({**WORD, **{f"m{number}": "" for number in range(5_001)}}),
    "one byte": b"%",
}
