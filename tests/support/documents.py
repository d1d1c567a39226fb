"""What a PDF says: its text, what is said of it, and the tree of its structure."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader

from shared.documents.letters import BREAK


@dataclass(frozen=True)
class Pdf:
    """`text`: of all pages, one line each, without the places at which a word was broken. `tags`: every element of the structure in
    reading order. `alternatives`: the texts of pictures."""

    text: str
    title: str
    language: str
    marked: bool
    made: str
    pdf_ua: str
    pages: int
    tags: list[str]
    alternatives: list[str]

    @property
    def words(self) -> str:
        """With one blank between words, as lines are broken anywhere."""
        return " ".join(self.text.split())

    @property
    def joined(self) -> str:
        """Without blanks: what was broken at the end of a line stands together."""
        return "".join(self.text.split())


def read_pdf(content: bytes) -> Pdf:
    reader = PdfReader(io.BytesIO(content), strict=True)
    root: Any = reader.trailer["/Root"]
    elements = list(_elements(root["/StructTreeRoot"]))
    metadata = root["/Metadata"].get_data().decode()
    return Pdf(
        text="\n".join(page.extract_text() for page in reader.pages).replace(BREAK, ""),
        title=str((reader.metadata or {})["/Title"]),
        language=str(root["/Lang"]),
        marked=bool(root["/MarkInfo"]["/Marked"]),
        made=str((reader.metadata or {})["/CreationDate"]),
        pdf_ua=metadata.partition("<pdfuaid:part>")[2].partition("<")[0],
        pages=len(reader.pages),
        tags=[str(one["/S"]).removeprefix("/") for one in elements],
        alternatives=[str(one["/Alt"]) for one in elements if "/Alt" in one],
    )


def _elements(node: Any) -> Iterator[Any]:
    """Of the tree below, elements only; a number is a piece of content."""
    if hasattr(node, "get_object"):
        node = node.get_object()
    if isinstance(node, dict) and "/S" in node:
        yield node
    kids = node.get("/K", []) if isinstance(node, dict) else []
    for kid in kids if isinstance(kids, list) else [kids]:
        found = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(found, dict):
            yield from _elements(found)
