"""What of payments waits for officers: counts for their first page."""

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.state_aid import RegisterState
from services.payments.domain.states import ProviderState
from services.payments.queries.aid_register import to_register
from services.payments.tables import AidEntryRow, ClaimRow, ProviderRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class OfficerDeskView(BaseModel):
    """Claims and providers to check; aid to enter in the register, and entries there that have another amount since."""

    claims: CountView
    providers: CountView
    aid_due: CountView
    aid_changed: CountView


async def get_officer_desk(context: Context, region: str | None) -> OfficerDeskView:
    """Of the region, or of all regions of the actor, by one statement."""
    claims = in_scope(context.actor, Permission.READ_VOUCHER, region, ClaimRow)
    providers = in_scope(context.actor, Permission.READ_PROVIDER, region, ProviderRow)
    aid = in_scope(context.actor, Permission.READ_PAYMENTS, region, AidEntryRow)
    kinds = {
        "claims": select(col(ClaimRow.id)).where(claims, col(ClaimRow.state) == ClaimState.LODGED),
        "providers": select(col(ProviderRow.id)).where(providers, col(ProviderRow.state) == ProviderState.APPLIED),
        "aid_due": select(col(AidEntryRow.voucher_id)).where(aid, *to_register(RegisterState.DUE)),
        "aid_changed": select(col(AidEntryRow.voucher_id)).where(aid, *to_register(RegisterState.CHANGED)),
    }
    return OfficerDeskView(**await counts_of(context.session, kinds))
