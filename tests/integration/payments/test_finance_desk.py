"""The finance desk: many approvals at once, unmatched lines, unknown outcomes, more money for an envelope, expenditure in EUR."""

import hashlib
from collections import Counter
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.payments.commands.approve_disbursements import approve_disbursements
from services.payments.commands.confirm_envelope_change import confirm_envelope_change
from services.payments.commands.confirm_line_resolution import confirm_line_resolution
from services.payments.commands.confirm_outcome import confirm_outcome
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.propose_envelope_change import NewChange, propose_envelope_change
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.propose_outcome import NewProof, propose_outcome
from services.payments.commands.reject_line_resolution import reject_line_resolution
from services.payments.commands.remove_case import _remove_proofs
from services.payments.commands.report_expenditure import report_expenditure
from services.payments.domain.bulk import ToApprove
from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.outcomes import ProvenOutcome
from services.payments.queries.bank_lines import get_bank_line
from services.payments.queries.desk import get_desk
from services.payments.queries.disbursements import get_disbursement
from services.payments.queries.envelopes import ENVELOPES, ledger_balances, list_envelopes
from services.payments.queries.expenditure import EXPENDITURE, list_expenditure
from services.payments.queries.journal import JOURNAL, JournalFilter, list_journal
from services.payments.queries.standing import get_standing
from services.payments.queries.tasks import waiting_tasks
from services.payments.tables import (
    BankLineRow,
    DisbursementRow,
    EnvelopeRow,
    LedgerAccountRow,
    LedgerPostingRow,
    LineProposalRow,
    OutcomeProofRow,
    RecoveryRow,
    ReportedPaymentRow,
    VoucherRow,
)
from shared.contracts.payments import DisbursementApproved, DisbursementPaid, EnvelopeChanged, PaymentTasksCounted
from shared.files.clamav import ScanState
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.messaging.context import Context
from simulation.sample_files import sample_pdf
from tests.integration.payments.test_bank_answers import time_out
from tests.support.payments import Payments, Voucher, camt053, code_of

LETTER = sample_pdf("The payment was executed")


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


async def prepared(payments: Payments, amount_minor: int, by: int = 1) -> tuple[DisbursementRow, ToApprove]:
    claim = await payments.accepted(await issued(payments), amount_minor)
    row = await payments.run(prepare_disbursement, payments.finance(by), claim.id)
    return row, ToApprove(row.id, (await payments.run(get_disbursement, payments.finance(1), row.id)).payment_hash)


async def test_many_approvals_are_each_decided_by_themselves(payments: Payments) -> None:
    """One was prepared by the approver: it is refused, the others are approved, with their events."""
    found = [await prepared(payments, 1_000), await prepared(payments, 2_000, by=2), await prepared(payments, 3_000)]
    asked = [one for _, one in found]
    assert await code_of(payments.run(approve_disbursements, payments.finance(2), asked, Money(5_999, "EUR"))) == "total-changed"
    assert await payments.published(DisbursementApproved) == []
    results = await payments.run(approve_disbursements, payments.finance(2), asked, Money(6_000, "EUR"))
    by_id = {one.disbursement_id: one.refusal and one.refusal.code for one in results}
    assert [by_id[row.id] for row, _ in found] == [None, "incompatible-step", None]
    assert [(await payments.row(DisbursementRow, row.id)).state for row, _ in found] == ["approved", "prepared", "approved"]
    assert len(await payments.events(DisbursementApproved)) == 2
    assert await payments.counted(PaymentTasksCounted, waiting_tasks) == [
        {"kind": "payments-to-seal", "count": 2}, {"kind": "payments-to-approve", "count": 1}, {"kind": "aid-to-register", "count": 3},
    ]  # fmt: skip
    assert await code_of(payments.run(approve_disbursements, payments.finance(3), asked, Money(6_000, "EUR"))) == "total-changed"
    standing = await payments.run(get_standing, payments.finance(2), found[1][0].id)
    assert standing.closed["approve"] == "incompatible-step"
    assert ("finance-2", "prepare") in [(one.actor, one.step) for one in standing.taken]


async def nameless_debit(payments: Payments, disbursement: DisbursementRow, amount_minor: int | None = None) -> UUID:
    """The bank's booking without any reference of ours."""
    debit = await payments.transaction(disbursement, amount_minor=amount_minor)
    await payments.receive(camt053([{**debit, "e2e": "", "instr": "", "pmtinf": ""}], payments.policy), "nameless.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]
    return line.id


async def test_nameless_booking_is_matched_by_two_persons(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    line_id = await nameless_debit(payments, disbursement)
    shown = await payments.run(get_bank_line, payments.finance(2), line_id)
    [candidate] = shown.candidates
    assert (candidate.disbursement_id, candidate.state_after) == (disbursement.id, "paid")
    assert candidate.evidence == ["same-amount", "awaits-answer"]
    assert [(one.account, one.amount_minor) for one in candidate.postings] == [("committed", -10_000), ("paid", 10_000)]
    match = LineDecision(ProposedResolution.MATCHED, "bank-asked", disbursement.id)
    proposal = await payments.run(propose_line_resolution, payments.finance(2), line_id, match)
    assert await code_of(payments.run(propose_line_resolution, payments.finance(3), line_id, match)) == "line-proposed-already"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(2), proposal.id)) == "proposed-yourself"
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(1), proposal.id)) == "incompatible-step"
    await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert (await payments.row(VoucherRow, disbursement.voucher_id)).paid_minor == 10_000
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(4), proposal.id)) == "line-not-open"
    await payments.receive(await payments.statement(disbursement), "late.xml")
    assert await payments.published(DisbursementPaid) == ["DisbursementPaid"]


async def test_line_of_another_amount_is_resolved_otherwise(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    line_id = await nameless_debit(payments, disbursement, 9_999)
    match = LineDecision(ProposedResolution.MATCHED, "bank-asked", disbursement.id)
    assert await code_of(payments.run(propose_line_resolution, payments.finance(2), line_id, match)) == "match-without-effect"
    income = LineDecision(ProposedResolution.INCOME, "bank-asked")
    assert await code_of(payments.run(propose_line_resolution, payments.finance(2), line_id, income)) == "not-a-credit"
    fee = LineDecision(ProposedResolution.OTHERWISE, "fee-of-the-bank")
    withdrawn = await payments.run(propose_line_resolution, payments.finance(2), line_id, fee)
    await payments.run(reject_line_resolution, payments.finance(2), withdrawn.id)
    again = await payments.run(propose_line_resolution, payments.finance(2), line_id, fee)
    await payments.run(confirm_line_resolution, payments.finance(3), again.id)
    line = await payments.row(BankLineRow, line_id)
    assert (line.resolution, line.resolved_by) == ("otherwise", "finance-3")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"


async def test_credit_without_a_reference_settles_a_recovery(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 10_000)
    recovery = await payments.run(order_recovery, payments.finance(1), voucher.id, 6_000, "double-funding")
    await payments.receive(camt053([{"quoted": "thank you", "amount_minor": 6_000, "bank": "C-1"}], payments.policy), "credit.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]
    [shown] = (await payments.run(get_bank_line, payments.finance(2), line.id)).recoveries
    assert (shown.recovery_id, shown.fits, shown.quoted) == (recovery.id, True, False)
    decision = LineDecision(ProposedResolution.RECOVERY, "payer-asked", recovery_id=recovery.id)
    proposal = await payments.run(propose_line_resolution, payments.finance(2), line.id, decision)
    await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)
    row = await payments.row(RecoveryRow, recovery.id)
    assert (row.state, row.bank_reference) == ("settled", "C-1")
    assert (await payments.row(EnvelopeRow, voucher.call_id)).recovered_minor == 6_000


async def credit(payments: Payments, amount_minor: int) -> UUID:
    """Money that came in, and names nothing of ours."""
    reference = f"C-{amount_minor}"
    await payments.receive(
        camt053([{"quoted": "thank you", "amount_minor": amount_minor, "bank": reference}], payments.policy), f"{reference}.xml"
    )
    [line] = [line for line in await payments.rows(BankLineRow) if line.bank_reference == reference]
    return line.id


async def resolve(payments: Payments, line_id: UUID, resolution: ProposedResolution) -> str | None:
    """As two persons do; the code of a refusal."""
    try:
        decision = LineDecision(resolution, "bank-asked")
        proposal = await payments.run(propose_line_resolution, payments.finance(2), line_id, decision)
        await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)
    except Refused as refused:
        return refused.code
    return None


async def held_by_region(payments: Payments) -> dict[str, int]:
    names = {row.id: row.name for row in await payments.rows(LedgerAccountRow) if row.region == payments.region}
    held: Counter[str] = Counter()
    for row in await payments.rows(LedgerPostingRow):
        if row.account_id in names:
            held[names[row.account_id]] += row.amount_minor
    return dict(held)


async def test_income_is_booked_in_the_ledger_of_the_region_and_undone(payments: Payments) -> None:
    line_id = await credit(payments, 700)
    before = (await payments.run(get_bank_line, payments.finance(2), line_id)).bookings
    assert [(one.resolution, [(side.account, side.amount_minor) for side in one.postings]) for one in before] == [
        ("income", [("clearing", -700), ("income", 700)]), ("returned-to-sender", [("clearing", -700), ("suspense", 700)]),
        ("came-back", [("clearing", -700), ("receivable", 700)]),
    ]  # fmt: skip
    assert await resolve(payments, line_id, ProposedResolution.UNDONE) == "line-not-booked"
    assert await resolve(payments, line_id, ProposedResolution.INCOME) is None
    assert await held_by_region(payments) == {"clearing": -700, "income": 700}
    page = await payments.run(list_journal, payments.finance(1), await JOURNAL(limit=10), JournalFilter())
    assert [(one.kind, one.line_id, one.from_account, one.to_account, one.amount_minor, one.region) for one in page.items] == [
        ("income", line_id, "clearing", "income", 700, payments.region)
    ]  # fmt: skip
    assert await resolve(payments, line_id, ProposedResolution.INCOME) == "line-not-open"
    assert await resolve(payments, line_id, ProposedResolution.UNDONE) is None
    assert await held_by_region(payments) == {"clearing": 0, "income": 0}
    shown = await payments.run(get_bank_line, payments.finance(2), line_id)
    assert (shown.is_open, [one.kind for one in shown.entries]) == (True, ["income", "income-undone"])
    assert await resolve(payments, line_id, ProposedResolution.INCOME) is None  # once more, as another decision
    assert await held_by_region(payments) == {"clearing": -700, "income": 700}


async def test_money_goes_back_to_its_sender_once(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    debit = await nameless_debit(payments, disbursement, 600)
    line_id = await credit(payments, 600)
    assert await resolve(payments, debit, ProposedResolution.SENT_BACK) == "not-booked-so-much"
    proposal = await payments.run(open_line_proposal, payments.finance(2), debit)
    await payments.run(reject_line_resolution, payments.finance(2), proposal)
    assert await resolve(payments, line_id, ProposedResolution.SENT_BACK) == "not-a-debit"
    assert await resolve(payments, line_id, ProposedResolution.RETURNED_TO_SENDER) is None
    assert await held_by_region(payments) == {"clearing": -600, "suspense": 600}
    assert await resolve(payments, debit, ProposedResolution.SENT_BACK) is None
    assert await held_by_region(payments) == {"clearing": 0, "suspense": 0}
    assert await resolve(payments, line_id, ProposedResolution.UNDONE) == "not-booked-so-much"  # it has gone back already


async def open_line_proposal(context: Context, line_id: UUID) -> UUID:
    query = select(col(LineProposalRow.id)).where(col(LineProposalRow.line_id) == line_id, col(LineProposalRow.state) == "proposed")
    return (await context.session.scalars(query)).one()


def proof(outcome: ProvenOutcome) -> NewProof:
    return NewProof(
        outcome, date(2026, 3, 2), "letter", "B-7", "letter.pdf", LETTER, hashlib.sha256(LETTER).hexdigest(), ScanState.UNSCANNED
    )


@pytest.mark.parametrize(("outcome", "state"), [(ProvenOutcome.PAID, "paid"), (ProvenOutcome.REJECTED, "rejected")])
async def test_unknown_outcome_ends_by_proof_and_two_persons(payments: Payments, outcome: ProvenOutcome, state: str) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    assert await code_of(payments.run(propose_outcome, payments.finance(2), disbursement.id, proof(outcome))) == "outcome-known"
    await time_out(payments, disbursement)
    assert (await payments.run(get_desk, payments.finance(1), None)).unknown.count == 1
    given = await payments.run(propose_outcome, payments.finance(2), disbursement.id, proof(outcome))
    assert await code_of(payments.run(confirm_outcome, payments.finance(2), given.id)) == "proposed-yourself"
    assert await code_of(payments.run(confirm_outcome, payments.finance(1), given.id)) == "incompatible-step"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
    await payments.run(confirm_outcome, payments.finance(3), given.id)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == state
    assert (await payments.seal()).batches == []
    voucher = await payments.row(VoucherRow, disbursement.voucher_id)
    assert voucher.paid_minor == (10_000 if state == "paid" else 0)
    await payments.run(_remove_proofs, payments.finance(1), voucher)
    row = await payments.row(OutcomeProofRow, given.id)
    assert (row.name, row.document, row.removed_at) == (None, None, payments.clock.instant)


async def test_scarcest_envelope_comes_first(payments: Payments) -> None:
    large, small = await payments.open_call(1_000_000), await payments.open_call(200_000)
    for call in (large, small):
        await payments.issued(call, 100_000)
    first = await payments.run(list_envelopes, payments.finance(1), await ENVELOPES(limit=1, sort="available"), None)
    rest = await payments.run(list_envelopes, payments.finance(1), await ENVELOPES(limit=1, sort="available", cursor=first.next), None)
    assert [one.call_id for one in (*first.items, *rest.items)] == [small, large]


async def test_envelope_gets_money_by_two_persons(payments: Payments) -> None:
    giver, taker = await payments.open_call(10_000), await payments.open_call(1_000)
    change = await payments.run(propose_envelope_change, payments.finance(1), taker, NewChange(4_000, "more-applicants", giver))
    late = await payments.run(propose_envelope_change, payments.finance(1), taker, NewChange(8_000, "more-applicants", giver))
    assert await code_of(payments.run(confirm_envelope_change, payments.finance(1), change.id)) == "proposed-yourself"
    await payments.run(confirm_envelope_change, payments.finance(2), change.id)
    assert await code_of(payments.run(confirm_envelope_change, payments.finance(2), late.id)) == "above-available"
    topped = await payments.run(propose_envelope_change, payments.finance(1), giver, NewChange(500, "budget-decision"))
    await payments.run(confirm_envelope_change, payments.finance(2), topped.id)
    envelopes = {row.call_id: (row.opened_minor, row.amount_minor) for row in await payments.rows(EnvelopeRow)}
    assert envelopes == {giver: (10_000, 6_500), taker: (1_000, 5_000)}
    for call_id, (_, amount) in envelopes.items():
        held = await payments.run(ledger_balances, payments.finance(1), call_id)
        assert (held["available"], held["funding"]) == (amount, -amount)
    said = [event.body for event in await payments.events(EnvelopeChanged)]
    assert [(UUID(one["call_id"]), one["change_minor"], one["amount_minor"], one["available_minor"]) for one in said] == [
        (giver, -4_000, 6_000, 6_000), (taker, 4_000, 5_000, 5_000), (giver, 500, 6_500, 6_500)
    ]  # fmt: skip
    page = await payments.run(list_journal, payments.finance(1), await JOURNAL(limit=10), JournalFilter(call_id=taker))
    assert [(one.kind, one.amount_minor, one.amount_eur_minor) for one in page.items] == [
        ("transferred-in", 4_000, 4_000), ("opened", 1_000, 1_000)
    ]  # fmt: skip


async def test_reported_expenditure_keeps_its_rate(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 10_000)
    shown = await payments.run(list_expenditure, payments.finance(1), await EXPENDITURE(limit=10), None, None)
    assert [(one.paid_minor, one.paid_eur_minor, one.provisional) for one in shown.items] == [(10_000, 10_000, True)]
    await payments.run(report_expenditure, payments.finance(1), payments.region)
    assert await code_of(payments.run(report_expenditure, payments.finance(1), payments.region)) == "nothing-to-report"
    [line] = await payments.rows(ReportedPaymentRow)
    assert (line.paid_minor, line.paid_eur_minor, line.eligible_eur_minor) == (10_000, 10_000, line.eligible_minor)
    shown = await payments.run(list_expenditure, payments.finance(1), await EXPENDITURE(limit=10), None, None)
    assert [(one.provisional, one.rate_ids) for one in shown.items] == [(False, ["fixed-EUR-2026-03"])]


async def test_proof_and_match_of_an_attempt_are_not_of_the_next_one(payments: Payments) -> None:
    """Both wait while the bank rejects the attempt after all; the next one is then sent, and its outcome unknown too."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    await time_out(payments, disbursement)
    given = await payments.run(propose_outcome, payments.finance(2), disbursement.id, proof(ProvenOutcome.PAID))
    line_id = await nameless_debit(payments, disbursement)
    match = LineDecision(ProposedResolution.MATCHED, "bank-asked", disbursement.id)
    proposal = await payments.run(propose_line_resolution, payments.finance(2), line_id, match)
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    again = await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.approve(again)
    await payments.seal()
    await payments.outgoing.send_all()
    await time_out(payments, disbursement)
    for refused in (confirm_outcome, given.id), (confirm_line_resolution, proposal.id):
        assert await code_of(payments.run(refused[0], payments.finance(4), refused[1])) == "attempt-changed"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
