"""Signals that reach a lifecycle twice, too early or too late."""

import asyncio

import pytest
from temporalio import activity

from services.vouchers.activities import VoucherActivities
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.close_voucher import close_voucher
from services.vouchers.commands.take_step import Change
from services.vouchers.commands.withdraw_voucher import withdraw_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.workflows.models import Position, Signal, SignalKind, Step
from shared.contracts import payments, vouchers
from shared.kernel.ids import new_id
from tests.workflows.programme import Programme, applicant, settled

APPLICANT = applicant("be-kortrijk")


async def test_events_repeated_after_a_crash_change_nothing(programme: Programme) -> None:
    programme.crash_first = True
    voucher = await programme.issued()
    await programme.claim()
    await programme.go_to(voucher.valid_until)
    await programme.until_stage(Stage.CLAIMING)
    await programme.go_to(voucher.claim_window_until)
    assert await programme.end() == "settled"
    kinds = [type(event) for event in programme.log if not isinstance(event, vouchers.MilestoneReached)]
    assert len(kinds) == len(set(kinds)), kinds
    assert len(programme.milestones()) == 3


async def test_repeated_signal_causes_one_review(programme: Programme) -> None:
    await programme.offered()
    first, other = (Signal(event_id=new_id(), kind=SignalKind.EXTENDED) for _ in range(2))
    for signal, steps in ((first, 3), (first, 3), (first, 3), (other, 4)):  # reservation, offer, one review for each new signal
        assert await programme.lifecycles.signal_voucher(programme.award_id, signal)
        await programme.until_steps(steps)
        await asyncio.sleep(0.2)
    assert await programme.steps() == 4


async def test_last_step_that_runs_twice_has_one_effect(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal comes while the last local activity runs: Temporal runs it again, also as attempt 1."""
    attempts, take = list[int](), VoucherActivities._take

    async def slowly(self: VoucherActivities, step: Step, change: Change, *, is_first: bool = False) -> Position:
        position = await take(self, step, change, is_first=is_first)
        if change is close_voucher:
            attempts.append(activity.info().attempt)
            if len(attempts) == 1:
                signal = Signal(event_id=new_id(), kind=SignalKind.EXTENDED)
                await programme.lifecycles.signal_voucher(programme.award_id, signal)
                await asyncio.sleep(0.5)
        return position

    monkeypatch.setattr(VoucherActivities, "_take", slowly)
    await programme.issued()
    await programme.deliver(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"
    assert attempts == [1, 1], "Temporal does not repeat it any more"
    assert len(programme.published(vouchers.VoucherClosed)) == 1


async def test_early_replies_are_kept(programme: Programme) -> None:
    """The commitment arrives before the acceptance that it replies to, and the settlement before the end of validity."""
    programme.replies.pop(vouchers.VoucherAccepted)
    await programme.offered()
    await programme.deliver(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    await programme.run(answer_offer, APPLICANT, programme.voucher_id, accept=True)
    await programme.wait_for(vouchers.VoucherIssued)
    await programme.deliver(settled(programme.about, paid_minor=500_000))
    assert await programme.end() == "settled"


async def test_signal_after_the_end_is_recorded_only(programme: Programme) -> None:
    await programme.offered()
    await programme.run(withdraw_voucher, APPLICANT, programme.voucher_id, reason="business-ended")
    await programme.end()
    await programme.deliver(payments.FundsCommitted(**programme.about, amount_minor=500_000, currency="EUR"))
    await programme.grant()
    assert await programme.late_signals() == ["committed"]
    assert [event.outcome for event in programme.published(vouchers.VoucherClosed)] == ["withdrawn"]
    assert (await programme.lifecycle.describe()).close_time is not None


async def test_event_before_its_voucher_is_parked(programme: Programme) -> None:
    await programme.deliver(payments.FundsReserved(**programme.about, amount_minor=500_000, currency="EUR", available_minor=1))
    programme.replies.pop(vouchers.FundsReservationRequested)
    await programme.grant()
    await programme.wait_for(vouchers.FundsReservationRequested)
    await programme.desk.inbox.retry_parked()
    await programme.wait_for(vouchers.VoucherOffered)
