"""What finance does with a line of the bank that is no whole payment: parts, charges, second debits; and what the bank says in words."""

from typing import Any
from uuid import UUID

import pytest

from services.payments.commands.confirm_line_resolution import confirm_line_resolution
from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.record_bank_file_removed import record_bank_file_removed
from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.line_parts import LinePart, Rest
from services.payments.queries.bank_lines import get_bank_line
from services.payments.queries.desk_views import BankLineDetail
from services.payments.queries.own_payments import list_own_payments
from services.payments.queries.payment_lines import list_payment_lines
from services.payments.steps.bank_words import empty_words_of
from services.payments.tables import BankLineRow, BankWordsRow, DisbursementRow, PayeeRow, VoucherRow
from shared.identity.actor import OPERATOR, Role
from shared.kernel.errors import Refused
from shared.messaging.tables import OutboxRow
from tests.integration.payments.test_finance_desk import credit, held_by_region, issued, nameless_debit
from tests.support.payments import Payments, camt053, code_of

WORDS = "Account of the heir Ana Primjer is closed"
R = ProposedResolution


async def decide(payments: Payments, line_id: UUID, decision: LineDecision) -> str | None:
    """As two persons do; the code of a refusal."""
    try:
        proposal = await payments.run(propose_line_resolution, payments.finance(2), line_id, decision)
        assert await code_of(payments.run(confirm_line_resolution, payments.finance(2), proposal.id)) == "proposed-yourself"
        await payments.run(confirm_line_resolution, payments.finance(3), proposal.id)
    except Refused as refused:
        return refused.code
    return None


async def open_line(payments: Payments) -> BankLineRow:
    [line] = [row for row in await payments.rows(BankLineRow) if row.outcome == "unmatched" and row.resolved_at is None]
    return line


async def paid(payments: Payments) -> DisbursementRow:
    return await payments.paid(await issued(payments), 10_000)


async def state(payments: Payments, disbursement: DisbursementRow) -> tuple[str, int]:
    """Of the payment, and what its voucher has paid."""
    row = await payments.row(DisbursementRow, disbursement.id)
    return row.state, (await payments.row(VoucherRow, row.voucher_id)).paid_minor


@pytest.mark.parametrize(("rest", "account"), [(Rest.CHARGE, "charges"), (Rest.TO_COME_BACK, "receivable")])
async def test_return_in_part_is_a_return_and_a_rest(payments: Payments, rest: Rest, account: str) -> None:
    """K10: 95.00 of 100.00 come back. The rest is a charge, or comes with another line."""
    disbursement = await paid(payments)
    await payments.receive(await payments.statement(disbursement, returned=True, amount_minor=9_500, bank="B-2"), "part.xml")
    line = await open_line(payments)
    assert line.reason == "returned-in-part"
    assert await decide(payments, line.id, LineDecision(R.MATCHED, "bank-asked", disbursement.id)) == "match-without-effect"
    assert await code_of(payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)) != ""
    assert await decide(payments, line.id, LineDecision(R.RETURNED_IN_PART, "bank-asked", disbursement.id, rest=rest)) is None
    assert await state(payments, disbursement) == ("returned", 0)
    assert {name: held for name, held in (await held_by_region(payments)).items() if held} == {"clearing": 500, account: -500}
    await payments.receive(await payments.statement(disbursement, returned=True, amount_minor=500, bank="B-3"), "rest.xml")
    came = LineDecision(R.CAME_BACK, "bank-asked")
    assert await decide(payments, (await open_line(payments)).id, came) == (None if rest is Rest.TO_COME_BACK else "not-booked-so-much")
    assert sum((await held_by_region(payments)).values()) == 0


async def test_second_debit_comes_back_and_the_payment_stays_paid(payments: Payments) -> None:
    """The bank debits twice and corrects itself the next day: one payment is made, and nothing is paid again."""
    disbursement = await paid(payments)
    await payments.receive(await payments.statement(disbursement, bank="B-2"), "twice.xml")
    second = await open_line(payments)
    assert second.reason == "booked-twice"
    await payments.receive(await payments.statement(disbursement, returned=True, bank="B-3"), "corrected.xml")
    back = next(row for row in await payments.rows(BankLineRow) if row.reason == "second-debit-returned")
    assert await state(payments, disbursement) == ("paid", 10_000)
    assert await decide(payments, back.id, LineDecision(R.CAME_BACK, "bank-asked")) == "not-booked-so-much"
    assert await decide(payments, second.id, LineDecision(R.TO_COME_BACK, "bank-asked")) is None
    [proposal] = [one for one in (await shown(payments, back.id)).proposals if one.state == "proposed"]
    await payments.run(confirm_line_resolution, payments.finance(3), proposal.proposal_id)
    assert not any((await held_by_region(payments)).values())
    assert await state(payments, disbursement) == ("paid", 10_000)
    await payments.receive(await payments.statement(disbursement, returned=True, bank="B-4"), "returned.xml")
    assert await state(payments, disbursement) == ("returned", 0)


async def shown(payments: Payments, line_id: UUID) -> BankLineDetail:
    return await payments.run(get_bank_line, payments.finance(2), line_id)


async def test_line_is_split_and_each_part_is_booked(payments: Payments) -> None:
    """One debit for two payments and a charge; one credit for income and somebody's mistake, and all of that undone."""
    first, second = [await payments.sent(await issued(payments), amount) for amount in (10_000, 2_000)]
    line_id = await nameless_debit(payments, first, 12_050)
    parts = (LinePart(R.MATCHED, 10_000, first.id), LinePart(R.MATCHED, 2_000, second.id), LinePart(R.CHARGE, 50))
    short = LineDecision(R.SPLIT, "bank-asked", parts=parts[:2])
    assert await decide(payments, line_id, short) == "parts-differ"
    assert await decide(payments, line_id, LineDecision(R.SPLIT, "bank-asked", parts=parts)) is None
    assert [await state(payments, one) for one in (first, second)] == [("paid", 10_000), ("paid", 2_000)]
    assert await held_by_region(payments) == {"clearing": 50, "charges": -50}
    assert [one.state_after for one in (await shown(payments, line_id)).undone] == ["unknown", "unknown"]
    came = await credit(payments, 700)
    halves = (LinePart(R.INCOME, 300), LinePart(R.RETURNED_TO_SENDER, 400))
    assert await decide(payments, came, LineDecision(R.SPLIT, "payer-asked", parts=halves)) is None
    assert await held_by_region(payments) == {"clearing": -650, "charges": -50, "income": 300, "suspense": 400}
    assert [one.kind for one in (await shown(payments, came)).bookings] == ["income-undone", "to-sender-undone"]
    assert await decide(payments, came, LineDecision(R.UNDONE, "payer-asked")) is None
    assert await held_by_region(payments) == {"clearing": 50, "charges": -50, "income": 0, "suspense": 0}
    assert (await shown(payments, came)).is_open


async def test_dismissed_line_is_opened_again(payments: Payments) -> None:
    """Nothing was booked, so two persons can look at it once more. A line that decided nothing can be dismissed too."""
    came = await credit(payments, 700)
    assert await decide(payments, came, LineDecision(R.OTHERWISE, "payer-asked")) is None
    assert (await shown(payments, came)).can_be_undone
    assert await decide(payments, came, LineDecision(R.UNDONE, "payer-asked")) is None
    assert (await shown(payments, came)).is_open
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "RCVD"), "received.xml")
    [ignored] = [row for row in await payments.rows(BankLineRow) if row.outcome == "ignored"]
    assert await decide(payments, ignored.id, LineDecision(R.OTHERWISE, "bank-asked")) is None


async def words_of_the_bank(payments: Payments) -> list[Any]:
    return [row.words for row in await payments.rows(BankWordsRow)]


async def test_words_of_the_bank_are_kept_for_who_they_are_about(payments: Payments) -> None:
    """N3: shown to finance and to the payee, with the key of the payee; in no event; gone with the case."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    voucher = await payments.row(VoucherRow, disbursement.voucher_id)
    why = f"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>{WORDS}</AddtlInf></StsRsnInf></TxInfAndSts>".encode()
    await payments.receive((await payments.report(disbursement, "RJCT")).replace(b"</TxInfAndSts>", why), "rejected.xml")
    [row] = await payments.rows(BankWordsRow)
    payee = next(one for one in await payments.rows(PayeeRow) if one.organisation_id == voucher.organisation_id)
    assert (row.subject_id, row.words) == (payee.subject_id, {"bank": [WORDS]})
    [line] = await payments.run(list_payment_lines, payments.finance(2), disbursement.id)
    assert (line.words, line.evidence) == ([WORDS], ["names-attempt", "names-payment", "names-batch"])
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    [own] = await payments.run(list_own_payments, applicant, voucher.id, "en")
    assert own.reason is not None
    assert own.reason.words == [WORDS]
    assert all(WORDS not in str(event.body) for event in await payments.rows(OutboxRow))
    await payments.run(empty_words_of, OPERATOR, voucher.id)
    assert await words_of_the_bank(payments) == [None]


async def test_words_of_a_stranger_go_to_who_the_line_is_about(payments: Payments) -> None:
    """A credit that names nothing of ours: its words have a key of its file, and go with the file."""
    disbursement = await paid(payments)
    data = camt053([{"quoted": "thank you, Ana", "amount_minor": 10_000, "bank": "C-1"}], payments.policy)
    await payments.receive(data.replace(b"</Sts>", b"</Sts><AddtlNtryInf>RETOURE</AddtlNtryInf>", 1), "credit.xml")
    line = await open_line(payments)
    seen = await shown(payments, line.id)
    assert (seen.words, seen.text, seen.evidence) == (["RETOURE"], ["thank you, Ana"], ["no-references"])
    assert await decide(payments, line.id, LineDecision(R.MATCHED, "bank-asked", disbursement.id)) is None
    payee = (await payments.rows(PayeeRow))[0]
    assert [row.subject_id for row in await payments.rows(BankWordsRow)] == [payee.subject_id]
    await payments.run(record_bank_file_removed, OPERATOR, line.file_sha256)
    assert await words_of_the_bank(payments) == []
