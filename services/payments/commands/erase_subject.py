"""SubjectErased: destroys the key of the organisation."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import VoucherRow
from shared.contracts.applications import SubjectErased
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context
from shared.privacy.keys import destroy_key


async def erase_subject(context: Context, event: SubjectErased) -> None:
    """Repeating changes nothing. `Contradiction` when there is a voucher of the organisation: the records of public money are kept."""
    voucher = select(col(VoucherRow.id)).where(col(VoucherRow.organisation_id) == event.organisation_id)
    if voucher_id := await context.session.scalar(voucher.limit(1)):
        raise Contradiction(f"there is a voucher {voucher_id} of the erased organisation {event.organisation_id}")
    await destroy_key(context.session, event.organisation_id, context.now)
