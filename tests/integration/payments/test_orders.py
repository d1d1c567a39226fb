"""A service ordered with a voucher: chosen, accepted, redeemed by code, invoiced, confirmed, and paid to the provider."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.payments.commands.accept_order import accept_order
from services.payments.commands.apply_as_provider import JointWork
from services.payments.commands.cancel_order import cancel_order
from services.payments.commands.choose_claim_payee import choose_claim_payee
from services.payments.commands.confirm_order import confirm_order
from services.payments.commands.decline_order import decline_order
from services.payments.commands.give_document import NewDocument, give_document
from services.payments.commands.invoice_order import invoice_order
from services.payments.commands.lodge_claim_draft import lodge_claim_draft
from services.payments.commands.object_to_order import object_to_order
from services.payments.commands.place_order import NewOrder, place_order
from services.payments.commands.redeem_order import redeem_order
from services.payments.commands.resume_provider import resume_provider
from services.payments.commands.save_claim_line import save_claim_line
from services.payments.commands.suspend_provider import suspend_provider
from services.payments.commands.withdraw_provider import withdraw_provider
from services.payments.jobs.lapsed_approvals import LapsedApprovals
from services.payments.queries.claim_drafts import claim_draft_of
from services.payments.queries.orders import get_order
from services.payments.queries.own_desk import get_own_desk
from services.payments.tables import ClaimRow, OrderRow, ProviderRow
from shared.contracts.vouchers import VoucherAccepted, VoucherWithdrawn
from shared.files.clamav import ScanState
from shared.files.limits import Limits
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import EvidenceKind, PaymentMode
from shared.messaging.context import Context
from shared.policy.sections import Providers as Rules
from simulation.sample_files import sample_pdf
from tests.support.claims import Drafts, new_line
from tests.support.payments import Payments, Voucher, code_of
from tests.support.providers import KEY, SEAT, Providers, found_eligible, oib

CODE, WRONG = "KOP-7F3K-92QM-0", "KOP-7F3K-92QN-0"


class Ordered:
    """An issued voucher of a scheme with a catalogue, its beneficiary, and a provider that has an account."""

    def __init__(self, payments: Payments, voucher: Voucher, providers: Providers, provider: ProviderRow) -> None:
        self.payments, self.voucher, self.providers, self.provider = payments, voucher, providers, provider
        self.drafts = Drafts(payments, voucher)
        self.firm = self.drafts.applicant

    def new(self, **changed: Any) -> NewOrder:
        return replace(NewOrder(self.voucher.id, self.provider.id, "design", 12_500, "Studio Primjer", "A corporate design"), **changed)

    async def placed(self, **changed: Any) -> UUID:
        return (await self.payments.run(place_order, self.firm, self.new(**changed))).id

    async def accepted(self) -> UUID:
        order_id = await self.placed()
        await self.payments.run(accept_order, self.providers.person, order_id)
        return order_id

    async def redeemed(self) -> UUID:
        order_id = await self.accepted()
        await self.payments.run(redeem_order, self.providers.person, order_id, "kop 7f3k92qm0")
        return order_id

    async def row(self, order_id: UUID) -> OrderRow:
        return await self.payments.row(OrderRow, order_id)

    async def draft_of(self, order_id: UUID) -> UUID:
        found = (await self.row(order_id)).draft_id
        assert found is not None
        return found

    async def written(self, order_id: UUID, **changed: Any) -> UUID:
        """The provider writes a line with the file of the invoice."""
        draft_id, line_id = await self.draft_of(order_id), new_id()
        line = new_line(f"INV-{line_id.hex}", **changed)
        await self.payments.run(save_claim_line, self.providers.person, draft_id, line_id, line, KEY)
        await self.document(draft_id, line_id, "invoice", by_provider=True)
        return line_id

    async def document(self, draft_id: UUID, line_id: UUID, kind: str, *, by_provider: bool = False) -> None:
        actor, content = self.providers.person if by_provider else self.firm, sample_pdf(new_id().hex)
        new = NewDocument(EvidenceKind(kind), f"{kind}.pdf", content, hashlib.sha256(content).hexdigest(), ScanState.UNSCANNED)
        await self.payments.run(give_document, actor, self.drafts.store, draft_id, line_id, new, Limits())

    async def invoiced(self) -> UUID:
        order_id = await self.redeemed()
        line_id = await self.written(order_id)
        await self.payments.run(invoice_order, self.providers.person, order_id)
        for kind in self.payments.policy.claims.evidence:
            if kind != "invoice":
                await self.document(await self.draft_of(order_id), line_id, kind)
        return order_id


@pytest_asyncio.fixture
async def ordered(payments: Payments) -> Ordered:
    """Providers may apply, so that a related one is kept apart at the order, not at its registration."""
    rules = Rules(may_apply=True, answer_within=payments.policy.claims.check_within, joint_work_years=3)
    mode = payments.policy.payment.model_copy(update={"mode": PaymentMode.PROVIDER_DIRECT})
    payments.use(payments.policy.model_copy(update={"providers": rules, "payment": mode}))
    voucher = payments.voucher(await payments.open_call(1_000_000), 50_000)
    issued = payments.issue(voucher).model_copy(update={"code": CODE})
    await payments.deliver(payments.reservation(voucher), VoucherAccepted(**voucher.about()), issued, found_eligible(payments, voucher))
    providers = Providers(payments)
    return Ordered(payments, voucher, providers, await providers.payable())


async def test_delivery_that_is_confirmed_is_paid_to_the_provider(payments: Payments, ordered: Ordered) -> None:
    """The code in any spelling; the seller is the provider whatever is typed; recoverable VAT is left out, as the beneficiary says."""
    order_id = await ordered.invoiced()
    waiting = await payments.run(get_own_desk, ordered.firm, "en")
    assert [(one.order_id, one.state) for one in waiting.orders] == [(order_id, "invoiced")]
    draft = await payments.run(claim_draft_of, ordered.firm, await ordered.draft_of(order_id), "en")
    assert {(line.seller, line.seller_tax_number) for line in draft.lines} == {(ordered.provider.name, ordered.provider.tax_number)}

    async def confirm(context: Context) -> UUID:
        return await lodge_claim_draft(context, await confirm_order(context, order_id, True), KEY)

    claim_id = await payments.run(confirm, ordered.firm)
    assert await payments.run(confirm, ordered.firm) == claim_id
    claim = await payments.row(ClaimRow, claim_id)
    assert (claim.payee_id, claim.eligible_minor) == (ordered.providers.payee_id, 10_000)
    view = await payments.run(get_order, ordered.providers.person, order_id)
    assert (view.state, view.claim_id) == ("confirmed", claim_id)


async def test_each_step_is_of_its_side_and_in_its_turn(payments: Payments, ordered: Ordered) -> None:
    person, stranger = ordered.providers.person, payments.actor("stranger", Role.APPLICANT, new_id())
    order_id = await ordered.placed()
    assert await code_of(ordered.placed()) == "order-open"
    for other in (ordered.firm, stranger):
        for step, more in ((accept_order, []), (decline_order, ["no"]), (redeem_order, [CODE]), (invoice_order, [])):
            assert await code_of(payments.run(step, other, order_id, *more)) == "not-owner"
    for other in (person, stranger):
        for step, more in ((cancel_order, []), (object_to_order, ["no"]), (confirm_order, [False])):
            assert await code_of(payments.run(step, other, order_id, *more)) == "not-owner"
    assert await code_of(payments.run(get_order, stranger, order_id)) == "not-owner"
    assert await code_of(payments.run(redeem_order, person, order_id, CODE)) == "order-state"
    await payments.run(accept_order, person, order_id)
    assert await code_of(payments.run(redeem_order, person, order_id, WRONG)) == "order-wrong-code"
    await payments.run(redeem_order, person, order_id, CODE)
    draft_id = await ordered.draft_of(order_id)
    assert await code_of(payments.run(invoice_order, person, order_id)) == "no-lines"
    assert await code_of(payments.run(save_claim_line, ordered.firm, draft_id, new_id(), new_line("INV-1"), KEY)) == "not-owner"
    await ordered.written(order_id, net_minor=20_000)
    assert await code_of(payments.run(invoice_order, person, order_id)) == "order-above-agreed"
    assert await code_of(payments.run(cancel_order, ordered.firm, order_id)) == "order-state"


async def test_objection_gives_the_invoices_back_to_the_provider(payments: Payments, ordered: Ordered) -> None:
    """Nothing is lodged before the beneficiary has confirmed, and nobody else is paid."""
    order_id = await ordered.invoiced()
    draft_id, person = await ordered.draft_of(order_id), ordered.providers.person
    assert await code_of(payments.run(lodge_claim_draft, ordered.firm, draft_id, KEY)) == "delivery-unconfirmed"
    assert await code_of(payments.run(choose_claim_payee, ordered.firm, draft_id, ordered.providers.payee_id)) == "claim-of-order"
    assert await code_of(payments.run(save_claim_line, ordered.firm, draft_id, new_id(), new_line("INV-1"), KEY)) == "claim-of-order"
    await payments.run(object_to_order, ordered.firm, order_id, "The last sheet is missing")
    assert (await payments.run(get_order, person, order_id)).remark == "The last sheet is missing"
    assert await code_of(payments.run(confirm_order, ordered.firm, order_id, False)) == "order-state"
    await payments.run(invoice_order, person, order_id)
    assert (await ordered.row(order_id)).state == "invoiced"


RELATED: list[dict[str, Any]] = [
    {"tax_number": "94577403194"},
    {"seat": replace(SEAT, street="Druga, 2")},
    {"owners": ["DRUGI Marko"]},
    {"name": "obrt Marko Drugi"},
    {"kin": ["Marko Drugi"]},
    {"worked_with": [JointWork("HR94577403194", date(2024, 1, 1))]},
]
"""Each in another way the applicant of `found_eligible`, or near to it."""


async def test_related_provider_cannot_be_chosen(payments: Payments, ordered: Ordered) -> None:
    """Source: cases/rules.md, "provider with the beneficiary's own account, address, owner or tax number: refused"."""
    voucher = await payments.issued(ordered.voucher.call_id, 10_000)
    await payments.deliver(found_eligible(payments, voucher))
    firm = payments.actor("applicant-2", Role.APPLICANT, voucher.organisation_id)
    codes = []
    for number, changed in enumerate(RELATED, 1):
        values = {"tax_number": oib(number), "seat": replace(SEAT, street="Treca 3"), "owners": ["Petar Treci"], "kin": [], **changed}
        provider = await Providers(payments).payable(**values)
        new = ordered.new(voucher_id=voucher.id, provider_id=provider.id)
        codes.append(await code_of(payments.run(place_order, firm, new)))
    assert codes == ["related-party"] * len(RELATED)


async def test_person_of_the_beneficiary_does_not_act_for_the_provider(payments: Payments, ordered: Ordered) -> None:
    order_id = await ordered.placed()
    own = payments.actor(ordered.firm.id, Role.APPLICANT, ordered.providers.organisation_id)
    assert await code_of(payments.run(accept_order, own, order_id)) == "incompatible-step"


@pytest.mark.parametrize("step", ["suspended", "withdrawn", "over"])
async def test_orders_of_a_provider_that_left_go_to_another_one(payments: Payments, ordered: Ordered, step: str) -> None:
    """What it has not delivered; the terms are kept. What it has delivered is paid as agreed."""
    order_id, officer = await ordered.accepted(), ordered.providers.officer()
    if step == "suspended":
        await payments.run(suspend_provider, officer, ordered.provider.id, "Under inquiry")
    elif step == "withdrawn":
        await payments.run(withdraw_provider, ordered.providers.person, ordered.provider.id)
    else:
        job = LapsedApprovals(payments.sessions, payments.clock, payments.policies)
        async with payments.sessions.begin() as session:
            (await session.get_one(ProviderRow, ordered.provider.id)).until = date(2026, 3, 2)
        await job.reroute()
        assert (await ordered.row(order_id)).state == "accepted", "the last day is not over"
        payments.clock.instant += timedelta(days=1)
        await job.reroute()
    assert (await ordered.row(order_id)).state == "rerouted"
    assert await code_of(ordered.placed()) == "provider-not-listed"
    other = Providers(payments)
    provider = await other.payable(tax_number=oib(2), owners=["Petar Treci"], worked_with=[])
    again = await ordered.placed(provider_id=provider.id, replaces=order_id)
    assert (await payments.run(get_order, ordered.firm, order_id)).replaced_by == again
    if step == "suspended":
        await payments.run(resume_provider, ordered.providers.officer(2), ordered.provider.id, "Cleared")
        assert await code_of(payments.run(accept_order, ordered.providers.person, order_id)) == "order-state"


async def test_claim_without_an_order_pays_no_provider(payments: Payments, ordered: Ordered) -> None:
    claim = ordered.payments.accepted_for(ordered.voucher, ordered.providers.payee_id, 1_000)
    assert await code_of(claim) == "provider-not-ordered"
    order_id = await ordered.placed()
    await payments.run(cancel_order, ordered.firm, order_id)
    await payments.run(decline_order, ordered.providers.person, await ordered.placed(), "No time")
    assert await code_of(ordered.placed(service="digital")) == "service-not-listed"


async def test_order_ends_with_its_voucher(payments: Payments, ordered: Ordered) -> None:
    order_id = await ordered.placed()
    await payments.deliver(VoucherWithdrawn(**ordered.voucher.about()), twice=True)
    assert (await ordered.row(order_id)).state == "cancelled"
    assert await code_of(ordered.placed()) == "claims-closed"


async def test_claim_to_a_related_provider_is_refused_without_an_order(payments: Payments, ordered: Ordered) -> None:
    """Of a scheme whose policy has no catalogue. Source: cases/rules.md, claims."""
    related = Providers(payments)
    await related.payable(tax_number=oib(3), owners=["Marko Drugi"])
    payments.use(payments.policy.model_copy(update={"providers": None}))
    voucher = await payments.issued(await payments.open_call(100_000), 10_000)
    await payments.deliver(found_eligible(payments, voucher))
    assert await code_of(payments.accepted_for(voucher, related.payee_id, 1_000)) == "related-party"
    assert (await payments.accepted_for(voucher, ordered.providers.payee_id, 1_000)).state == "accepted"
