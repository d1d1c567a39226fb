"""The bank rejects, or cancels, what it has accepted: finance finds the line on its desk, asks the bank, and the payment goes on."""

import pytest

from services.payments.commands.propose_line_resolution import LineDecision
from services.payments.domain.contradictions import ProposedResolution
from services.payments.tables import DisbursementRow
from shared.contracts.payments import BankLineResolved, BankLineUnmatched, DisbursementRejected
from tests.integration.payments.test_bank_desk import decide, open_line, state
from tests.integration.payments.test_finance_desk import issued
from tests.integration.payments.test_undo import UNDO, corrections
from tests.support.desk import client_of
from tests.support.identity import Issuer
from tests.support.payments import Payments, app_of

R = ProposedResolution


async def rejected_late(payments: Payments) -> DisbursementRow:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "ACSP"), "accepted.xml")
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    return disbursement


@pytest.mark.parametrize(
    ("answer", "after", "to_correct", "waits_for"),
    [("confirmed", "rejected", 1, "statement-awaited"), ("bank-error", "accepted", 0, None), ("no-effect", "accepted", 0, None)],
)
async def test_rejection_after_acceptance_has_a_desk(
    payments: Payments, issuer: Issuer, answer: str, after: str, to_correct: int, waits_for: str | None
) -> None:
    """Over the API, as the pages do. Confirmed, the payment is one to correct; else it stays accepted, and waits for the statement."""
    disbursement = await rejected_late(payments)
    payments.issuer, finance = issuer, payments.finance(2)
    path = f"/disbursements/{disbursement.id}"
    async with client_of(app_of(payments, issuer, payments.sessions)) as payments.client:
        desk = await payments.request(finance, "GET", "/desk")
        assert (desk["unmatched"]["count"], desk["to_correct"]["count"]) == (1, 0)
        [line] = (await payments.request(finance, "GET", "/unmatched"))["items"]
        assert (line["reason"], line["bank_reason"]) == ("bank-rejected-after-accepted", "AC04")
        shown = await payments.request(finance, "GET", f"/bank-lines/{line['line_id']}")
        assert (shown["is_open"], shown["disbursement_id"]) == (True, str(disbursement.id))
        read = await payments.request(finance, "GET", path)
        assert (read["state"], read["waits_for"], read["open_line_id"]) == ("accepted", "bank-line-open", line["line_id"])
        to = f"/bank-lines/{line['line_id']}/resolution"
        refused = await payments.request(payments.finance(1), "POST", to, 403, json={"resolution": answer})
        assert refused["code"] == "incompatible-step"  # who prepared it
        await payments.request(finance, "POST", to, json={"resolution": answer})
        desk = await payments.request(finance, "GET", "/desk")
        assert (desk["unmatched"]["count"], desk["to_correct"]["count"]) == (0, to_correct)
        read = await payments.request(finance, "GET", path)
        assert (read["state"], read["waits_for"], read["open_line_id"]) == (after, waits_for, None)
    assert len(await payments.events(DisbursementRejected)) == to_correct
    assert await payments.published(BankLineUnmatched, BankLineResolved) == ["BankLineUnmatched", "BankLineResolved"]
    if answer != "confirmed":
        await payments.receive(await payments.statement(disbursement), "booked.xml")
        assert await state(payments, disbursement) == ("paid", 10_000)


@pytest.mark.parametrize("before", ["sent", "accepted"])
async def test_cancellation_that_two_have_matched_is_undone(payments: Payments, before: str) -> None:
    """What the bank has done is not known then. It says it by its own line, or the line is matched once more."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    if before == "accepted":
        await payments.receive(await payments.report(disbursement, "ACSP"), "accepted.xml")
    await payments.receive(await payments.report(disbursement, "CANC"), "cancelled.xml")
    line = await open_line(payments)
    matched = LineDecision(R.MATCHED, "bank-asked", disbursement.id)
    for _ in range(2):
        assert await decide(payments, line.id, matched) is None
        assert await state(payments, disbursement) == ("rejected", 0)
        assert await decide(payments, line.id, UNDO) is None
        assert (await state(payments, disbursement), (await open_line(payments)).id) == (("unknown", 0), line.id)
    assert await corrections(payments) == [(1, "rejected", "unknown"), (2, "rejected", "unknown")]
    await payments.receive(await payments.statement(disbursement), "booked.xml")
    assert await state(payments, disbursement) == ("paid", 10_000)
    assert await decide(payments, line.id, matched) == "match-without-effect"
    assert await decide(payments, line.id, LineDecision(R.OTHERWISE, "bank-asked")) is None
