"""Which references in lines of a bank name no payment and no attempt of ours, asked for many at once: most lines are of others."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine
from services.payments.domain.line_references import names_of
from services.payments.queries.orphan_orders import look_for_orphans
from services.payments.tables import AttemptRow, DisbursementRow
from shared.messaging.context import Context

_UNKNOWN = "unknown-references"


async def look_up_references(context: Context, lines: Sequence[BankLine]) -> None:
    """Before these lines are reconciled one by one."""
    named = {name for line in lines for name in names_of(*line.naming)}
    known = set[UUID]()
    for ids in (col(DisbursementRow.id), col(AttemptRow.id)) if named else ():
        known |= set(await context.session.scalars(select(ids).where(ids.in_(named))))
    context.session.info[_UNKNOWN] = named - known
    await look_for_orphans(context)


def is_unknown(context: Context, name: UUID) -> bool:
    """Whether the latest look-up asked for it and found nothing."""
    return name in context.session.info.get(_UNKNOWN, ())
