"""Applications by what officers know them by: the applicant's name, the title, or a part of the receipt number."""

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.duplicates import plain_title
from services.applications.queries.screening import MOST_SEARCHED, applicant_name
from services.applications.queries.screening_views import FoundCasesView, FoundCaseView
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.access_log import Shown, record_access

MOST_FOUND = 20
SHORTEST = 2


async def find_cases(context: Context, text: str, region: str | None) -> FoundCasesView:
    """Of the submitted applications of the officer's regions, the newest first; whatever the accents. Names and titles are encrypted, so
    that `MOST_SEARCHED` are looked at, and the answer says whether that were all. Fewer than two letters or digits find nothing."""
    words = plain_title(text)
    if len(words) < SHORTEST:
        return FoundCasesView(items=[], more=0, searched_all=True)
    regions = visible_regions(context.actor, Permission.SCREEN_APPLICATION, region)
    query = select(ApplicationRow).where(col(ApplicationRow.region).in_(regions), col(ApplicationRow.sequence).is_not(None))
    newest = query.order_by(col(ApplicationRow.changed_at).desc(), col(ApplicationRow.id)).limit(MOST_SEARCHED + 1)
    rows = list(await context.session.scalars(newest))
    fits = [
        row for row in rows[:MOST_SEARCHED] if any(words in plain_title(one or "") for one in (row.receipt, row.title, applicant_name(row)))
    ]
    shown = fits[:MOST_FOUND]
    await record_access(context, Permission.SCREEN_APPLICATION, [(row.id, row.region) for row in shown], Shown.LISTED)
    items = [
        FoundCaseView(
            id=row.id, call_id=row.call_id, region=row.region, receipt=row.receipt or "", state=row.state, title=row.title,
            applicant_name=applicant_name(row),
        )
        for row in shown
    ]  # fmt: skip
    return FoundCasesView(items=items, more=len(fits) - len(shown), searched_all=len(rows) <= MOST_SEARCHED)
