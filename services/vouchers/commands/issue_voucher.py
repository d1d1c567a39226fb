"""The money is committed: the voucher gets its code and its dates."""

from itertools import count

from sqlalchemy import exists, select
from sqlmodel import col

from services.vouchers.domain.actions import may_issue
from services.vouchers.domain.code import voucher_code
from services.vouchers.domain.stages import Stage
from services.vouchers.domain.terms import validity
from services.vouchers.steps.events import amount_of, publish_voucher_event
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherIssued
from shared.kernel.ids import SIGNS
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def issue_voucher(context: Context, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked. Does nothing when the voucher was withdrawn or revoked in the meantime, or while payments has not committed the
    money."""
    if not may_issue(facts_of(row)):
        return
    code, dates = await _free_code(context, row), validity(policy, context.now)
    enter_stage(context, row, Stage.ISSUED)
    row.issued_at, row.code, row.valid_until, row.claim_window_until = context.now, code, dates.valid_until, dates.claim_window_until
    publish_voucher_event(
        context,
        row,
        VoucherIssued,
        "funds-committed",
        code=row.code,
        organisation_id=row.organisation_id,
        policy_id=row.policy_id,
        payment_mode=policy.payment.mode,
        valid_until=row.valid_until,
        claim_window_until=row.claim_window_until,
        calendar_id=policy.calendar_id(context.now),
        **amount_of(row),
    )


async def _free_code(context: Context, row: VoucherRow) -> str:
    """The voucher's code, or its next one when another voucher has it, or it ends in a sign that is no letter. When two take a code at
    once, the unique key refuses one, and that step is repeated."""
    for attempt in count():
        code = voucher_code(row.id, row.region, attempt)
        if code[-1] not in SIGNS and not await context.session.scalar(select(exists().where(col(VoucherRow.code) == code))):
            return code
    raise AssertionError("unreachable")
