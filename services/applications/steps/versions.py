"""The submitted versions of a form. The first one is the application's form until it is returned, and then kept beside it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.applications.domain.form import known
from services.applications.queries.versions import last_version
from services.applications.tables import ApplicationRow, FileRow, FormVersionRow
from shared.messaging.context import Context


async def keep_first_version(context: Context, application: ApplicationRow) -> None:
    """Called as a submitted application is returned."""
    if application.revision == 1 and await last_version(context, application) is None:
        keep_version(context, application, known(application.submitted_at))


def keep_version(
    context: Context, application: ApplicationRow, at: datetime, changed: Sequence[str] = (), rewritten: Sequence[str] = ()
) -> None:
    row = FormVersionRow(
        application_id=application.id, revision=application.revision, sequence=known(application.sequence), form=application.form,
        organisation_id=application.organisation_id, region=application.region,
        changed=list(changed), rewritten=list(rewritten), submitted_at=at,
    )  # fmt: skip
    context.session.add(row)


async def pin_files(context: Context, application_ids: Sequence[UUID], revision: int) -> None:
    """The files of the answers that are submitted now, and were not before: from now on their content is kept with the case."""
    new = (col(FileRow.application_id).in_(application_ids), col(FileRow.revision).is_(None), col(FileRow.removed_at).is_(None))
    await context.session.execute(update(FileRow).where(*new).values(revision=revision))
