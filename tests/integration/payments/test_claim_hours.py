"""Hours of the beneficiary's own people in a claim: saved by function and days, proved by a timesheet, cut by an officer, counted once."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.commands.save_claim_hours import NewHours, save_claim_hours
from services.payments.tables import ClaimRow
from shared.contracts.payments import ClaimLodged
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.policy.own_share import OwnHours
from tests.support.claims import Drafts
from tests.support.payments import Payments, code_of
from tests.support.stored import assert_nowhere

FUNCTION = "Textile designer of the studio"
DAY = date(2026, 3, 2)


@pytest.fixture
async def drafts(payments: Payments) -> Drafts:
    """On a voucher of 1,000.00 at 50 %; an own hour counts 50.00."""
    value = payments.policy.value.model_copy(update={"intensity_bp": 5_000, "own_contribution_bp": 5_000})
    hours = OwnHours(rate_minor=5_000, most_share_bp=10_000, most_a_day_hundredths=1_000)
    payments.use(payments.policy.model_copy(update={"value": value, "own_hours": hours}))
    return Drafts(payments, await payments.issued(await payments.open_call(1_000_000), 100_000))


async def worked(drafts: Drafts, draft_id: UUID, hundredths: int = 200, line_id: UUID | None = None, function: str = FUNCTION) -> UUID:
    line_id = line_id or new_id()
    new = NewHours(function, DAY - timedelta(days=4), DAY, hundredths)
    await drafts.payments.run(save_claim_hours, drafts.applicant, draft_id, line_id, new)
    return line_id


async def with_hours(drafts: Drafts) -> UUID:
    """A draft with an invoice of 125.00 and two hours, complete."""
    draft_id = await drafts.complete()
    await drafts.document(draft_id, await worked(drafts, draft_id), "timesheet")
    return draft_id


async def test_hours_are_paid_for_as_own_share_and_cut(drafts: Drafts) -> None:
    payments = drafts.payments
    draft_id = await drafts.complete()
    line_id = await worked(drafts, draft_id, 300)
    view = await drafts.draft(draft_id)
    assert view.own_hours is not None
    assert [(gap.code, gap.line) for gap in view.gaps] == [("timesheet-missing", 2)]
    assert (view.computation.hours_minor, view.computation.counted_hours_minor) == (15_000, 12_500), "as much as the invoice leaves"
    await worked(drafts, draft_id, 200, line_id)  # a change, not another line
    assert await code_of(drafts.document(draft_id, line_id, "invoice")) == "timesheet-alone"
    await drafts.document(draft_id, line_id, "timesheet")
    assert await code_of(drafts.document(draft_id, line_id, "timesheet")) == "timesheet-given"
    assert await code_of(drafts.line(draft_id, line_id)) == "unknown-line"
    assert await code_of(worked(drafts, draft_id)) == "hours-repeated"
    stranger = payments.actor("applicant-9", Role.APPLICANT, new_id())
    other = NewHours(FUNCTION, DAY, DAY, 100)
    assert await code_of(payments.run(save_claim_hours, stranger, draft_id, new_id(), other)) == "not-owner"
    claim_id = await drafts.lodge(draft_id)
    lodged = await payments.row(ClaimRow, claim_id)
    assert (lodged.eligible_minor, lodged.requested_minor) == (22_500, 11_250)
    await drafts.checked(claim_id, 1)
    await drafts.checked(claim_id, 2, 5_000, "One hour is of another project.")
    await payments.run(accept_claim, payments.officer, claim_id, None)
    read = await drafts.read(claim_id)
    assert read.computation is not None
    assert (read.granted_minor, read.computation.counted_hours_minor, read.computation.own_minor) == (8_750, 5_000, 8_750)
    [line] = [line for line in read.lines if line.hours_hundredths]
    assert (line.function, line.worked_from, line.hours_hundredths, line.seller) == (FUNCTION, DAY - timedelta(days=4), 200, None)
    await assert_nowhere(payments.sessions, FUNCTION)
    [event] = await payments.events(ClaimLodged)
    assert FUNCTION not in str(event.body)


async def test_hours_are_claimed_once_unless_the_claim_was_rejected(drafts: Drafts) -> None:
    payments = drafts.payments
    first = await drafts.lodge(await with_hours(drafts))
    second = await with_hours(drafts)
    assert await code_of(drafts.lodge(second)) == "hours-claimed"
    await payments.run(reject_claim, payments.officer, first, ["no-evidence"], "The timesheet is not signed.")
    claim = await payments.row(ClaimRow, await drafts.lodge(second))
    assert claim.requested_minor == 11_250
