"""/imports: lists of new applications, and files of them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.applications.api.dependencies import Importer
from services.applications.api.schemas import ImportInput
from services.applications.commands.import_applications import import_applications
from services.applications.commands.import_file import LineResult, import_file, preview_import
from services.applications.domain.import_lines import Line, lines_of
from services.applications.queries.import_views import ImportedFileView, ImportedLineView
from services.applications.queries.views import ImportedRowView, ImportView
from services.applications.steps.imports import Imported, ListedRow, RefusedRow
from shared.kernel.encodings import ENCODINGS
from shared.kernel.spreadsheets import Named
from shared.web.auth import api_router
from shared.web.body import check_storable
from shared.web.language import Language
from shared.web.uploads import BODY, FileName, TakenFile, Upload

router = api_router("imports")
Encoding = Annotated[
    str | None,
    Query(pattern=f"^({'|'.join(ENCODINGS)})$", description="Of the file; else found from its content"),
]
Separator = Annotated[str | None, Query(pattern=r"^[;,|\t]$", description="Between the columns; else found from the heading")]
Decimals = Annotated[str | None, Query(pattern="^[.,]$", description="Before the decimals of amounts; else found from all of them")]


@router.post("/imports")
async def post_import(context: Importer, body: ImportInput, language: Language) -> ImportView:
    """Creates and submits up to 100 applications. Sending a row again gives its application again."""
    rows = [ListedRow(row.row_key, row.organisation_id, row.form) for row in body.rows]
    results = await import_applications(context, body.call_id, rows)
    return ImportView(results=[_view(result, language) for result in results])


def _view(result: Imported | RefusedRow, language: str) -> ImportedRowView:
    if isinstance(result, RefusedRow):
        return ImportedRowView.refused(result.row_key, result.refusal, language)
    return ImportedRowView.imported(result.row_key, result.outcome, result.application)


@router.post("/imports/preview", openapi_extra=BODY)
async def post_import_preview(
    context: Importer, call_id: UUID, file_name: FileName, file: TakenFile, language: Language, encoding: Encoding = None,
    separator: Separator = None, decimals: Decimals = None,
) -> ImportedFileView:  # fmt: skip
    """What the file, as the body, would do if it were imported now. Nothing of it is kept."""
    return _file_view(await preview_import(context, call_id, _lines(file, Named(encoding, separator, decimals))), language)


@router.post("/imports/file", openapi_extra=BODY)
async def post_import_file(
    context: Importer, call_id: UUID, file_name: FileName, file: TakenFile, language: Language, encoding: Encoding = None,
    separator: Separator = None, decimals: Decimals = None,
) -> ImportedFileView:  # fmt: skip
    """Creates and submits the applications of a file, CSV or one JSON object a line, at most 100. Sending it again gives them again."""
    return _file_view(await import_file(context, call_id, _lines(file, Named(encoding, separator, decimals))), language)


def _lines(file: Upload, named: Named) -> list[Line]:
    lines = list(lines_of(file.content, file.name, named))
    check_storable([line.content for line in lines])
    return lines


def _file_view(results: Sequence[LineResult], language: str) -> ImportedFileView:
    return ImportedFileView(
        lines=[ImportedLineView.model_validate(one, from_attributes=True).refused(one.refusal, language) for one in results]
    )
