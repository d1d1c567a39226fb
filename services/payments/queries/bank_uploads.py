"""Files of the bank that persons uploaded: whose they are, and which wait."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.states import UploadState
from services.payments.iso20022.model import Account
from services.payments.queries.desk_views import BankUploadView
from services.payments.queries.filters import matching
from services.payments.tables import BankUploadRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise, require_role
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.privacy.sealed import without
from shared.web.paging import Page, Paging, Sorting, page_of

UPLOADS = Sorting({"proposed_at": BankUploadRow.proposed_at}, unique=BankUploadRow.id, default="-proposed_at")


class UploadFilter(BaseModel):
    """None: any."""

    region: str | None = None
    state: UploadState | None = None


async def list_bank_uploads(context: Context, paging: Paging, wanted: UploadFilter) -> Page[BankUploadView]:
    """Those of the actor's regions, and those that were refused and are of none."""
    row = BankUploadRow
    own = in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row)
    if wanted.region is None:
        own = or_(own, col(row.region).is_(None))
    query = select(row).where(own, *matching(state=(row.state, wanted.state))).options(*without(row.content))
    return await page_of(context.session, query, paging, BankUploadView.of)


async def upload_of(context: Context, permission: Permission, upload_id: UUID) -> BankUploadRow:
    """`NotFound` 'no-such-proposal'; `Forbidden`."""
    upload = await context.session.get(BankUploadRow, upload_id)
    if upload is None:
        raise NotFound("no-such-proposal", "There is no such proposal.")
    if upload.region is None:
        require_role(context.actor, permission)
    else:
        authorise(context.actor, permission, region=upload.region)
    return upload


async def get_bank_upload(context: Context, upload_id: UUID) -> BankUploadView:
    """`NotFound` 'no-such-proposal'; `Forbidden`."""
    return BankUploadView.of(await upload_of(context, Permission.READ_PAYMENTS, upload_id))


def paying_accounts(context: Context) -> Mapping[str, str]:
    """Number of an account that a policy pays from → its region."""
    return {Account(policy.bank.debtor_iban).compact: policy.region for policy in context.policies.all()}
