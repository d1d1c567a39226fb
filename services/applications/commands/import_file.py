"""An officer imports a file of applications, or sees first what the import would do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.applications.domain.import_lines import Json, Line, form_of, organisation_of, row_key_of
from services.applications.domain.states import ImportOutcome
from services.applications.locks import read_call
from services.applications.steps.imports import Imported, ListedRow, RefusedRow, import_rows
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.messaging.context import Context

MOST_LINES = 100
"""Lines of one file: they are one transaction, during which the call is locked."""
_ROW_KEY = re.compile(r"[!-~]{1,120}")


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of a line. `applicant` and `title` as the file has them; `application_id` and `receipt` once it was imported."""

    line: int
    row_key: str
    outcome: ImportOutcome
    applicant: str | None = None
    title: str | None = None
    application_id: UUID | None = None
    receipt: str | None = None
    refusal: Refused | None = None


async def import_file(context: Context, call_id: UUID, lines: Sequence[Line]) -> list[LineResult]:
    """The result of each line, in their order: one that is refused keeps no other. `Refused` 'no-rows' and 'too-many-rows'; raises as
    `import_rows`."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.IMPORT_APPLICATIONS, region=call.region)
    if not lines:
        raise Refused("no-rows", "The file has no rows.", field="file")
    if len(lines) > MOST_LINES:
        raise Refused(
            "too-many-rows", "The file has {count} rows, and at most {most} are taken at once: divide it.", field="file", count=len(lines),
            most=MOST_LINES,
        )  # fmt: skip
    read = [(line, _row(line, {str(call.id), call.slug})) for line in lines]
    results = iter(await import_rows(context, call_id, [row for _, row in read if isinstance(row, ListedRow)]))
    return [_result(line, row if isinstance(row, RefusedRow) else next(results)) for line, row in read]


async def preview_import(context: Context, call_id: UUID, lines: Sequence[Line]) -> list[LineResult]:
    """What `import_file` would give now; nothing of it is kept."""
    attempt = await context.session.begin_nested()
    results = await import_file(context, call_id, lines)
    await attempt.rollback()
    return [replace(one, application_id=None, receipt=None) if one.outcome is ImportOutcome.IMPORTED else one for one in results]


def _row(line: Line, call: set[str]) -> ListedRow | RefusedRow:
    key = row_key_of(line)
    try:
        if line.content is None:
            raise Refused("unreadable", "The line is not a JSON object.")
        if not _ROW_KEY.fullmatch(key):
            raise Refused(
                "row-key-unusable", "The key of a row has 1 to {most} letters, digits and signs of ASCII, without spaces.", field="row_key",
                most=120,
            )  # fmt: skip
        form, organisation_id, named = form_of(line.content), organisation_of(line.content), str(line.content.get("call") or "")
        if named and named not in call:
            raise Refused("other-call", "The row is for the call {call}.", field="call", call=named)
        return ListedRow(key, organisation_id, form)
    except Refused as refused:
        return RefusedRow(key, refused)


def _result(line: Line, result: Imported | RefusedRow) -> LineResult:
    applicant, title = _text(line.content, "applicant", "name"), _text(line.content, "project", "title")
    if isinstance(result, RefusedRow):
        return LineResult(line.number, result.row_key, ImportOutcome.REFUSED, applicant, title, refusal=result.refusal)
    made = result.application
    return LineResult(line.number, result.row_key, result.outcome, applicant, title, made.id, made.receipt)


def _text(content: Json | None, *path: str) -> str | None:
    """An answer of the line, if there is such a text."""
    value: Any = (content or {}).get("form")
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
