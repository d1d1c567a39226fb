"""Every branch of the lifecycle, in skipped time, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.extend_voucher import extend_voucher
from services.vouchers.commands.stop_voucher import revoke_voucher, withdraw_voucher
from services.vouchers.commands.suspend_voucher import resume_voucher, suspend_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.vouchers import recorded_standing
from shared.contracts import payments, vouchers
from shared.kernel.errors import Conflict
from shared.kernel.ids import check_code
from tests.workflows.programme import FOUR_YEARS_SINCE, Programme, applicant, officer, settled

APPLICANT, OFFICER = applicant("be-kortrijk"), officer("be-kortrijk")
DAY = timedelta(days=1)


async def test_an_award_lives_to_its_settlement(programme: Programme) -> None:
    offer = await programme.offered()
    assert offer.answer_by == datetime(2026, 1, 26, 23, tzinfo=UTC)  # 15 working days after the 5th, local midnight
    assert (await programme.standing()).acts_next == "beneficiary"
    voucher = await programme.issued()
    assert check_code(voucher.code)
    assert voucher.valid_until == datetime(2026, 7, 5, 22, tzinfo=UTC)  # six months, in summer time
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    assert (await programme.standing()).until == voucher.claim_window_until
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "settled"
    ends = [("validity-ends", voucher.valid_until), ("claim-window-ends", voucher.claim_window_until)]
    assert programme.milestones_of(programme.voucher_id) == ends
    assert not programme.heard(vouchers.VoucherExpired)


async def test_an_award_that_the_envelope_cannot_hold_is_not_funded(programme: Programme) -> None:
    programme.replies[vouchers.FundsReservationRequested] = lambda its, event: [
        payments.FundsReservationRefused(**its.about, amount_minor=500_000, currency="EUR", available_minor=1)
    ]
    await programme.grant()
    assert await programme.end() == "not-funded"
    assert programme.heard(vouchers.VoucherNotFunded)
    assert not programme.heard(vouchers.VoucherOffered)


async def test_a_declined_offer_gives_its_money_back(programme: Programme) -> None:
    await programme.offered()
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=False)
    assert await programme.end() == "declined"
    assert len(programme.heard(vouchers.FundsReleaseRequested)) == 1


async def test_an_offer_lapses_after_its_reminders(programme: Programme) -> None:
    offer = await programme.offered()
    for days in (7, 2):
        await programme.go_to(offer.answer_by - days * DAY)
        await programme.wait_for(vouchers.MilestoneReached, 2 if days == 2 else 1)
    await programme.go_to(offer.answer_by)
    assert await programme.end() == "lapsed"
    reminders = [("offer-reminder", offer.answer_by - days * DAY) for days in (7, 2)]
    assert programme.milestones_of(programme.voucher_id) == reminders
    with pytest.raises(Conflict, match="ended"):
        await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)


async def test_an_acceptance_in_the_last_moment_wins_over_the_timer(programme: Programme) -> None:
    """The row is accepted, but the workflow has not heard of it when its timer fires: it follows the row."""
    offer = await programme.offered()
    await programme.go_to(offer.answer_by - timedelta(seconds=1))
    programme.deaf = True
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.go_to(offer.answer_by + DAY)
    await programme.until_stage(Stage.ACCEPTED)
    programme.deaf = False
    await programme.wait_for(vouchers.VoucherIssued)
    assert not programme.heard(vouchers.OfferLapsed)


async def test_a_voucher_that_nobody_claims_on_expires(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"
    assert programme.heard(vouchers.VoucherExpired)


async def test_an_extension_moves_the_end_and_keeps_the_old_date(programme: Programme) -> None:
    voucher = await programme.issued()
    later = voucher.valid_until + 60 * DAY
    await programme.act(extend_voucher, OFFICER, programme.voucher_id, later, "provider-late")
    extension = await programme.wait_for(vouchers.VoucherExtended)
    assert (extension.previous_valid_until, extension.valid_until) == (voucher.valid_until, later)
    await programme.go_to(voucher.valid_until + DAY)
    assert (await programme.standing()).stage is Stage.ISSUED
    await programme.go_to(extension.claim_window_until)
    assert await programme.end() == "expired"
    assert programme.milestones_of(programme.voucher_id)[0] == ("validity-ends", later)


async def test_an_extension_that_the_workflow_has_not_heard_of_still_holds(programme: Programme) -> None:
    voucher = await programme.issued()
    programme.deaf = True
    later = voucher.valid_until + 60 * DAY
    await programme.act(extend_voucher, OFFICER, programme.voucher_id, later, "provider-late")
    await programme.go_to(voucher.valid_until + DAY)
    assert (await programme.standing()).until == later
    assert not programme.milestones_of(programme.voucher_id)


async def test_the_calendar_runs_on_while_a_voucher_is_suspended(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.act(suspend_voucher, OFFICER, programme.voucher_id, "under-review")
    await programme.until_standing(lambda standing: standing.suspended)
    assert (await programme.standing()).acts_next == "officer"
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.act(resume_voucher, OFFICER, programme.voucher_id, "review-done")
    await programme.until_standing(lambda standing: not standing.suspended)
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"


async def test_a_suspension_that_outlasts_the_claim_window_is_ended_all_the_same(programme: Programme) -> None:
    """The claim that was lodged before rests with payments until then; nothing would ever be paid on it, nor the voucher settled."""
    del programme.replies[vouchers.MilestoneReached]
    voucher = await programme.issued()
    await programme.claim()
    await programme.act(suspend_voucher, OFFICER, programme.voucher_id, "under-review")
    for instant in (voucher.valid_until, voucher.claim_window_until):
        await programme.go_to(instant)
    await programme.until_stage(Stage.SETTLING)
    assert recorded_standing(await programme.row()).acts_next == "officer"
    await programme.act(resume_voucher, OFFICER, programme.voucher_id, "review-done")
    assert programme.heard(vouchers.VoucherResumed)
    assert recorded_standing(await programme.row()).acts_next == "finance"
    await programme.tell(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"


async def test_what_is_given_up_is_suspended_no_longer(programme: Programme) -> None:
    await programme.issued()
    await programme.act(suspend_voucher, OFFICER, programme.voucher_id, "under-review")
    row = await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    assert not row.suspended
    assert await programme.end() == "withdrawn"


async def test_withdrawal_of_an_offer_gives_its_money_back(programme: Programme) -> None:
    await programme.offered()
    await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    assert await programme.end() == "withdrawn"
    assert programme.heard(vouchers.FundsReleaseRequested)


async def test_withdrawal_while_the_commitment_is_awaited_issues_nothing(programme: Programme) -> None:
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    await programme.tell(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    assert await programme.end() == "withdrawn"
    assert not programme.heard(vouchers.VoucherIssued)


async def test_withdrawal_of_an_issued_voucher_waits_for_its_payments(programme: Programme) -> None:
    programme.replies.pop(vouchers.VoucherWithdrawn)
    await programme.issued()
    await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    await programme.until_stage(Stage.SETTLING)
    assert not programme.heard(vouchers.FundsReleaseRequested)
    await programme.tell(settled(programme.about, paid_minor=100_000))
    assert await programme.end() == "withdrawn"


async def test_revocation_in_the_claim_window_ends_as_revoked(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.act(revoke_voucher, OFFICER, programme.voucher_id, "false-evidence")
    assert await programme.end() == "revoked"


async def test_a_voucher_that_is_paid_in_full_closes_before_its_end(programme: Programme) -> None:
    voucher = await programme.issued()
    await programme.tell(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"
    assert await programme.now() < voucher.valid_until


async def test_the_end_of_the_programme_cuts_a_voucher_short(programme: Programme) -> None:
    await programme.go_to(datetime(2028, 6, 1, tzinfo=UTC))
    voucher = await programme.issued()
    assert voucher.valid_until == voucher.claim_window_until == programme.policy.programme_end_at
    await programme.go_to(voucher.valid_until)
    assert await programme.end() == "expired"


async def test_a_voucher_of_four_years_ends(programme: Programme) -> None:
    programme.policy = programme.book.resolve("be-kortrijk", "creative-voucher", FOUR_YEARS_SINCE)
    voucher = await programme.issued()
    assert voucher.valid_until.year == 2030
    for _ in range(48):
        await programme.go_to(await programme.now() + 30 * DAY)
    assert (await programme.standing()).stage is Stage.ISSUED
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "expired"


async def until_overdue(programme: Programme, due: datetime) -> None:
    """Nothing is said a moment earlier, one thing when the time is over, and nothing more in the month after it."""
    before = programme.overdue()
    await programme.go_to(due - timedelta(minutes=1))
    assert programme.overdue() == before
    await programme.go_to(due)
    await programme.until_standing(lambda standing: (standing.acts_next, standing.overdue_since) == ("payments", due))
    assert recorded_standing(await programme.row()) == await programme.standing()
    await programme.go_to(due + 30 * DAY)
    assert programme.overdue() == [*before, due]


async def test_payments_is_waited_for_however_late_each_of_its_answers_is(programme: Programme) -> None:
    money = {**programme.about, "amount_minor": 500_000, "currency": "EUR"}
    for asked in (vouchers.FundsReservationRequested, vouchers.VoucherAccepted, vouchers.MilestoneReached):
        programme.replies.pop(asked)
    await programme.grant()
    await programme.until_stage(Stage.REQUESTED)
    await until_overdue(programme, datetime(2026, 1, 19, 23, tzinfo=UTC))  # ten working days after the 5th
    await programme.tell(payments.FundsReserved(**money, available_minor=1))
    await programme.offered()
    assert (await programme.standing()).overdue_since is None
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await until_overdue(programme, datetime(2026, 3, 5, 23, tzinfo=UTC))
    await programme.tell(payments.FundsCommitted(**money))
    voucher = await programme.wait_for(vouchers.VoucherIssued)
    await programme.go_to(voucher.claim_window_until)
    await programme.until_stage(Stage.SETTLING)
    await until_overdue(programme, datetime(2026, 12, 23, 23, tzinfo=UTC))  # time to check and pay the last claim, and the bank's
    await programme.tell(settled(programme.about))
    assert await programme.end() == "expired"


async def test_money_that_is_given_back_late_is_waited_for(programme: Programme) -> None:
    programme.replies.pop(vouchers.FundsReleaseRequested)
    await programme.offered()
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=False)
    await programme.until_stage(Stage.RELEASING)
    await until_overdue(programme, datetime(2026, 1, 19, 23, tzinfo=UTC))
    await programme.tell(payments.FundsReleased(**programme.about, amount_minor=500_000, currency="EUR", available_minor=1))
    assert await programme.end() == "declined"


async def test_a_wait_that_ended_unheard_is_not_called_overdue(programme: Programme) -> None:
    """The timer for the commitment fires after a withdrawal that the workflow has not heard of: it follows the row."""
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.until_stage(Stage.ACCEPTED)
    await programme.go_to(datetime(2026, 1, 19, 22, tzinfo=UTC))
    programme.deaf = True
    await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    await programme.go_to(datetime(2026, 1, 20, 9, tzinfo=UTC))
    await programme.until_stage(Stage.RELEASING)
    programme.deaf = False
    assert await programme.end() == "withdrawn"
    assert not programme.overdue()
