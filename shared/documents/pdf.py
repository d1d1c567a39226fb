"""Documents are written as PDF/UA-1 by Typst: tagged, with title and language; without a network, other files or fonts of the system."""

import asyncio
import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import segno

from shared.documents.document import Code, Document, Fact, Part
from shared.documents.letters import LONGEST_CELL_WORD, LONGEST_WORD, breakable, is_legible, legible

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "document.typ"
MOST_CHARACTERS = 1_000_000
"""Of all texts together; Typst cannot be stopped, so what it gets is bounded."""
_TURNS = asyncio.Semaphore(2)
"""How many a process writes at once. What waits holds no processor, and what is being written no event loop."""


class Unwritable(Exception):
    """The document cannot be written. Its texts are in the cause, and belong in no log."""


async def written(document: Document) -> bytes:
    """`pdf_of`, in a thread."""
    async with _TURNS:
        return await asyncio.to_thread(pdf_of, document)


def pdf_of(document: Document) -> bytes:
    """The same document gives the same bytes. `Unwritable`, also when it is too long."""
    import typst  # most processes never write one

    data = json.dumps(_data(document), ensure_ascii=False)
    if len(data) > MOST_CHARACTERS:
        raise Unwritable("the document is too long")
    try:
        return typst.compile(
            TEMPLATE,
            root=HERE,
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            pdf_standards=["ua-1"],
            timestamp=int(document.made_at.timestamp()),
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        raise Unwritable("the document cannot be written") from error


def _data(document: Document) -> dict[str, Any]:
    texts = [document.title, document.footer, *_texts(document.parts)]
    parts = [_part(part) for part in document.parts]
    if not all(map(is_legible, texts)):
        parts.append({"title": None, "texts": [_line(document.missing)], "facts": []})
    return {
        "language": document.language,
        "title": _heading(document.title),
        "footer": _line(document.footer),
        "page": document.page,
        "parts": parts,
        "code": _code(document.code),
    }


def _texts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        yield from (part.title or "", *part.texts)
        for fact in part.facts:
            yield fact.label
            yield from [fact.value] if isinstance(fact.value, str) else [*fact.value.columns, *chain(*fact.value.rows)]


def _part(part: Part) -> dict[str, Any]:
    facts = [{"label": _line(fact.label), "value": _value(fact)} for fact in part.facts]
    return {"title": _heading(part.title or "") or None, "texts": [_line(text) for text in part.texts], "facts": facts}


def _value(fact: Fact) -> Any:
    if isinstance(fact.value, str):
        return _line(fact.value)
    rows = [[_cell(text) for text in row] for row in fact.value.rows]
    columns = [_cell(text) for text in fact.value.columns]
    return {"columns": columns, "rows": rows, "right": fact.value.right, "sums": fact.value.sums}


def _code(code: Code | None) -> dict[str, str] | None:
    if code is None:
        return None
    picture = io.BytesIO()
    segno.make(code.address, error="m", micro=False).save(picture, kind="svg", scale=4, border=4, xmldecl=False, svgns=True)
    return {
        "address": code.address, "shown": _line(code.address), "text": _line(code.text), "alt": code.alt,
        "picture": picture.getvalue().decode(),
    }  # fmt: skip


def _heading(text: str) -> str:
    """On one line, and empty where nothing would be seen: PDF/UA knows no empty heading."""
    return _line(" ".join(text.split()))


def _line(text: str) -> str:
    return breakable(legible(text), LONGEST_WORD)


def _cell(text: str) -> str:
    return breakable(legible(text), LONGEST_CELL_WORD)
