"""Every branch of the lifecycle, in skipped time, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.extend_voucher import extend_voucher
from services.vouchers.commands.revoke_voucher import revoke_voucher
from services.vouchers.commands.suspend_voucher import resume_voucher, suspend_voucher
from services.vouchers.commands.withdraw_voucher import withdraw_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.vouchers import recorded_status
from shared.contracts import payments, vouchers
from shared.kernel.errors import Conflict
from shared.kernel.ids import check_code
from tests.workflows.programme import FOUR_YEARS_SINCE, Programme, applicant, officer, settled

APPLICANT, OFFICER = applicant("be-kortrijk"), officer("be-kortrijk")
DAY = timedelta(days=1)


async def test_award_with_claim_runs_to_its_settlement(programme: Programme) -> None:
    offer = await programme.offered()
    assert offer.answer_by == datetime(2026, 1, 26, 23, tzinfo=UTC)  # 15 working days after the 5th, local midnight
    assert (await programme.status()).acts_next == "beneficiary"
    voucher = await programme.issued()
    assert check_code(voucher.code)
    assert voucher.valid_until == datetime(2026, 7, 5, 22, tzinfo=UTC)  # six months, in summer time
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    assert (await programme.status()).until == voucher.claim_window_until
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "settled"
    ends = [("validity-ends", voucher.valid_until), ("claim-window-ends", voucher.claim_window_until)]
    assert programme.milestones_of(programme.voucher_id) == ends
    assert not programme.published(vouchers.VoucherExpired)


@pytest.mark.parametrize("rule", [None, "de-minimis-ceiling"])
async def test_award_over_the_envelope_is_not_funded(programme: Programme, rule: str | None) -> None:
    programme.replies[vouchers.FundsReservationRequested] = lambda its, event: [
        payments.FundsReservationRefused(**its.about, amount_minor=500_000, currency="EUR", available_minor=1, rule=rule)
    ]
    await programme.grant()
    assert await programme.end() == "not-funded"
    [answer] = programme.published(vouchers.VoucherNotFunded)
    assert answer.rule == (rule or "envelope-exhausted")
    assert not programme.published(vouchers.VoucherOffered)


async def test_declined_offer_releases_its_money(programme: Programme) -> None:
    await programme.offered()
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=False)
    assert await programme.end() == "declined"
    assert len(programme.published(vouchers.FundsReleaseRequested)) == 1


async def test_offer_without_answer_lapses_after_its_reminders(programme: Programme) -> None:
    offer = await programme.offered()
    for days in (7, 2):
        await programme.go_to(offer.answer_by - days * DAY)
        await programme.wait_for(vouchers.MilestoneReached, 2 if days == 2 else 1)
    await programme.go_to(offer.answer_by)
    assert await programme.end() == "lapsed"
    reminders = [("offer-reminder", offer.answer_by - days * DAY) for days in (7, 2)]
    assert programme.milestones_of(programme.voucher_id) == reminders
    with pytest.raises(Conflict, match="ended"):
        await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)


async def test_acceptance_in_the_last_second_wins_over_the_timer(programme: Programme) -> None:
    """The row is accepted, but its signal has not arrived when the timer fires: the workflow follows the row."""
    offer = await programme.offered()
    await programme.go_to(offer.answer_by - timedelta(seconds=1))
    programme.relay_stopped = True
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.go_to(offer.answer_by + DAY)
    await programme.until_stage(Stage.ACCEPTED)
    programme.relay_stopped = False
    await programme.wait_for(vouchers.VoucherIssued)
    assert not programme.published(vouchers.OfferLapsed)


async def test_voucher_without_claim_expires(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"
    assert programme.published(vouchers.VoucherExpired)


async def test_extension_moves_the_end_and_keeps_the_old_date(programme: Programme) -> None:
    voucher = await programme.issued()
    later = voucher.valid_until + 60 * DAY
    await programme.run(extend_voucher, OFFICER, programme.voucher_id, until=later, reason="provider-late")
    extension = await programme.wait_for(vouchers.VoucherExtended)
    assert (extension.previous_valid_until, extension.valid_until) == (voucher.valid_until, later)
    await programme.go_to(voucher.valid_until + DAY)
    assert (await programme.status()).stage is Stage.ISSUED
    await programme.go_to(extension.claim_window_until)
    assert await programme.end() == "expired"
    assert programme.milestones_of(programme.voucher_id)[0] == ("validity-ends", later)


async def test_extension_without_its_signal_still_holds(programme: Programme) -> None:
    voucher = await programme.issued()
    programme.relay_stopped = True
    later = voucher.valid_until + 60 * DAY
    await programme.run(extend_voucher, OFFICER, programme.voucher_id, until=later, reason="provider-late")
    await programme.go_to(voucher.valid_until + DAY)
    assert (await programme.status()).until == later
    assert not programme.milestones_of(programme.voucher_id)


async def test_suspended_voucher_keeps_its_dates(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.run(suspend_voucher, OFFICER, programme.voucher_id, reason="under-review")
    await programme.until_status(lambda status: status.suspended)
    assert (await programme.status()).acts_next == "officer"
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.run(resume_voucher, OFFICER, programme.voucher_id, reason="review-done")
    await programme.until_status(lambda status: not status.suspended)
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"


async def test_suspension_can_end_after_the_claim_window(programme: Programme) -> None:
    """Until then payments does not decide the claim that was lodged before; otherwise the voucher could never be settled."""
    del programme.replies[vouchers.MilestoneReached]
    voucher = await programme.issued()
    await programme.claim()
    await programme.run(suspend_voucher, OFFICER, programme.voucher_id, reason="under-review")
    for instant in (voucher.valid_until, voucher.claim_window_until):
        await programme.go_to(instant)
    await programme.until_stage(Stage.SETTLING)
    assert recorded_status(await programme.row()).acts_next == "officer"
    await programme.run(resume_voucher, OFFICER, programme.voucher_id, reason="review-done")
    assert programme.published(vouchers.VoucherResumed)
    assert recorded_status(await programme.row()).acts_next == "finance"
    await programme.deliver(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"


async def test_withdrawal_ends_a_suspension(programme: Programme) -> None:
    await programme.issued()
    await programme.run(suspend_voucher, OFFICER, programme.voucher_id, reason="under-review")
    row = await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    assert not row.suspended
    assert await programme.end() == "withdrawn"


async def test_withdrawal_of_an_offer_releases_its_money(programme: Programme) -> None:
    await programme.offered()
    await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    assert await programme.end() == "withdrawn"
    assert programme.published(vouchers.FundsReleaseRequested)


async def test_withdrawal_before_the_commitment_issues_nothing(programme: Programme) -> None:
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    await programme.deliver(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    assert await programme.end() == "withdrawn"
    assert not programme.published(vouchers.VoucherIssued)


async def test_withdrawal_after_issue_waits_for_the_settlement(programme: Programme) -> None:
    programme.replies.pop(vouchers.VoucherWithdrawn)
    await programme.issued()
    await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    await programme.until_stage(Stage.SETTLING)
    assert not programme.published(vouchers.FundsReleaseRequested)
    await programme.deliver(settled(programme.about, paid_minor=100_000))
    assert await programme.end() == "withdrawn"


async def test_revocation_in_the_claim_window_ends_as_revoked(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.run(revoke_voucher, OFFICER, programme.voucher_id, reason="false-evidence")
    assert await programme.end() == "revoked"


async def test_voucher_paid_in_full_closes_before_its_end(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.deliver(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"
    assert await programme.now() < voucher.valid_until


async def test_end_of_the_programme_shortens_a_voucher(programme: Programme) -> None:
    await programme.go_to(datetime(2028, 6, 1, tzinfo=UTC))
    voucher = await programme.issued()
    assert voucher.valid_until == voucher.claim_window_until == programme.policy.programme_end_at
    await programme.go_to(voucher.valid_until)
    assert await programme.end() == "expired"


async def test_voucher_of_four_years_ends(programme: Programme) -> None:
    programme.policy = programme.book.resolve("be-kortrijk", "creative-voucher", FOUR_YEARS_SINCE)
    voucher = await programme.issued()
    assert voucher.valid_until.year == 2030
    for _ in range(48):
        await programme.go_to(await programme.now() + 30 * DAY)
    assert (await programme.status()).stage is Stage.ISSUED
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"


async def until_overdue(programme: Programme, due: datetime) -> None:
    """Nothing is announced one minute earlier, one event when the time is over, and no second one in the month after it."""
    before = programme.overdue()
    await programme.go_to(due - timedelta(minutes=1))
    assert programme.overdue() == before
    await programme.go_to(due)
    await programme.until_status(lambda status: (status.acts_next, status.overdue_since) == ("payments", due))
    assert recorded_status(await programme.row()) == await programme.status()
    await programme.go_to(due + 30 * DAY)
    assert programme.overdue() == [*before, due]


async def test_overdue_replies_of_payments_are_waited_for(programme: Programme) -> None:
    money = {**programme.about, "amount_minor": 500_000, "currency": "EUR"}
    for asked in (vouchers.FundsReservationRequested, vouchers.VoucherAccepted, vouchers.MilestoneReached):
        programme.replies.pop(asked)
    await programme.grant()
    await programme.until_stage(Stage.REQUESTED)
    await until_overdue(programme, datetime(2026, 1, 19, 23, tzinfo=UTC))  # ten working days after the 5th
    await programme.deliver(payments.FundsReserved(**money, available_minor=1))
    await programme.offered()
    assert (await programme.status()).overdue_since is None
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await until_overdue(programme, datetime(2026, 3, 5, 23, tzinfo=UTC))
    await programme.deliver(payments.FundsCommitted(**money))
    voucher = await programme.wait_for(vouchers.VoucherIssued)
    await programme.go_to(voucher.claim_window_until)
    await programme.until_stage(Stage.SETTLING)
    await until_overdue(programme, datetime(2026, 12, 23, 23, tzinfo=UTC))  # time to check and pay the last claim, and the bank's
    await programme.deliver(settled(programme.about))
    assert await programme.end() == "expired"


async def test_late_release_of_money_is_waited_for(programme: Programme) -> None:
    programme.replies.pop(vouchers.FundsReleaseRequested)
    await programme.offered()
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=False)
    await programme.until_stage(Stage.RELEASING)
    await until_overdue(programme, datetime(2026, 1, 19, 23, tzinfo=UTC))
    await programme.deliver(payments.FundsReleased(**programme.about, amount_minor=500_000, currency="EUR", available_minor=1))
    assert await programme.end() == "declined"


async def test_wait_that_ended_without_its_signal_is_not_overdue(programme: Programme) -> None:
    """The timer for the commitment fires after a withdrawal whose signal has not arrived: the workflow follows the row."""
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await programme.go_to(datetime(2026, 1, 19, 22, tzinfo=UTC))
    programme.relay_stopped = True
    await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    await programme.go_to(datetime(2026, 1, 20, 9, tzinfo=UTC))
    await programme.until_stage(Stage.RELEASING)
    programme.relay_stopped = False
    assert await programme.end() == "withdrawn"
    assert not programme.overdue()
