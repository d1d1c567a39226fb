"""/imports: lists of new applications."""

from services.applications.api.dependencies import Importer
from services.applications.api.schemas import ImportInput
from services.applications.commands.import_applications import Imported, ListedRow, RefusedRow, import_applications
from services.applications.queries.views import ImportedRowView, ImportView
from shared.web.auth import api_router
from shared.web.language import Language

router = api_router("imports")


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
