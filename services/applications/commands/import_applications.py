"""An officer imports a list of applications. Each row is submitted or refused independently."""

from collections.abc import Sequence
from uuid import UUID

from services.applications.steps.imports import Imported, ListedRow, RefusedRow, import_rows
from shared.messaging.context import Context


async def import_applications(context: Context, call_id: UUID, rows: Sequence[ListedRow]) -> list[Imported | RefusedRow]:
    """The result of each row, in their order, as `import_rows`."""
    return await import_rows(context, call_id, rows)
