"""Payees and their accounts, for those who register them."""

from uuid import UUID

from sqlalchemy import select

from services.payments.domain.states import PayeeKind
from services.payments.queries.filters import matching
from services.payments.queries.views import PayeeView
from services.payments.tables import PayeeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

PAYEES = Sorting({"account_set_at": PayeeRow.account_set_at, "region": PayeeRow.region}, unique=PayeeRow.id, default="-account_set_at")


async def list_payees(
    context: Context, paging: Paging, region: str | None, organisation_id: UUID | None, kind: PayeeKind | None
) -> Page[PayeeView]:
    criteria = matching(organisation=(PayeeRow.organisation_id, organisation_id), kind=(PayeeRow.kind, kind))
    scope = in_scope(context.actor, Permission.READ_PAYEES, region, PayeeRow, owner=PayeeRow.organisation_id)
    page = await page_of(context.session, select(PayeeRow).where(scope, *criteria), paging, PayeeView.of)
    await record_access(context, Permission.READ_PAYEES, [(payee.payee_id, payee.region) for payee in page.items])
    return page
