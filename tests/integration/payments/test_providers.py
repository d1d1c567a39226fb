"""The catalogue of providers: registered, checked, approved, suspended, and out again; never an applicant."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.payments.commands.approve_provider import approve_provider
from services.payments.commands.begin_provider_check import begin_provider_check
from services.payments.commands.refuse_provider import refuse_provider
from services.payments.commands.resume_provider import resume_provider
from services.payments.commands.state_provider_account import state_provider_account
from services.payments.commands.suspend_provider import suspend_provider
from services.payments.commands.withdraw_provider import withdraw_provider
from services.payments.domain.catalogue import Approval
from services.payments.queries.catalogue import PROVIDERS, CatalogueFilter, list_catalogue, registration_of
from services.payments.queries.catalogue_views import CatalogueEntryView
from services.payments.tables import PayeeRow, ProviderRow
from shared.contracts.evaluation import AwardRefused
from shared.contracts.payments import PayeeAccountProposed
from shared.contracts.vouchers import FundsReleaseRequested
from shared.identity.actor import NOBODY, Role
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.policy.sections import Providers as Rules
from tests.integration.payments.test_forged_events import ended, submitted
from tests.support.payments import Payments, code_of
from tests.support.providers import OIB, SEAT, Providers, found_eligible, oib

WITHIN = {"value": 5, "unit": "working-days", "start": "day-after"}


async def listed(payments: Payments, **wanted: Any) -> list[CatalogueEntryView]:
    async def read(context: Context) -> list[CatalogueEntryView]:
        return (await list_catalogue(context, await PROVIDERS(50, None, None), CatalogueFilter(**wanted))).items

    return await payments.run(read, NOBODY)


async def test_provider_is_checked_approved_suspended_and_leaves(payments: Payments) -> None:
    """The catalogue has it from the first day of its approval, while it is approved and for its services alone."""
    providers = Providers(payments)
    provider = await providers.applied()
    assert await listed(payments) == []
    assert await code_of(payments.run(approve_provider, providers.officer(), provider.id, Approval(("design",), date(2026, 3, 4)))) == (
        "provider-state"
    )
    await payments.run(begin_provider_check, providers.officer(), provider.id)
    assert await code_of(providers.applied(name="Another name")) == "provider-registered"
    await payments.run(approve_provider, providers.officer(), provider.id, Approval(("design",), date(2026, 3, 4)))
    assert await listed(payments) == []  # from the 4th
    payments.clock.instant += timedelta(days=2)
    [entry] = await listed(payments, region=payments.region, service="design")
    assert (entry.name, entry.services, entry.since) == ("Sample Design Bureau d.o.o.", ["design"], date(2026, 3, 4))
    assert set(type(entry).model_fields).isdisjoint({"owners", "kin", "seat", "tax_number", "account", "organisation_id"})
    assert await listed(payments, service="digital") == await listed(payments, region="gr-central-macedonia") == []
    await payments.run(suspend_provider, providers.officer(), provider.id, "Under inquiry")
    assert await listed(payments) == []
    assert await code_of(payments.run(resume_provider, providers.officer(), provider.id, "Cleared")) == "incompatible-step"
    await payments.run(resume_provider, providers.officer(2), provider.id, "Cleared")
    assert len(await listed(payments)) == 1
    await payments.run(suspend_provider, providers.officer(2), provider.id, "Once more")  # another suspension, another pair
    await payments.run(resume_provider, providers.officer(), provider.id, "Cleared")
    await payments.run(withdraw_provider, providers.person, provider.id)
    await payments.run(withdraw_provider, providers.person, provider.id)
    assert await listed(payments) == []
    detail = await payments.run(registration_of, providers.person, provider.id)
    assert [step.state for step in detail.history] == [
        "applied", "in-check", "approved", "suspended", "approved", "suspended", "approved", "withdrawn",
    ]  # fmt: skip
    assert {step.actor for step in detail.history} == {""}  # the provider does not learn who decided
    assert (await providers.applied()).state == "applied"


async def test_refused_provider_reads_why_and_applies_again(payments: Payments) -> None:
    providers = Providers(payments)
    provider = await providers.checked()
    await payments.run(refuse_provider, providers.officer(), provider.id, "No references")
    assert (await payments.run(registration_of, providers.person, provider.id)).reason == "No references"
    again = await providers.applied(owners=["Somebody Else"])
    assert (again.id, again.state, again.reason) == (provider.id, "applied", None)


async def test_hands_on_a_registration_are_not_the_providers(payments: Payments) -> None:
    """Not another organisation, not an officer elsewhere, and not an officer who acted for the provider."""
    providers = Providers(payments)
    provider = await providers.applied()
    for stranger in (
        payments.actor("stranger", Role.APPLICANT, new_id()),
        payments.actor("finance-1", Role.FINANCE),
    ):
        assert await code_of(payments.run(withdraw_provider, stranger, provider.id)) in ("not-owner", "wrong-role")
        assert await code_of(payments.run(begin_provider_check, stranger, provider.id)) == "wrong-role"
    own = payments.actor("provider-1", Role.OFFICER)
    assert await code_of(payments.run(begin_provider_check, own, provider.id)) == "incompatible-step"


async def test_one_tax_number_is_one_provider_of_a_region(payments: Payments) -> None:
    """Source: cases/rules.md, "one provider typed three ways is three payees"."""
    provider = await Providers(payments).applied()
    for typed in (OIB, f"HR{OIB}", f"HR {OIB[:5]} {OIB[5:]}"):
        assert await code_of(Providers(payments).applied(tax_number=typed)) == "provider-tax-number-used"
    assert await code_of(Providers(payments).applied(tax_number="69435151531")) == "tax-number-wrong"
    assert [row.id for row in await payments.rows(ProviderRow)] == [provider.id]


@pytest.mark.parametrize("may_apply", [False, True])
async def test_applicant_is_no_provider_where_the_policy_says_so(payments: Payments, may_apply: bool) -> None:
    """Source: Croatia's digital vouchers (brief/rules.md): a provider is never an applicant. Asked again when it is approved."""
    rules = Rules(may_apply=may_apply, answer_within=payments.policy.claims.check_within)
    payments.use(payments.policy.model_copy(update={"providers": rules}))
    voucher = await payments.issued(await payments.open_call(100_000), 50_000)
    other = await payments.issued(voucher.call_id, 10_000)
    listed_already = Providers(payments, other.organisation_id)
    ids = [
        (await listed_already.approved(tax_number=oib(5))).id,
        (await Providers(payments).approved(tax_number=oib(9), owners=["DRUGI Marko"])).id,
    ]
    await payments.deliver(found_eligible(payments, other), twice=True)
    for row in [await payments.row(ProviderRow, one) for one in ids]:  # the organisation itself, and one with an owner of it
        assert (row.state, row.decided_by) == (("approved", "officer-1") if may_apply else ("suspended", "system"))
    for number, twin in enumerate(({"tax_number": "HR 94577403194"}, {"owners": ["Marko Drugi"]}, {"name": "obrt Marko Drugi"}), 6):
        applied = Providers(payments).applied(**{"tax_number": oib(number), **twin})
        if may_apply:
            assert (await applied).state == "applied"
        else:
            assert await code_of(applied) == "provider-applies"
    providers = Providers(payments, voucher.organisation_id)
    provider = await providers.checked()
    await payments.deliver(found_eligible(payments, voucher), twice=True)
    approve = payments.run(approve_provider, providers.officer(), provider.id, Approval(("design",), date(2026, 3, 1)))
    if may_apply:
        assert (await approve).state == "approved"
    else:
        assert await code_of(approve) == "provider-applies"
        await payments.run(withdraw_provider, providers.person, provider.id)
        assert await code_of(providers.applied(seat=SEAT)) == "provider-applies"


async def test_who_applied_once_may_be_a_provider_later(payments: Payments) -> None:
    """From the submission on, before any verdict, until the application or its voucher has ended; in whatever order the events come."""
    rules = Rules(may_apply=False, answer_within=payments.policy.claims.check_within)
    payments.use(payments.policy.model_copy(update={"providers": rules}))
    call_id = await payments.open_call(100_000)
    codes = []
    for number, late in enumerate((False, True)):
        voucher = payments.voucher(call_id, 10_000)
        providers, refused = Providers(payments, voucher.organisation_id), ended(AwardRefused, rules=["below-threshold"])(payments, voucher)
        await payments.deliver(*([refused] if late else []), submitted(payments, voucher), found_eligible(payments, voucher), twice=True)
        if not late:
            codes.append(await code_of(providers.applied(tax_number=oib(number))))
            await payments.deliver(refused)
        codes.append((await providers.applied(tax_number=oib(number))).state)
    voucher = payments.voucher(call_id, 10_000)
    await payments.deliver(submitted(payments, voucher), payments.reservation(voucher))
    last = Providers(payments, voucher.organisation_id)
    codes.append(await code_of(last.applied(tax_number=oib(3))))
    await payments.deliver(FundsReleaseRequested(**voucher.about()))
    codes.append((await last.applied(tax_number=oib(3))).state)
    assert codes == ["provider-applies", "applied", "applied", "provider-applies", "applied"]


async def test_provider_states_its_account_and_finance_confirms_it(payments: Payments) -> None:
    providers = Providers(payments)
    provider = await providers.approved()
    number = payments.account_of(providers.organisation_id)
    await payments.run(state_provider_account, providers.person, provider.id, "Sample Design Bureau", number)
    await payments.run(state_provider_account, providers.person, provider.id, "Sample Design Bureau", number)
    assert len(await payments.events(PayeeAccountProposed)) == 1
    assert (await payments.row(PayeeRow, providers.payee_id)).account_version == 0
    assert (await payments.run(registration_of, providers.person, provider.id)).account == "proposed"
    assert (await Providers(payments).payable(tax_number="12345678903")).state == "approved"
