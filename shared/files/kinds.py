"""What a file is, by its content. Its name and what the sender says of it prove nothing."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping

import puremagic

from shared.policy.answers import FileKind

MEDIA_TYPES: Mapping[FileKind, str] = {
    FileKind.PDF: "application/pdf",
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.ODT: "application/vnd.oasis.opendocument.text",
    FileKind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}
ENDINGS: Mapping[str, FileKind] = {**{kind.value: kind for kind in FileKind}, "jpeg": FileKind.JPG}
"""What the name of a file ends with."""
_SIMPLE = (FileKind.PDF, FileKind.JPG, FileKind.PNG)
_OFFICE = {"word/document.xml": FileKind.DOCX, "xl/workbook.xml": FileKind.XLSX}
_MACROS = ("vbaproject", "basic/", "scripts/")
_MACRO_TYPES = (b"macroenabled", b"vbaproject")
"""What the list of content types calls parts and documents with macros (ECMA-376, part 2, 10.1.2)."""
_LONGEST_MEMBER_LIST, _LONGEST_TYPES = 5_000, 1 << 20
_BROKEN = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, EOFError, zlib.error, lzma.LZMAError)


def kind_of(content: bytes) -> FileKind | None:
    """None for what is no file of any of the kinds. A document with macros is none."""
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if content.startswith(b"%PDF") and not (content.startswith(b"%PDF-") and b"%%EOF" in content):
        return None  # a text that begins alike, or half a document
    try:
        found = {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return None
    return next((kind for kind in _SIMPLE if MEDIA_TYPES[kind] in found), None)


def _kind_of_archive(content: bytes) -> FileKind | None:
    """Documents of the office are ZIP archives, which signatures cannot tell apart. Nothing is unpacked but what
    names the types."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            plain = [name.replace("\\", "/").lower() for name in names]
            if len(names) > _LONGEST_MEMBER_LIST or len(set(plain)) < len(plain):
                return None  # of two with one name, programs read different ones
            if any(macro in name for name in plain for macro in _MACROS):
                return None
            if names[:1] == ["mimetype"]:
                with archive.open("mimetype") as member:
                    media_type = member.read(200).decode("ascii", "replace")
                return next((kind for kind in (FileKind.ODT, FileKind.ODS) if MEDIA_TYPES[kind] == media_type), None)
            if "[Content_Types].xml" in names and not _names_macros(archive):
                return next((kind for name, kind in _OFFICE.items() if name in names), None)
    except _BROKEN:
        return None
    return None


def _names_macros(archive: zipfile.ZipFile) -> bool:
    """In the list of content types, whatever the part itself is called. True also for a list that is too long to read, or is spelled with
    references, which no office program writes there."""
    with archive.open("[Content_Types].xml") as member:
        types = member.read(_LONGEST_TYPES + 1)
    plain = types.replace(b"\0", b"").lower()  # it may be UTF-16
    return len(types) > _LONGEST_TYPES or any(one in plain for one in (*_MACRO_TYPES, b"&", b"<!"))
