"""An advance against a guarantee, its settlement by claims, the recovery of the rest, and the balance after the final report."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from services.payments.app import SERVICE
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.request_advance import WantedAdvance, request_advance
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.domain.instalments import Guarantee
from services.payments.tables import BalanceRow, ClaimRow, DisbursementRow, EnvelopeRow, PayeeRow, RecoveryRow, VoucherRow
from shared.contracts.payments import BalanceReleased, ClaimAccepted, VoucherSettled
from shared.contracts.vouchers import MilestoneReached, ReportAccepted
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.tables import DeadLetterRow
from shared.policy.instalments import Advance, Balance
from shared.policy.sections import Report
from tests.support.identity import Issuer
from tests.support.payments import Payments, Voucher, code_of
from tests.support.routes import Example, Route

VALUE, MOST = 100_000, 40_000


class Case:
    """A voucher of EUR 1,000 whose policy advances 40 % against a guarantee and keeps 10 %."""

    def __init__(self, payments: Payments, voucher: Voucher, payee: PayeeRow) -> None:
        self.payments, self.voucher, self.payee = payments, voucher, payee
        self.applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)

    def wanted(self, amount_minor: int = MOST) -> WantedAdvance:
        until = self.payments.clock.instant.date().replace(year=2027)
        return WantedAdvance(self.voucher.id, self.payee.id, amount_minor, Guarantee("BG-2026/17", MOST, until))

    async def advance(self) -> DisbursementRow:
        claim = await self.payments.run(request_advance, self.applicant, self.wanted())
        await self.payments.run(accept_claim, self.payments.officer, claim.id, None)
        return await self.pay(claim)

    async def pay(self, claim: ClaimRow) -> DisbursementRow:
        prepared = await self.payments.run(prepare_disbursement, self.payments.finance(1), claim.id)
        await self.payments.approve(prepared)
        await self.payments.seal()
        await self.payments.outgoing.send_all()
        await self.payments.receive(await self.payments.statement(prepared), f"{claim.id}.xml")
        return await self.payments.row(DisbursementRow, prepared.id)

    async def claim(self, amount_minor: int) -> ClaimRow:
        new = self.payments.new_claim(self.voucher, self.payee.id, amount_minor)
        claim = await self.payments.run(lodge_claim, self.applicant, new)
        return await self.payments.run(accept_claim, self.payments.officer, claim.id, None)

    async def report_is(self, accepted: bool) -> None:
        payments, about = self.payments, self.voucher.about()
        if accepted:
            await payments.deliver(ReportAccepted(**about), twice=True)
        else:
            subject = {"subject_id": self.voucher.id, "case_id": self.voucher.application_id, "region": self.voucher.region}
            due = MilestoneReached(**subject, kind=MilestoneKind.FINAL_REPORT_DUE, due_at=payments.clock.instant)
            await payments.deliver(due, twice=True)

    async def row(self) -> VoucherRow:
        return await self.payments.row(VoucherRow, self.voucher.id)


@pytest_asyncio.fixture
async def case(payments: Payments) -> Case:
    term = payments.policy.claims.claim_window
    more = {
        "advance": Advance(share_bp=4_000, against="guarantee"), "balance": Balance(share_bp=1_000, report_within=term),
        "report": Report(within=term),
    }  # fmt: skip
    payments.use(payments.policy.model_copy(update=more))
    voucher = await payments.issued(await payments.open_call(1_000_000), VALUE)
    return Case(payments, voucher, await payments.payee(voucher))


async def test_claims_settle_the_advance_then_the_balance_is_paid(case: Case) -> None:
    payments = case.payments
    advance = await case.advance()
    assert (advance.state, advance.amount_minor) == ("paid", MOST)
    assert await code_of(payments.run(request_advance, case.applicant, case.wanted())) == "advance-used"
    assert await code_of(payments.run(cancel_disbursement, payments.finance(1), advance.id, "wrong")) == "advance-stays"

    covered = await case.claim(30_000)
    assert (covered.settled_minor, covered.retained_minor, covered.payable_minor, covered.prepared) == (30_000, 0, 0, True)
    assert await code_of(payments.run(prepare_disbursement, payments.finance(1), covered.id)) == "nothing-to-pay"
    last = await case.claim(70_000)
    assert (last.settled_minor, last.retained_minor, last.payable_minor) == (10_000, 10_000, 50_000)
    assert (await case.pay(last)).amount_minor == 50_000
    assert (await case.row()).state == "issued", "the balance is not decided"
    accepted = [(row.body["settled_minor"], row.body["retained_minor"]) for row in await payments.events(ClaimAccepted)]
    assert accepted == [(None, None), (30_000, None), (10_000, 10_000)]

    await case.report_is(accepted=True)
    [balance] = [row for row in await payments.rows(ClaimRow) if row.kind == "balance"]
    assert (balance.state, balance.granted_minor, balance.payee_id) == ("accepted", 10_000, case.payee.id)
    await case.pay(balance)
    row = await case.row()
    assert (row.state, row.paid_minor, row.committed_minor, row.claimed_minor) == ("settled", VALUE, 0, VALUE)
    assert await payments.published(BalanceReleased, VoucherSettled) == ["BalanceReleased", "VoucherSettled"]
    await payments.assert_nothing_lost()


async def test_unspent_advance_is_recovered_before_the_voucher_settles(case: Case) -> None:
    payments = case.payments
    await case.advance()
    await case.claim(25_000)
    await payments.end_claim_window(case.voucher)
    await case.report_is(accepted=False)
    [recovery] = await payments.rows(RecoveryRow)
    assert (recovery.amount_minor, recovery.reason, recovery.state) == (15_000, "advance-unspent", "ordered")
    assert (await case.row()).state == "issued"
    await payments.run(settle_recovery, payments.finance(2), recovery.id, "CREDIT-1")
    row, [envelope] = await case.row(), await payments.rows(EnvelopeRow)
    assert (row.state, row.paid_minor, row.recovered_minor, row.released_minor) == ("settled", MOST, 15_000, 60_000)
    assert envelope.available_minor == 1_000_000 - 25_000


async def test_balance_lapses_without_a_report_and_its_money_is_free(case: Case) -> None:
    payments = case.payments
    await case.pay(await case.claim(50_000))
    await payments.end_claim_window(case.voucher)
    assert (await case.row()).state == "issued"
    wrong = ReportAccepted(**(case.voucher.about() | {"application_id": new_id()}))
    await payments.deliver(wrong)
    assert len(await payments.rows(DeadLetterRow)) == 1
    assert await payments.rows(BalanceRow) == []
    await case.report_is(accepted=False)
    await payments.deliver(ReportAccepted(**case.voucher.about()))  # too late
    row, [balance] = await case.row(), await payments.rows(BalanceRow)
    assert (row.state, row.paid_minor, row.released_minor, balance.outcome) == ("settled", 45_000, 55_000, "lapsed")


@pytest.mark.parametrize(("region", "expect"), [("hr-koprivnica", 201), ("dk-kolding", 403)])
async def test_advance_is_asked_for_by_its_beneficiary(case: Case, issuer: Issuer, region: str, expect: int) -> None:
    payments = case.payments
    app = SERVICE.assemble(issuer.verifier(), payments.sessions, payments.clock, payments.policies)
    path, until = f"/vouchers/{case.voucher.id}", "2027-03-01"
    body: dict[str, Any] = {"payee_id": str(case.payee.id), "requested_minor": MOST}
    guarantee = {"reference": "BG-2026/17", "amount_minor": MOST, "valid_until": until}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://payments") as payments.client:
        payments.issuer = issuer
        applicant = case.applicant
        if expect == 403:
            applicant = Actor("applicant-9", case.applicant.grants, new_id())
        else:
            offered = await payments.request(applicant, "GET", f"{path}/instalments")
            assert (offered["advance"]["most_minor"], offered["advance"]["may_ask"]) == (MOST, True)
            refused = await payments.request(applicant, "POST", f"{path}/advance", 422, key="advance-key-1", json=body)
            assert (refused["code"], refused["errors"][0]["field"]) == ("guarantee-missing", "guarantee")
        body["guarantee"] = guarantee
        asked = await payments.request(applicant, "POST", f"{path}/advance", expect, key="advance-key-2", json=body)
        if expect == 201:
            assert (asked["kind"], asked["guarantee"]["reference"]) == ("advance", "BG-2026/17")
            known = (await payments.request(applicant, "GET", f"{path}/instalments"))["advance"]
            assert (known["state"], known["may_ask"], known["refusal"]) == ("lodged", False, "advance-used")


def instalment_examples(payments: Payments, voucher: Voucher, payee_id: UUID) -> dict[Route, Example]:
    """For the guard test."""
    case = {"path": {"voucher_id": voucher.id}, "region": payments.region, "organisation": voucher.organisation_id}
    asked = {"payee_id": str(payee_id), "requested_minor": 1}
    return {
        ("GET", "/api/payments/vouchers/{voucher_id}/instalments"): Example(**case),
        ("POST", "/api/payments/vouchers/{voucher_id}/advance"): Example(**case, json=asked, headers={"Idempotency-Key": "guard-advance"}),
    }
