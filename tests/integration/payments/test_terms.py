"""The money of a case with terms of its own: reserved with them, claimed at its rate, changed within its most."""

from datetime import date
from uuid import UUID

from services.payments.commands.lodge_claim import lodge_claim
from services.payments.queries.claim_drafts import claim_draft_of
from services.payments.tables import ClaimRow, VoucherRow
from shared.contracts.common import AwardTerms
from shared.contracts.payments import VoucherValueChanged, VoucherValueRefused
from shared.contracts.vouchers import AmountChangeRequested, VoucherAccepted
from shared.kernel.ids import new_id
from shared.messaging.tables import DeadLetterRow
from tests.support.applications import BOOK
from tests.support.claims import Drafts
from tests.support.payments import Payments, Voucher, code_of

TERMS = AwardTerms(voucher_type="digital-marketing", intensity_bp=5_000, largest_minor=999_000, recovers_vat=True)


async def issued(payments: Payments, amount_minor: int) -> Voucher:
    rules = BOOK.resolve("hr-koprivnica", "vauceri-za-digitalizaciju", date(2027, 3, 1))
    payments.use(rules.model_copy(update={"budget": None, "state_aid": None}))  # the budget is confirmed, and what is declared known
    voucher = payments.voucher(await payments.open_call(5_000_000), amount_minor)
    asked = payments.reservation(voucher).model_copy(update={"terms": TERMS})
    await payments.deliver(asked, VoucherAccepted(**voucher.about()), payments.issue(voucher), twice=True)
    await payments.assert_nothing_lost()
    return voucher


async def test_claim_follows_the_terms_of_the_award(payments: Payments) -> None:
    """Digital marketing: 50 %, no VAT for a firm that declared that it gets it back, and a day of order after validity."""
    drafts = Drafts(payments, await issued(payments, 500_000))
    whole = payments.new_claim(drafts.voucher, new_id(), 5_000)
    assert await code_of(payments.run(lodge_claim, drafts.applicant, whole)) == "lines-needed"
    draft_id = await drafts.begun()
    days = dict.fromkeys(("issued_on", "delivered_on", "paid_on"), "2026-03-02")  # of the issue: not before it
    assert await code_of(drafts.line(draft_id)) == "before-expenditure"
    assert await code_of(drafts.line(draft_id, **days)) == "vat-declared-recoverable"
    claim = await payments.row(ClaimRow, await drafts.lodged(claimed_minor=10_000, ordered_on="2026-02-01", **days))
    assert (claim.eligible_minor, claim.requested_minor) == (10_000, 5_000)
    row = await payments.row(VoucherRow, drafts.voucher.id)
    assert (row.terms, row.valid_until is None) == (TERMS.model_dump(), False)
    view = await payments.run(claim_draft_of, drafts.applicant, await drafts.draft_of(claim.id), "en")
    assert (view.lines[0].ordered_on, view.vat_eligible, view.recovers_vat, view.grace_until is None) == (
        date(2026, 2, 1), "not-recoverable", True, False,
    )  # fmt: skip


async def test_voucher_grows_to_its_most_and_no_further(payments: Payments) -> None:
    voucher = await issued(payments, 900_000)

    async def change(amount_minor: int) -> UUID:
        asked = AmountChangeRequested(**voucher.about(), currency="EUR", change_id=new_id(), amount_minor=amount_minor)
        await payments.deliver(asked)
        return asked.change_id

    await change(999_000)
    await change(999_001)
    assert await payments.published(VoucherValueChanged, VoucherValueRefused) == ["VoucherValueChanged"]
    [letter] = await payments.rows(DeadLetterRow)
    assert "allowed is 0 to 999000" in str(letter.error)


async def test_award_without_its_terms_reserves_nothing(payments: Payments) -> None:
    await issued(payments, 500_000)
    forged = payments.reservation(payments.voucher(await payments.open_call(5_000_000), 500_000))
    await payments.deliver(forged)
    [letter] = await payments.rows(DeadLetterRow)
    assert "terms are missing" in str(letter.error)
