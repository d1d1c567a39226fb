"""Which references of a bank file name no payment of ours, found for many lines in one query: a statement has mostly bookings of others."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine
from services.payments.iso20022.model import own_id
from services.payments.tables import DisbursementRow
from shared.messaging.context import Context

_UNKNOWN = "unknown-references"


async def look_up_references(context: Context, lines: Sequence[BankLine]) -> None:
    """Before these lines are reconciled one by one."""
    named = {found for line in lines if (found := own_id(line.end_to_end_id))}
    known = (
        set(await context.session.scalars(select(col(DisbursementRow.id)).where(col(DisbursementRow.id).in_(named)))) if named else set()
    )
    context.session.info[_UNKNOWN] = named - known


def is_unknown(context: Context, disbursement_id: UUID) -> bool:
    """Whether the latest look-up asked for it and found nothing."""
    return disbursement_id in context.session.info.get(_UNKNOWN, ())
