"""The rows "Claims" of the cases of the rules, on a database: one claim after another, one invoice in two claims, related parties."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.payments.api.schemas import ProviderInput
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.queries.claims import get_claim
from services.payments.tables import AccountProposalRow
from shared.classifications.identity_keys import relation_hash
from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.common import Relation
from shared.identity.actor import Role
from shared.kernel.errors import Refused
from shared.policy.sections import ClaimDates, DateWindow
from tests.support.claims import KEY, SELLER, Drafts
from tests.support.payments import Payments, Voucher, code_of, evidence

VALUE = 200_000
OWN = {"tax-number": "HR98765432106", "owner": "Iva Primjer", "address": "Trg bana 1 48000 Koprivnica HR"}


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), VALUE)


async def know_relations(payments: Payments, voucher: Voucher) -> None:
    found = [Relation(kind=kind, hash=str(relation_hash(KEY, kind, value))) for kind, value in OWN.items()]
    event = ApplicationFoundEligible(
        application_id=voucher.application_id, call_id=voucher.call_id, region=payments.region, sequence=1,
        submitted_at=payments.clock.instant, organisation_id=voucher.organisation_id, requested_minor=VALUE, amount_minor=VALUE,
        currency="EUR", policy_id=payments.policy.id, language="en", topics=[], relations=found,
    )  # fmt: skip
    await payments.deliver(event, twice=True)


async def test_last_claim_takes_the_remainder_however_it_is_lodged(payments: Payments) -> None:
    """3 × 333.33 at 80 %: 799.99; with lines, and as a whole."""
    drafts = Drafts(payments, await issued(payments))
    paid = []
    for _ in range(3):
        claim_id = await drafts.lodged(claimed_minor=33_333, net_minor=33_333, vat_minor=0)
        await drafts.checked(claim_id, 1)
        alike = (await payments.run(get_claim, payments.officer, claim_id)).similar_lines or []
        await payments.run(accept_claim, payments.officer, claim_id, None, alike)
        paid.append((await drafts.read(claim_id)).granted_minor)
    assert paid == [26_666, 26_666, 26_667]
    sums = (await drafts.read(claim_id)).computation
    assert sums is not None
    assert (sums.remainder_minor, sums.aid_minor, sums.own_minor) == (1, 26_667, 6_666)
    whole = await issued(payments)
    await lodged(payments, whole, 26_666)
    assert await code_of(lodged(payments, whole, 26_667)) == "above-intensity"
    await lodged(payments, whole, 26_666)
    assert (await lodged(payments, whole, 26_667)).requested_minor == 26_667


async def lodged(payments: Payments, voucher: Voucher, requested: int, **invoice: Any) -> Any:
    payee = await payments.payee(voucher)
    documents = [replace(one, **invoice) if one.kind == "invoice" else one for one in evidence(payments.policy, 33_333)]
    new = replace(payments.new_claim(voucher, payee.id, requested, documents), eligible_minor=33_333)
    return await payments.run(lodge_claim, payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id), new)


async def test_invoice_again_is_refused_or_put_before_the_checker(payments: Payments) -> None:
    """Another scan of 2026/17 on the same voucher, on another one of the firm, and by another firm."""
    mine, theirs, same = await issued(payments), await issued(payments), {"reference": "2026/17", "issuer_hash": "2:seller"}
    await lodged(payments, mine, 10_000, **same)
    for reference in ("2026-17", "FV 2026/017"):
        assert await code_of(lodged(payments, mine, 10_000, **same | {"reference": reference})) == "invoice-claimed"
    claim = await lodged(payments, theirs, 10_000, **same, sha256="a" * 64)
    as_well = await lodged(payments, await issued(payments), 10_000, reference="X1", issuer_hash="2:other", sha256="a" * 64)
    assert (await payments.run(get_claim, payments.officer, as_well.id)).similar_lines == [1], "the same file"
    assert (await payments.run(get_claim, payments.officer, claim.id)).similar_lines == [1]
    assert await code_of(payments.run(accept_claim, payments.officer, claim.id, None)) == "similar-invoice"


async def test_dates_outside_the_policys_window_are_refused(payments: Payments) -> None:
    """The voucher is issued on 2 March, so an invoice of the day before counts no more. Each is refused at its field."""
    span = DateWindow(first="issue", last="validity")
    dates = ClaimDates(issued=span, delivered=span, paid=DateWindow(first="issue", last="claim-window"))
    payments.use(payments.policy.model_copy(update={"claims": payments.policy.claims.model_copy(update={"dates": dates})}))
    call_id = await payments.open_call(1_000_000, opens_at=datetime(2026, 1, 5, tzinfo=UTC))
    drafts = Drafts(payments, await payments.issued(call_id, VALUE))
    draft_id, good = await drafts.begun(), "2026-03-02"
    usual = {"issued_on": good, "delivered_on": good, "paid_on": good}
    for field, day in (("issued_on", "2026-03-01"), ("delivered_on", "2026-03-01"), ("paid_on", "2026-03-01")):
        with pytest.raises(Refused) as refused:
            await drafts.line(draft_id, **usual | {field: day})
        assert (refused.value.code, refused.value.field) == ("before-expenditure", field)
    await drafts.line(draft_id, **usual)
    with pytest.raises(Refused) as refused:
        await lodged(payments, drafts.voucher, 10_000, issued_on=date(2026, 3, 1))
    assert (refused.value.code, refused.value.field) == ("before-expenditure", "evidence.0.issued_on")


async def test_invoice_of_the_beneficiary_itself_is_refused(payments: Payments) -> None:
    drafts = Drafts(payments, await issued(payments))
    draft_id = await drafts.begun()
    await drafts.line(draft_id, seller_tax_number="987 654 32106")
    await know_relations(payments, drafts.voucher)
    with pytest.raises(Refused) as refused:
        await drafts.line(draft_id, seller_tax_number="987 654 32106")
    assert (refused.value.code, refused.value.field) == ("related-party", "seller_tax_number")
    await drafts.line(draft_id, seller_tax_number=SELLER)


@pytest.mark.parametrize("key", ["tax_number", "owners", "name", "address", None])
async def test_related_provider_is_paid_nothing(payments: Payments, key: str | None) -> None:
    """By what was given at its registration; and one that was independent, once its account is the beneficiary's."""
    payments.pay_providers()
    voucher, finance = await issued(payments), payments.finance(1)
    await know_relations(payments, voucher)
    await payments.payee(voucher)
    related: dict[str, Any] = {
        "tax_number": "98765432106", "owners": ["PRIMJER Iva"], "name": "Iva Primjer",
        "address": {"country": "HR", "town": "Koprivnica", "street": "Trg bana", "building": "1", "post_code": "48000"},
    }  # fmt: skip
    number = payments.account_of(voucher.call_id)
    body = ProviderInput.model_validate(
        {"region": payments.region, "name": "Dobavljač", "account": {"iban": number}} | ({key: related[key]} if key else {})
    )
    address = body.address.model_dump() if body.address else None
    new = NewPayee("provider", payments.region, None, body.name, number, address, body.relations(KEY))
    provider = await payments.run(register_payee, finance, new)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    claim = payments.new_claim(voucher, provider.id, 10_000)
    if key:
        assert await code_of(payments.run(lodge_claim, applicant, claim)) == "related-party"
        return
    lodged_claim = await payments.run(lodge_claim, applicant, claim)
    theirs, own = payments.account_of(voucher.organisation_id), await payments.payee(voucher)
    for who, payee_id, account in ((payments.finance(2), provider.id, theirs), (applicant, own.id, number)):
        assert await code_of(payments.run(propose_account, who, payee_id, None, account)) == "related-party"
    assert (await payments.run(accept_claim, payments.officer, lodged_claim.id, None)).state == "accepted"
    another = await issued(payments)
    await payments.payee(another)
    await payments.run(propose_account, payments.finance(2), provider.id, None, payments.account_of(another.organisation_id))
    [proposal] = await payments.rows(AccountProposalRow)
    client = payments.actor("applicant-2", Role.APPLICANT, another.organisation_id)
    assert await code_of(payments.run(lodge_claim, client, payments.new_claim(another, provider.id, 10_000))) == "related-party"
    assert (await payments.run(confirm_account, payments.finance(3), proposal.id)).account_version == 2
