"""The money of an offer that was not taken goes back."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import enter, tell
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import FundsReleaseRequested
from shared.messaging.cause import Cause


def release_funds(session: AsyncSession, cause: Cause, row: VoucherRow, outcome: Outcome) -> None:
    """`row` is locked and not issued; it closes when payments has released."""
    enter(cause, row, Stage.RELEASING)
    row.outcome = outcome
    tell(session, cause, row, FundsReleaseRequested, outcome)
