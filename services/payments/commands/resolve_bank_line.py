"""Finance has asked the bank about a line that contradicts what is known, and the payment goes on."""

from uuid import UUID

from services.payments.domain.bank_lines import BankLine, LineOutcome, MatchResult
from services.payments.domain.contradictions import LineResolution, confirmed_state
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.locks import lock_named_by_line
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.bank_line_events import publish_resolved
from services.payments.tables import AttemptRow, BankLineRow, DisbursementRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def resolve_bank_line(context: Context, line_id: UUID, resolution: LineResolution) -> BankLineRow:
    """Once a line. By a person who prepared no payment of the case, or of any case in the batch that the line names; a confirmed line is
    applied to its attempt.

    `NotFound` 'unknown-bank-line', `Refused` 'line-names-nothing', `Conflict` 'line-not-open', 'line-not-applicable'.
    """
    line = await context.session.get(BankLineRow, line_id)
    if line is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    if line.voucher_id is None and line.batch_id is None:
        raise Refused(
            "line-names-nothing", "The line names no voucher or payment of ours: it stops nothing, and there is nothing to resolve."
        )
    named = await lock_named_by_line(context, line)
    await context.session.refresh(line, with_for_update=True)
    for region in {voucher.region for voucher, _ in named} or {line.region or ""}:
        authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=region)
    if line.outcome != LineOutcome.UNMATCHED or line.resolved_at is not None:
        raise Conflict("line-not-open", "The line is applied or resolved already.")
    for voucher, _ in named:
        await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
    if resolution is LineResolution.CONFIRMED:
        await _apply(context, line)
    line.resolution, line.resolved_at, line.resolved_by = resolution, context.now, context.actor.id
    for voucher, disbursement_id in named:
        publish_resolved(context, voucher, line, disbursement_id, resolution)
    return line


async def _apply(context: Context, line: BankLineRow) -> None:
    """The bank's answer follows by rule from the person's act, like every answer of the bank."""
    attempt = await context.session.get(AttemptRow, line.attempt_id, populate_existing=True) if line.attempt_id else None
    if attempt is None:
        raise Conflict("line-without-attempt", "It is not certain which payment the line is about ({reason}).", reason=line.reason)
    disbursement = await context.session.get_one(DisbursementRow, attempt.disbursement_id, populate_existing=True)
    state = confirmed_state(AttemptState(attempt.state), line.payment_event, is_latest=attempt.number == disbursement.attempt)
    answer = BankLine(PaymentEvent(line.payment_event), on=line.on, bank_reason=line.bank_reason, bank_reference=line.bank_reference)
    applied = MatchResult(LineOutcome.APPLIED, line.payment_event, attempt.id, state)
    await apply_bank_answer(context.as_system(), disbursement, answer, applied, confirmed=True)
