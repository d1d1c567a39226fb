"""/imports: lists of new applications."""

from services.applications.api.dependencies import Importer
from services.applications.api.schemas import ImportInput
from services.applications.commands.import_applications import ListedRow, RowResult, import_applications
from services.applications.queries.views import ImportedRowView, ImportView
from shared.web.auth import api_router

router = api_router("imports")


@router.post("/imports")
async def post_import(context: Importer, body: ImportInput) -> ImportView:
    """Creates and submits up to 100 applications. Sending a row again gives its application again."""
    rows = [ListedRow(row.row_key, row.organisation_id, row.form) for row in body.rows]
    return ImportView(results=[_view(result) for result in await import_applications(context, body.call_id, rows)])


def _view(result: RowResult) -> ImportedRowView:
    return ImportedRowView.of(result.row_key, result.outcome, result.application, result.refusal)
