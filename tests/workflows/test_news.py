"""News that a lifecycle hears twice, too early or too late."""

import asyncio

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.stop_voucher import withdraw_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.workflows.models import Heard, News
from shared.contracts import payments, vouchers
from shared.kernel.ids import new_id
from tests.workflows.programme import Programme, applicant, settled

APPLICANT = applicant("be-kortrijk")


async def test_every_event_taken_again_after_a_crash_changes_nothing(programme: Programme) -> None:
    programme.stutter = True
    voucher = await programme.issued()
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "settled"
    kinds = [type(event) for event in programme.log if not isinstance(event, vouchers.MilestoneReached)]
    assert len(kinds) == len(set(kinds)), kinds
    assert len(programme.milestones()) == 3


async def test_the_same_news_twice_are_heard_once(programme: Programme) -> None:
    await programme.offered()
    news, other = (News(event_id=new_id(), heard=Heard.EXTENDED) for _ in range(2))
    for one, steps in ((news, 3), (news, 3), (news, 3), (other, 4)):  # request, offer, a look after each
        assert await programme.lifecycles.tell_voucher(programme.award_id, one)
        await programme.until_steps(steps)
        await asyncio.sleep(0.2)
    assert await programme.steps() == 4


async def test_answers_that_come_before_they_are_waited_for_are_kept(programme: Programme) -> None:
    """The commitment is heard before the acceptance that it answers, and the settlement before the end of validity."""
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.tell(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    await programme.act(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.wait_for(vouchers.VoucherIssued)
    await programme.tell(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"


async def test_what_comes_after_the_end_is_recorded_and_restarts_nothing(programme: Programme) -> None:
    await programme.offered()
    await programme.act(withdraw_voucher, APPLICANT, programme.voucher_id, "business-ended")
    await programme.end()
    await programme.tell(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    await programme.grant()
    assert await programme.late_signals() == ["committed"]
    assert [event.outcome for event in programme.heard(vouchers.VoucherClosed)] == ["withdrawn"]
    assert (await programme.lifecycle.describe()).close_time is not None


async def test_news_of_a_voucher_that_does_not_exist_yet_wait(programme: Programme) -> None:
    await programme.tell(payments.FundsReserved(**programme.about, amount_minor=500_000, currency="EUR", available_minor=1))
    programme.replies.pop(vouchers.FundsReservationRequested)
    await programme.grant()
    await programme.wait_for(vouchers.FundsReservationRequested)
    await programme.inbox.retry_parked()
    await programme.wait_for(vouchers.VoucherOffered)
