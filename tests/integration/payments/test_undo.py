"""What two persons have said of a line of the bank, or of an unknown outcome, is undone by its opposite; a payment that came back is booked
again."""

import pytest

from services.payments.commands.confirm_line_resolution import confirm_line_resolution
from services.payments.commands.confirm_outcome import confirm_outcome
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.propose_outcome import propose_outcome
from services.payments.commands.propose_outcome_undoing import propose_outcome_undoing
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.domain.contradictions import LineResolution, ProposedResolution
from services.payments.domain.line_parts import LinePart, Rest
from services.payments.domain.outcomes import ProvenOutcome
from services.payments.queries.outcome_proofs import list_outcome_proofs
from services.payments.tables import BankLineRow, DisbursementRow, EnvelopeRow, RecoveryRow
from shared.contracts.corrections import DisbursementCorrected, RecoveryReopened
from shared.contracts.payments import DisbursementPaid
from tests.integration.payments.test_bank_answers import time_out
from tests.integration.payments.test_bank_desk import decide, open_line, paid, shown, state
from tests.integration.payments.test_finance_desk import credit, held_by_region, issued, nameless_debit, proof
from tests.support.payments import Payments, camt053, code_of

R = ProposedResolution
UNDO = LineDecision(R.UNDONE, "bank-asked")


async def corrections(payments: Payments) -> list[tuple[int, str, str]]:
    return [(one.body["correction"], one.body["undone"], one.body["state"]) for one in await payments.events(DisbursementCorrected)]


async def test_match_of_a_booking_is_undone_and_the_outcome_is_unknown(payments: Payments) -> None:
    """Until the bank says it: then it is paid by its own line, and the first one is free for another payment."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    other = await payments.sent(await issued(payments), 10_000)
    line_id = await nameless_debit(payments, disbursement)
    assert await decide(payments, line_id, LineDecision(R.MATCHED, "bank-asked", disbursement.id)) is None
    seen = await shown(payments, line_id)
    assert (seen.can_be_undone, seen.undo_obstacle, [one.state_after for one in seen.undone]) == (True, None, ["unknown"])
    proposal = await payments.run(propose_line_resolution, payments.finance(2), line_id, UNDO)
    assert await code_of(payments.run(propose_line_resolution, payments.finance(3), line_id, UNDO)) == "line-proposed-already"
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(2), proposal.id)) == "proposed-yourself"
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(1), proposal.id)) == "incompatible-step"
    assert await state(payments, disbursement) == ("paid", 10_000)
    await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)
    assert await code_of(payments.run(confirm_line_resolution, payments.finance(3), proposal.id)) in ("decided-already", "line-not-booked")
    assert (await state(payments, disbursement), await corrections(payments)) == (("unknown", 0), [(1, "paid", "unknown")])
    assert await decide(payments, line_id, LineDecision(R.MATCHED, "bank-asked", other.id)) is None
    await payments.receive(await payments.statement(disbursement, bank="B-7"), "own.xml")
    assert [await state(payments, one) for one in (disbursement, other)] == [("paid", 10_000), ("paid", 10_000)]
    assert [one.body["correction"] for one in await payments.events(DisbursementPaid)] == [None, None, 1]


@pytest.mark.parametrize(("came", "decision"), [(10_000, R.MATCHED), (9_500, R.RETURNED_IN_PART)])
async def test_return_that_persons_have_seen_is_undone(payments: Payments, came: int, decision: ProposedResolution) -> None:
    """Whole or in part, with what was booked of the rest: the payment is paid again, unless a further attempt rests on the return."""
    disbursement = await paid(payments)
    line_id = await credit(payments, came)
    rest = Rest.CHARGE if decision is R.RETURNED_IN_PART else None
    returned = LineDecision(decision, "bank-asked", disbursement.id, rest=rest)
    for _ in range(2):
        assert await decide(payments, line_id, returned) is None
        assert await state(payments, disbursement) == ("returned", 0)
        assert await decide(payments, line_id, UNDO) is None
        assert await state(payments, disbursement) == ("paid", 10_000)
        assert not any((await held_by_region(payments)).values())
    assert [one[1:] for one in await corrections(payments)] == [("returned", "paid")] * 2
    assert await decide(payments, line_id, returned) is None
    await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    assert (await shown(payments, line_id)).undo_obstacle == "later-attempt"
    assert await decide(payments, line_id, UNDO) == "later-attempt"


async def test_split_is_undone_as_a_whole_or_not_at_all(payments: Payments) -> None:
    first, second = [await payments.sent(await issued(payments), amount) for amount in (10_000, 2_000)]
    line_id = await nameless_debit(payments, first, 12_050)
    parts = (LinePart(R.MATCHED, 10_000, first.id), LinePart(R.MATCHED, 2_000, second.id), LinePart(R.CHARGE, 50))
    assert await decide(payments, line_id, LineDecision(R.SPLIT, "bank-asked", parts=parts)) is None
    await payments.receive(await payments.statement(second, returned=True, bank="B-9"), "returned.xml")
    assert await decide(payments, line_id, UNDO) == "answer-superseded"
    assert await state(payments, first) == ("paid", 10_000)
    back = next(row for row in await payments.rows(BankLineRow) if row.payment_event == "returned")
    assert await decide(payments, back.id, UNDO) == "line-not-booked"  # the bank has said it, no person


async def test_settled_recovery_is_asked_back_again(payments: Payments) -> None:
    disbursement = await paid(payments)
    recovery = await payments.run(order_recovery, payments.finance(1), disbursement.voucher_id, 4_000, "irregularity")
    line_id = await credit(payments, 4_000)
    settled = LineDecision(R.RECOVERY, "payer-asked", recovery_id=recovery.id)
    for _ in range(2):
        assert await decide(payments, line_id, settled) is None
        assert (await payments.row(RecoveryRow, recovery.id)).state == "settled"
        assert await decide(payments, line_id, UNDO) is None
    row = await payments.row(RecoveryRow, recovery.id)
    assert (row.state, row.bank_reference, row.reopened, row.closed_at) == ("ordered", None, 2, None)
    [envelope] = await payments.rows(EnvelopeRow)
    assert (envelope.paid_minor, envelope.recovered_minor) == (10_000, 0)
    assert [one.body["reopened"] for one in await payments.events(RecoveryReopened)] == [1, 2]
    assert await decide(payments, line_id, settled) is None


@pytest.mark.parametrize(("outcome", "said"), [(ProvenOutcome.PAID, "paid"), (ProvenOutcome.REJECTED, "rejected")])
async def test_proof_that_was_read_wrongly_is_undone(payments: Payments, outcome: ProvenOutcome, said: str) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await time_out(payments, disbursement)
    given = await payments.run(propose_outcome, payments.finance(2), disbursement.id, proof(outcome))
    assert await code_of(payments.run(propose_outcome_undoing, payments.finance(2), given.id, "bank-asked")) == "proof-not-confirmed"
    await payments.run(confirm_outcome, payments.finance(3), given.id)
    undoing = await payments.run(propose_outcome_undoing, payments.finance(3), given.id, "bank-asked")
    assert await code_of(payments.run(confirm_outcome, payments.finance(3), undoing.id)) == "proposed-yourself"
    assert await code_of(payments.run(confirm_outcome, payments.finance(1), undoing.id)) == "incompatible-step"
    await payments.run(confirm_outcome, payments.finance(2), undoing.id)
    assert (await state(payments, disbursement), await corrections(payments)) == (("unknown", 0), [(1, said, "unknown")])
    proofs = await payments.run(list_outcome_proofs, payments.finance(2), disbursement.id)
    assert [(one.outcome, one.can_be_undone) for one in proofs] == [("unknown", False), (said, False)]
    again = await payments.run(propose_outcome, payments.finance(2), disbursement.id, proof(ProvenOutcome.PAID))
    await payments.run(confirm_outcome, payments.finance(3), again.id)
    assert await state(payments, disbursement) == ("paid", 10_000)


async def test_answer_that_a_person_has_confirmed_is_undone(payments: Payments) -> None:
    """The bank rejected a payment that it had accepted, and a person recorded that it stands by that."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "ACCP"), "accepted.xml")
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    line = await open_line(payments)
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.CONFIRMED)
    assert await state(payments, disbursement) == ("rejected", 0)
    assert await decide(payments, line.id, UNDO) is None
    assert (await state(payments, disbursement), (await open_line(payments)).id) == (("unknown", 0), line.id)


async def movement(payments: Payments, disbursement: DisbursementRow, way: str, day: int, number: int) -> bytes:
    one = await payments.transaction(disbursement, returned=way == "C", bank=f"B-{way}{day}")
    data = camt053([one], payments.policy)
    return data.replace(b"2026-03-04", b"2026-03-%02d" % (4 + day)).replace(b"<MsgId>M", b"<MsgId>M%d" % number)


@pytest.mark.parametrize("order", ["DCd", "CDd", "DdC"])
async def test_debit_after_a_return_pays_again_in_any_order(payments: Payments, order: str) -> None:
    """M3: two debits and one return of a payment are one payment, whichever file comes first; and each file again changes nothing."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    days = {"D": 1, "C": 2, "d": 3}
    for number, one in enumerate(order * 2):
        await payments.receive(await movement(payments, disbursement, one.upper(), days[one], number), f"{number}.xml")
    assert await state(payments, disbursement) == ("paid", 10_000)
    assert [row.outcome for row in await payments.rows(BankLineRow)].count("repeated") == 3
    assert len(await payments.events(DisbursementPaid)) == (1 if order == "DdC" else 2)
