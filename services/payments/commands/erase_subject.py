"""SubjectErased: destroys the key of the organisation."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import AttemptRow, ClaimRow, PayeeRow, VoucherRow
from shared.contracts.applications import SubjectErased
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context
from shared.privacy.keys import destroy_key


async def erase_subject(context: Context, event: SubjectErased) -> None:
    """Repeating changes nothing. `Contradiction` when there is a voucher of the organisation, or a claim or payment to it as a provider:
    the records of public money are kept."""
    own = select(col(PayeeRow.id)).where(col(PayeeRow.organisation_id) == event.organisation_id)
    for kept in (
        select(col(VoucherRow.id)).where(col(VoucherRow.organisation_id) == event.organisation_id),
        select(col(ClaimRow.id)).where(col(ClaimRow.payee_id).in_(own)),
        select(col(AttemptRow.id)).where(col(AttemptRow.payee_id).in_(own)),
    ):
        if identity := await context.session.scalar(kept.limit(1)):
            raise Contradiction(f"there is a voucher, claim or payment {identity} of the erased organisation {event.organisation_id}")
    await destroy_key(context.session, event.organisation_id, context.now)
