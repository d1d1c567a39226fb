"""The lifecycle of a voucher of hours: the same workflow, with one reply of payments, about its aid."""

from datetime import timedelta
from typing import Any

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.book_session import book_session
from services.vouchers.commands.confirm_capacity import confirm_capacity
from services.vouchers.commands.plan_session import Plan, plan_session
from services.vouchers.commands.record_attendance import record_attendance
from services.vouchers.tables import VoucherRow
from shared.contracts import vouchers
from shared.contracts.aid import AidReserved
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import AwardGranted
from shared.identity.actor import Actor, Role, grants
from shared.messaging.event import Event
from tests.support.applications import BOOK
from tests.workflows.programme import BEGINNING, ORGANISATION, Programme, applicant, officer

REGION = "be-kortrijk"
POLICY = next(policy for policy in BOOK.all() if policy.scheme == "mentor-hours")
APPLICANT, OFFICER, FINANCE = applicant(REGION), officer(REGION), Actor("finance", grants({Role.FINANCE}, {REGION}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _within_the_ceiling(programme: Programme, asked: Any) -> list[Event]:
    return [AidReserved(**programme.about, amount_minor=asked.amount_minor, currency=asked.currency)]


async def test_hours_are_offered_used_and_settled_without_money(programme: Programme) -> None:
    """It waits for the confirmation of the capacity and for what the ceiling of aid leaves, wakes when a record stands by silence, and
    closes at the end."""
    programme.policy, programme.replies = POLICY, {vouchers.UnitsReserved: _within_the_ceiling}
    programme.desk.policies = programme.desk.inbox.policies = programme.book
    about = {"region": REGION, "scheme": POLICY.scheme, "policy_id": POLICY.id, "currency": "EUR"}
    dates = dict.fromkeys(("opens_at", "closes_at", "evaluation_due_at"), BEGINNING) | {"reserve_list_ends_at": BEGINNING + DAY}
    call = CallPublished(
        call_id=programme.call_id, slug="hours", selection_method="first-come", envelope_minor=POLICY.value.largest_minor, **about, **dates
    )
    award = AwardGranted(
        application_id=programme.application_id, call_id=programme.call_id, award_id=programme.award_id, grant_number=1,
        organisation_id=ORGANISATION, amount_minor=POLICY.value.largest_minor, rank=1, from_reserve=False, **about,
    )  # fmt: skip
    await programme.deliver(call, award)

    async def is_requested() -> bool:
        return programme.voucher_id in {row.id for row in await programme.desk.rows(VoucherRow)}

    await programme.until(is_requested, "the voucher")
    await programme.run(confirm_capacity, FINANCE, programme.call_id)  # type: ignore[arg-type]
    await programme.wait_for(vouchers.VoucherOffered)
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    issued = await programme.wait_for(vouchers.VoucherIssued)

    begins = await programme.now() + 5 * DAY
    plan = Plan("Pricing", "Kortrijk", "Design strategist", begins, begins + HOUR, 1)
    session = await programme.desk.run(plan_session, OFFICER, programme.call_id, plan)
    booking = await programme.desk.run(book_session, APPLICANT, programme.voucher_id, session.id)
    await programme.go_to(begins + HOUR)
    await programme.now()
    await programme.desk.run(record_attendance, OFFICER, booking.id, 0, None)
    await programme.relay()
    recorded = await programme.wait_for(vouchers.AttendanceRecorded)
    await programme.go_to(recorded.confirm_by)
    confirmed = await programme.wait_for(vouchers.AttendanceConfirmed)
    assert confirmed.units == 60
    await programme.go_to(issued.valid_until)
    await programme.go_to(issued.claim_window_until)
    assert await programme.end() == "settled"
    [released] = programme.published(vouchers.UnitsReleased)
    assert (released.units, released.attended) == (660, 60)
    assert not programme.published(vouchers.FundsReservationRequested)
    await programme.desk.assert_nothing_lost()
