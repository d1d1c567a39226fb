"""Each scheme that a region really runs, as published, through the services: from the call to the payment in the bank's statement."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.accept_order import accept_order
from services.payments.commands.apply_as_provider import Seat
from services.payments.commands.check_claim_line import check_claim_line
from services.payments.commands.confirm_order import confirm_order
from services.payments.commands.invoice_order import invoice_order
from services.payments.commands.lodge_claim_draft import lodge_claim_draft
from services.payments.commands.place_order import NewOrder, place_order
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.redeem_order import redeem_order
from services.payments.commands.save_claim_hours import NewHours, save_claim_hours
from services.payments.commands.save_claim_line import save_claim_line
from services.payments.domain.recoveries import reference_of
from services.payments.tables import ClaimLineRow, DisbursementRow, OrderRow
from services.payments.tables import VoucherRow as MoneyRow
from services.vouchers.tables import VoucherRow
from shared.identity.actor import Actor, Role
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context
from simulation.sample_answers import with_own_answers
from tests.conftest import FreshDatabase
from tests.support.applications import BOOK, form_with
from tests.support.chain import Chain, chain_of
from tests.support.claims import KEY, Drafts, new_line
from tests.support.identity import Issuer
from tests.support.payments import Voucher, camt053
from tests.support.providers import Providers


@dataclass(frozen=True)
class Played:
    """A case of a scheme: what is asked for, the invoice, and what is paid. Minor units. `hours`: hundredths of own hours."""

    region: str
    scheme: str
    seat: tuple[str, str]
    kind: str
    cost: int
    asked: int
    invoice: int
    paid: int
    day: date = date(2027, 3, 1)
    answers: dict[str, Any] = field(default_factory=dict)
    hours: int = 0

    def form(self) -> dict[str, Any]:
        policy, definition = BOOK.resolve(self.region, self.scheme, self.day), BOOK.form_in_force(self.region, self.scheme, self.day)
        country, nuts = self.seat
        form = form_with(
            language=policy.languages[0], applicant__country=country, applicant__nuts=nuts, costs__currency=policy.currency,
            costs__total_cost_minor=self.cost, costs__requested_minor=self.asked, costs__own_contribution_minor=self.cost - self.asked,
            firm__turnover_minor=250_000_000, firm__balance_minor=100_000_000, project__starts_on="2027-06-01",
            project__ends_on="2027-12-31",
        )  # fmt: skip
        form["applicant"]["activity_revision"] = "rev-2"
        return with_own_answers({**form, "extra": {"voucher-type": self.kind, **self.answers}}, definition)


CASES = {
    "croatia": Played("hr-koprivnica", "vauceri-za-digitalizaciju", ("HR", "HR063"), "digital-skills", 1_000_000, 900_000, 1_000_000,
                      900_000, answers={"recovers-vat": True}),
    "malopolska": Played("pl-malopolska", "bony-na-innowacje", ("PL", "PL213"), "small", 5_000_000, 4_500_000, 5_000_000, 4_500_000,
                         answers={"recovers-vat": True}),
    "flanders": Played("be-kortrijk", "kmo-portefeuille", ("BE", "BE254"), "training", 1_000_000, 300_000, 1_000_000, 300_000),
    "denmark": Played("dk-kolding", "smv-digital", ("DK", "DK032"), "grant-100", 20_000_000, 10_000_000, 12_000_000, 10_000_000,
                      answers={"own-hours": 20_000}, hours=20_000),
}  # fmt: skip
"""Croatia: 90 % of training in digital skills. Małopolska: 90 % of a first small voucher. Flanders: 30 % for a small firm, which pays its
70 % in. Denmark: 50 %, of the firm's half DKK 80,000 are 200 of its own hours."""


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Played:
    return CASES[request.param]


@pytest_asyncio.fixture
async def chain(case: Played, fresh_database: FreshDatabase, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Chain]:
    policy = BOOK.resolve(case.region, case.scheme, case.day)
    async with chain_of(policy, fresh_database, issuer, tmp_path) as chain:
        yield chain


async def test_scheme_is_played_from_call_to_payment(case: Played, chain: Chain) -> None:
    call_id = await chain.published(case.day)
    application_id, applicant = await chain.eligible(call_id, case.form())
    award = await chain.granted(call_id, application_id)
    assert award.amount_minor == case.asked
    voucher = await chain.issued(award, applicant)
    chain.pass_to(chain.now + timedelta(days=25))
    claim_id = await (_ordered if chain.policy.deposit else _claimed)(case, chain, voucher)
    await chain.carry()
    paid = await _paid(chain, claim_id)
    money, issued = await chain.payments.row(MoneyRow, voucher.id), await chain.vouchers.row(VoucherRow, voucher.id)
    assert (paid.state, paid.aid_minor, money.paid_minor) == ("paid", case.paid, case.paid)
    assert issued.redeemed_minor == case.paid
    await chain.nothing_lost()


def _line(case: Played, chain: Chain) -> dict[str, Any]:
    """Paid in full; the firm gets its VAT back."""
    day = chain.now.date().isoformat()
    money = {"net_minor": case.invoice, "vat_minor": case.invoice // 4, "claimed_minor": case.invoice, "currency": chain.policy.currency}
    ordered = {"ordered_on": day} if chain.policy.grace else {}
    return {"issued_on": day, "delivered_on": day, "paid_on": day, "vat_recoverable": True, "seller_tax_number": "CZ12345679", **money,
            **ordered}  # fmt: skip


async def _claimed(case: Played, chain: Chain, voucher: Voucher) -> UUID:
    """By the beneficiary, which has paid the seller."""
    drafts = Drafts(chain.payments, voucher)
    draft_id = await drafts.complete(**_line(case, chain))
    if case.hours:
        day, line_id = chain.now.date(), new_id()
        hours = NewHours("Designer", day - timedelta(days=20), day, case.hours)
        await chain.payments.run(save_claim_hours, drafts.applicant, draft_id, line_id, hours)
        await drafts.document(draft_id, line_id, "timesheet")
    return await drafts.lodge(draft_id)


async def _ordered(case: Played, chain: Chain, voucher: Voucher) -> UUID:
    """The own share is paid in, the service ordered of a registered provider, and its invoice confirmed."""
    payments, drafts = chain.payments, Drafts(chain.payments, voucher)
    own = {"quoted": reference_of(derive_id(voucher.id, "deposit")), "amount_minor": case.cost - case.asked, "bank": "D-1"}
    await payments.receive(camt053([own], chain.policy), "deposit.xml")
    await chain.carry()
    providers, country = Providers(payments), chain.policy.calendar.country
    seat = Seat("Voorbeeldstraat 9", "8500", "Kortrijk", country)
    profile = {"region": chain.policy.region, "country": country, "tax_number": "0403170701", "seat": seat, "worked_with": []}
    provider = await providers.payable("design", **profile)
    chain.pass_to(chain.now + timedelta(days=1 + chain.policy.approvals.account_cooling_off_days))
    new = NewOrder(voucher.id, provider.id, "design", case.invoice + case.invoice // 4, "Studio", "Training of two people")
    order = await payments.run(place_order, drafts.applicant, new)
    code = (await chain.vouchers.row(VoucherRow, voucher.id)).code
    await payments.run(accept_order, providers.person, order.id)
    await payments.run(redeem_order, providers.person, order.id, code)
    draft_id, line_id = (await payments.row(OrderRow, order.id)).draft_id, new_id()
    assert draft_id is not None
    await _invoice(case, chain, draft_id, line_id, providers.person, drafts)
    await payments.run(invoice_order, providers.person, order.id)
    for kind in chain.policy.claims.evidence:
        if kind != "invoice":
            await drafts.document(draft_id, line_id, kind)

    async def confirm(context: Context) -> UUID:
        return await lodge_claim_draft(context, await confirm_order(context, order.id, True), KEY)

    return await payments.run(confirm, drafts.applicant)


async def _invoice(case: Played, chain: Chain, draft_id: UUID, line_id: UUID, provider: Actor, drafts: Drafts) -> None:
    await chain.payments.run(save_claim_line, provider, draft_id, line_id, new_line("INV-1", **_line(case, chain)), KEY)
    await drafts.document(draft_id, line_id, "invoice", by=provider)


async def _paid(chain: Chain, claim_id: UUID) -> DisbursementRow:
    """Every line is accepted, the payment is prepared, approved, sealed, sent, and stands in the bank's statement."""
    payments = chain.payments

    checker = chain.person(Role.OFFICER, 5)
    for line in [line for line in await payments.rows(ClaimLineRow) if line.claim_id == claim_id]:
        await payments.run(check_claim_line, checker, claim_id, line.number, 0, None)
    accepted = await payments.run(accept_claim, checker, claim_id, None)
    prepared = await payments.run(prepare_disbursement, payments.finance(1), accepted.id)
    await payments.approve(prepared)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.statement(prepared), "paid.xml")
    await chain.carry()
    return await payments.row(DisbursementRow, prepared.id)
