"""Another amount and another provider, once an officer has granted them."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.queries.envelopes import ledger_balances
from services.payments.tables import EnvelopeRow, LedgerEntryRow, VoucherRow
from shared.contracts.payments import FundsAdded, FundsReleased, VoucherSettled, VoucherValueChanged, VoucherValueRefused
from shared.contracts.vouchers import AmountChangeRequested, ProviderChanged, VoucherWithdrawn
from shared.kernel.ids import new_id
from shared.kernel.invoice_numbers import issuer_hash
from tests.support.claims import KEY, SELLER, Drafts
from tests.support.payments import Payments, Voucher, code_of

ENVELOPE, VALUE = 150_000, 100_000
FUNDS = (FundsReleased, FundsAdded, VoucherValueChanged, VoucherValueRefused, VoucherSettled)
OTHER = "HR98765432106"


def wanted(payments: Payments, voucher: Voucher, amount_minor: int) -> AmountChangeRequested:
    about = {**voucher.about(), "currency": payments.policy.currency}
    return AmountChangeRequested(**about, change_id=new_id(), amount_minor=amount_minor)


async def money(payments: Payments, voucher: Voucher) -> tuple[int, int, int]:
    """What the voucher is worth, what it holds, and what the envelope has available, by the ledger too."""
    row, envelope = await payments.row(VoucherRow, voucher.id), await payments.row(EnvelopeRow, voucher.call_id)
    held = await payments.run(ledger_balances, payments.finance(1), voucher.call_id)
    assert (held["available"], held["committed"], sum(held.values())) == (envelope.available_minor, row.committed_minor, 0)
    return row.value_minor, row.committed_minor, envelope.available_minor


@pytest.mark.parametrize(
    ("amount", "after", "published"),
    [
        (60_000, (60_000, 60_000, 90_000), ["FundsReleased", "VoucherValueChanged"]),
        (150_000, (150_000, 150_000, 0), ["FundsAdded", "VoucherValueChanged"]),
        (150_001, (100_000, 100_000, 50_000), ["VoucherValueRefused"]),
        (29_999, (100_000, 100_000, 50_000), ["VoucherValueRefused"]),
        (30_000, (30_000, 30_000, 120_000), ["FundsReleased", "VoucherValueChanged"]),
    ],
    ids=["lower", "higher", "envelope-exhausted", "below-claimed", "what-is-claimed"],
)
async def test_granted_amount_is_booked_or_refused_once(
    payments: Payments, amount: int, after: tuple[int, int, int], published: list[str]
) -> None:
    """30,000 are claimed; the envelope has 50,000 left."""
    voucher = await payments.issued(await payments.open_call(ENVELOPE), VALUE)
    claim = await payments.lodged(voucher, 30_000)
    asked = wanted(payments, voucher, amount)
    await payments.deliver(asked, twice=True)
    await payments.deliver(asked)  # published again, under another id
    await payments.assert_nothing_lost()
    assert await money(payments, voucher) == after
    assert await payments.published(*FUNDS) == published
    await payments.run(reject_claim, payments.officer, claim.id, ["not-eligible"], None)
    assert await code_of(payments.lodged(voucher, after[0] + 1)) == "above-value"


async def test_refusal_names_the_bound(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(ENVELOPE), VALUE)
    await payments.lodged(voucher, 30_000)
    await payments.deliver(wanted(payments, voucher, 10_000), wanted(payments, voucher, 160_000))
    await payments.deliver(VoucherWithdrawn(**voucher.about()), wanted(payments, voucher, 90_000))
    said = [(event.body["rule"], event.body["limit_minor"]) for event in await payments.events(VoucherValueRefused)]
    assert said == [("below-claimed", 30_000), ("envelope-exhausted", 150_000), ("claims-closed", 100_000)]


async def test_amount_lowered_to_what_is_paid_settles_the_voucher(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(ENVELOPE), VALUE)
    await payments.paid(voucher, 40_000)
    await payments.deliver(wanted(payments, voucher, 40_000))
    assert await payments.published(*FUNDS) == ["FundsReleased", "VoucherValueChanged", "VoucherSettled"]
    assert await money(payments, voucher) == (40_000, 0, 110_000)
    kinds = [row.kind for row in await payments.rows(LedgerEntryRow)]
    assert kinds == ["opened", "reserved", "committed", "paid", "commitment-released"]


async def test_claim_lodged_before_more_was_granted_keeps_its_sum(payments: Payments) -> None:
    """It was cut by what the voucher was worth then; the rest is another claim."""
    drafts = Drafts(payments, await payments.issued(await payments.open_call(ENVELOPE), 10_000))
    claim_id = await drafts.lodged(2)
    await payments.deliver(wanted(payments, drafts.voucher, 20_000))
    for number in (1, 2):
        await drafts.checked(claim_id, number)
    await payments.run(accept_claim, payments.officer, claim_id, None)
    assert (await drafts.read(claim_id)).granted_minor == 10_000
    assert (await payments.row(VoucherRow, drafts.voucher.id)).claimed_minor == 10_000


@pytest.fixture
async def drafts(payments: Payments) -> Drafts:
    """Since 2 March the provider of the voucher is `OTHER`; known twice, and late."""
    drafts = Drafts(payments, await payments.issued(await payments.open_call(ENVELOPE), VALUE))
    changed = ProviderChanged(**drafts.voucher.about(), change_id=new_id(), provider_hash=issuer_hash(KEY, OTHER), since=date(2026, 3, 2))
    await payments.deliver(changed, twice=True)
    await payments.deliver(changed)
    await payments.assert_nothing_lost()
    return drafts


@pytest.mark.parametrize(
    ("day", "seller", "code"),
    [
        ("2026-03-01", SELLER, ""),
        ("2026-03-01", OTHER, "provider-later"),
        ("2026-03-02", SELLER, "provider-changed"),
        ("2026-03-02", OTHER.removeprefix("HR"), ""),
    ],
)
async def test_invoice_is_of_the_provider_in_force_on_its_day(drafts: Drafts, day: str, seller: str, code: str) -> None:
    body: dict[str, Any] = {"issued_on": day, "delivered_on": day, "paid_on": day, "seller_tax_number": seller}
    draft_id = await drafts.begun()
    if code:
        assert await code_of(drafts.line(draft_id, **body)) == code
    else:
        assert await drafts.lodged(1, **body)


async def test_claim_lodged_before_a_change_is_checked_by_it(payments: Payments) -> None:
    drafts = Drafts(payments, await payments.issued(await payments.open_call(ENVELOPE), VALUE))
    claim_id: UUID = await drafts.lodged(1)
    changed = ProviderChanged(**drafts.voucher.about(), change_id=new_id(), provider_hash=issuer_hash(KEY, OTHER), since=date(2026, 3, 1))
    await payments.deliver(changed)
    await drafts.checked(claim_id, 1)
    assert await code_of(payments.run(accept_claim, payments.officer, claim_id, None)) == "provider-changed"
