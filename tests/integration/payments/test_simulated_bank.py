"""Payments and the simulated bank, which share nothing but two folders: every payment ends in agreement, whatever the bank does and however
it writes that."""

from contextlib import suppress
from datetime import timedelta

import pytest

from services.payments.commands.confirm_line_resolution import confirm_line_resolution
from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.domain.contradictions import LineResolution, ProposedResolution
from services.payments.tables import BankLineRow, BatchRow, DisbursementRow, EnvelopeRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import MilestoneKind
from simulation.bank.bank import Bank
from simulation.bank.behaviour import Shares
from simulation.bank.kinds import Kinds
from simulation.demo.snapshot import CORRECTION, DOUBLE, RESOLUTIONS
from tests.support.bank_keys import BANK_KEY, OUR_KEYS
from tests.support.payments import Payments, policy_of

STRICT = Shares(rejected=25, returned=25, late=15, unanswered_booked=20, unanswered_rejected=15)


async def resolve_lines(payments: Payments) -> None:
    """Two of finance resolve what waits for a person, as in the demonstration."""
    waiting = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched" and line.resolved_at is None]
    doubled = {line.disbursement_id for line in waiting if line.reason == CORRECTION}
    for line in waiting:
        if line.reason == CORRECTION or (line.reason == DOUBLE and line.disbursement_id in doubled):
            await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.BANK_ERROR)
        elif line.reason in RESOLUTIONS:
            wanted = ProposedResolution(RESOLUTIONS[line.reason])
            target = line.disbursement_id if wanted is ProposedResolution.MATCHED else None
            decision = LineDecision(wanted, "Seen in the records of the bank.", target)
            proposal = await payments.run(propose_line_resolution, payments.finance(2), line.id, decision)
            await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)


async def a_day(payments: Payments, bank: Bank) -> None:
    """The bank works, its answers are read, silence is noted, what went wrong is tried again."""
    await payments.outgoing.send_all()
    bank.work(payments.clock.instant)
    for _ in range(2):
        await payments.incoming.take_all()
    await resolve_lines(payments)
    for batch in await payments.rows(BatchRow):
        if batch.answer_by and batch.answer_by <= payments.clock.instant:
            due = batch.answer_by
            await payments.deliver(
                MilestoneReached(subject_id=batch.id, case_id=batch.id, region=batch.region, kind=MilestoneKind.BANK_SILENCE, due_at=due)
            )
    for disbursement in await payments.rows(DisbursementRow):
        if disbursement.state in ("rejected", "returned"):
            with suppress(Conflict):  # its statement has not come yet
                await payments.approve(await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None))
    await payments.seal()
    payments.clock.instant += timedelta(days=1)


def is_over(bank: Bank) -> bool:
    """True when the bank books, returns and reports nothing more: a return may come a fortnight after its booking, and is on the
    statement of the day after."""
    query = """
        SELECT (SELECT count(*) FROM files_owed WHERE NOT sent) + (SELECT count(*) FROM transfers WHERE state IN ('waiting', 'accepted')
            OR (state = 'booked' AND return_on IS NOT NULL) OR (booked_on IS NOT NULL AND booked_statement IS NULL)
            OR (returned_on IS NOT NULL AND returned_statement IS NULL))
            + (SELECT count(*) FROM movements WHERE statement IS NULL)
    """
    [open_ends] = bank.book.execute(query).fetchone()
    return bool(open_ends == 0)


@pytest.mark.parametrize(
    ("region", "kind"),
    [
        ("hr-koprivnica", "lump"),
        ("hr-koprivnica", "not-provided"),
        ("hr-koprivnica", "doubles"),
        ("dk-kolding", "lump-and-details"),
        ("pl-malopolska", "unmarked-returns"),
        ("pl-malopolska", "charges"),
    ],
)
async def test_payments_agree_with_a_bank_that_often_fails(payments: Payments, region: str, kind: str) -> None:
    payments.region, payments.policy = region, policy_of(region)
    bank = Bank(
        payments.outgoing.folder,
        payments.incoming.folder,
        payments.folder / "book.sqlite",
        "seed",
        STRICT,
        key=BANK_KEY,
        customer_keys=OUR_KEYS,
        kinds=Kinds({payments.policy.bank.debtor_iban: kind}),
    )
    call_id = await payments.open_call(10_000_000)
    for number in range(1, 9):
        await payments.approved(await payments.issued(call_id, 100_000), 10_000 * number)
    for _ in range(150):
        await a_day(payments, bank)
        unread = any(payments.incoming.folder.glob("*.xml"))  # an import that failed is tried again in the next round
        if is_over(bank) and not unread and all(disbursement.state == "paid" for disbursement in await payments.rows(DisbursementRow)):
            break
    else:
        pytest.fail(str([disbursement.state for disbursement in await payments.rows(DisbursementRow)]))
    envelope = await payments.row(EnvelopeRow, call_id)
    [booked] = bank.book.execute("SELECT sum(amount_minor) FROM transfers WHERE state = 'booked'").fetchone()
    bank.close()
    assert envelope.paid_minor == booked
    waiting = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched" and line.resolved_at is None]
    assert [line.reason for line in waiting] == []
    await payments.assert_nothing_lost()
