"""Applications in a file, JSONL or CSV, as rows for `POST /api/applications/imports`.

How a file is read: `services/applications/domain/import_lines.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.applications.domain.import_lines import Json, Line, form_of, lines_of, organisation_of, row_key_of
from shared.kernel.errors import NotFound, Refused
from shared.kernel.spreadsheets import UNNAMED, Named


@dataclass(frozen=True, slots=True)
class ImportRow:
    """`row` as `POST /imports` takes it, for `call` as the platform lists it."""

    call: Json
    row: Json


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not sent, and why."""

    row_key: str
    reason: Refused


def read_lines(path: Path, named: Named = UNNAMED) -> Iterator[Line]:
    """As `lines_of`."""
    yield from lines_of(path.read_bytes(), path.name, named)


class RowReader:
    """Finds the call of each line and makes the row for the API. `calls` as the platform lists them."""

    def __init__(self, calls: list[Json], named: str | None) -> None:
        """`named` is the id or slug of the one call that every row is for. Raises `Refused` unless it names exactly one call."""
        self.calls = calls
        self.named = self._find(named) if named else None

    def read(self, line: Line) -> ImportRow | RefusedRow:
        """Checks only what has to be known before a row is sent; the service checks the form."""
        if line.content is None:
            return RefusedRow(row_key_of(line), Refused("unreadable", "The line is not a JSON object."))
        row_key = row_key_of(line)
        try:
            return self._row(row_key, line.content)
        except Refused as refused:
            return RefusedRow(row_key, refused)

    def _row(self, row_key: str, content: Json) -> ImportRow:
        form, organisation_id = form_of(content), str(organisation_of(content))
        return ImportRow(self._call_of(content), {"row_key": row_key, "organisation_id": organisation_id, "form": form})

    def _call_of(self, content: Json) -> Json:
        named = str(content.get("call") or "")
        if self.named is None:
            return self._find(named)
        if named and named not in (self.named["id"], self.named["slug"]):
            raise Refused("other-call", "The row is for the call {call}.", field="call", call=named)
        return self.named

    def _find(self, name: str) -> Json:
        found = [call for call in self.calls if name in (call["id"], call["slug"])]
        if not found:
            raise NotFound("unknown-call", "There is no such call.", field="call", call=name)
        if len(found) > 1:
            raise Refused(
                "ambiguous-call", "{count} calls are named {call}: give the id of one of them.", field="call", count=len(found), call=name
            )
        return found[0]
