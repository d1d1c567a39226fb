"""The calendar of a call: its dates in order, an extension, the approval of a ranking."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.vouchers.deadlines.timers import call_workflow
from shared.contracts.applications import CallExtended, CallPublished
from shared.contracts.evaluation import RankingApproved
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import SelectionMethod
from tests.workflows.programme import Programme

OPENS, CLOSES = datetime(2026, 1, 10, 8, tzinfo=UTC), datetime(2026, 2, 10, 16, tzinfo=UTC)
DUE, ENDS = datetime(2026, 3, 10, 23, tzinfo=UTC), datetime(2026, 5, 1, 22, tzinfo=UTC)
SOON, DAY = CLOSES - timedelta(days=3), timedelta(days=1)


async def publish(programme: Programme, selection: SelectionMethod = SelectionMethod.DRAW) -> None:
    about = {"call_id": programme.call_id, "slug": "a-call", "scheme": programme.policy.scheme, "policy_id": programme.policy.id}
    money: dict[str, Any] = {"selection_method": selection, "currency": "EUR", "envelope_minor": 1_000_000}
    dates = {"opens_at": OPENS, "closes_at": CLOSES, "evaluation_due_at": DUE, "reserve_list_ends_at": ENDS}
    await programme.deliver(CallPublished(region=programme.policy.region, **about, **money, **dates, reminders_at=[SOON]))


async def approve(programme: Programme) -> None:
    counts = {"granted": 1, "reserve": 0, "refused": 0}
    ids = {"call_id": programme.call_id, "region": programme.policy.region}
    await programme.deliver(RankingApproved(**ids, selection_method=SelectionMethod.DRAW, list_hash="00", nonce="00", seed="00", **counts))


async def extend(programme: Programme, by: timedelta) -> None:
    dates = {"closes_at": CLOSES + by, "previous_closes_at": CLOSES, "evaluation_due_at": DUE + by, "reserve_list_ends_at": ENDS + by}
    await programme.deliver(CallExtended(call_id=programme.call_id, region=programme.policy.region, **dates))


async def ended(programme: Programme) -> None:
    await programme.client.get_workflow_handle(call_workflow(programme.call_id)).result()


async def test_dates_are_announced_in_their_order(programme: Programme) -> None:
    await publish(programme)
    await programme.go_to(DUE)
    await programme.wait_for(MilestoneReached, 4)
    await approve(programme)
    await programme.go_to(ENDS)
    await programme.wait_for(MilestoneReached, 6)
    await ended(programme)
    appeals_over = datetime(2026, 4, 10, 22, tzinfo=UTC)  # 30 days from the day after 11 March (local), in summer time
    assert programme.milestones() == [
        ("call-opens", OPENS),
        ("call-closing-soon", SOON),
        ("call-closes", CLOSES),
        ("evaluation-due", DUE),
        ("appeals-over", appeals_over),
        ("reserve-list-ends", ENDS),
    ]


async def test_first_come_call_has_no_appeals(programme: Programme) -> None:
    await publish(programme, SelectionMethod.FIRST_COME)
    await approve(programme)
    await programme.go_to(ENDS)
    await programme.wait_for(MilestoneReached, 5)
    await ended(programme)
    assert "appeals-over" not in dict(programme.milestones())


async def test_extension_moves_the_dates_to_come(programme: Programme) -> None:
    await publish(programme)
    await programme.go_to(SOON + DAY)
    await extend(programme, 7 * DAY)
    await programme.go_to(CLOSES + DAY)
    assert dict(programme.milestones()) == {"call-opens": OPENS, "call-closing-soon": SOON}
    await programme.go_to(ENDS + 7 * DAY)
    await programme.wait_for(MilestoneReached, 5)
    moved = {"call-closes": CLOSES + 7 * DAY, "evaluation-due": DUE + 7 * DAY, "reserve-list-ends": ENDS + 7 * DAY}
    assert dict(programme.milestones()[2:]) == moved


async def test_close_announced_before_an_extension_is_repeated(programme: Programme) -> None:
    """The extension was made in time, but its event came late. The consumers of the first close compare instants."""
    await publish(programme)
    await programme.go_to(CLOSES)
    await programme.wait_for(MilestoneReached, 3)
    await extend(programme, 7 * DAY)
    await extend(programme, 7 * DAY)
    await programme.go_to(CLOSES + 7 * DAY)
    await programme.wait_for(MilestoneReached, 4)
    closes = [due for kind, due in programme.milestones() if kind == "call-closes"]
    assert closes == [CLOSES, CLOSES + 7 * DAY]


async def test_ranking_approved_late_still_has_its_appeals(programme: Programme) -> None:
    await publish(programme)
    await programme.go_to(ENDS + 30 * DAY)
    await programme.wait_for(MilestoneReached, 5)
    await approve(programme)
    await programme.go_to(ENDS + 90 * DAY)
    await programme.wait_for(MilestoneReached, 6)
    assert programme.milestones()[-1][0] == "appeals-over"
    await ended(programme)


async def test_missing_ranking_is_awaited_until_the_programme_ends(programme: Programme) -> None:
    await publish(programme)
    await programme.go_to(programme.policy.programme_end_at - DAY)
    await programme.wait_for(MilestoneReached, 5)
    assert (await programme.client.get_workflow_handle(call_workflow(programme.call_id)).describe()).close_time is None
    await programme.go_to(programme.policy.programme_end_at)
    await ended(programme)


async def test_events_repeated_after_a_crash_announce_nothing_twice(programme: Programme) -> None:
    programme.crash_first = True
    await publish(programme)
    await extend(programme, 7 * DAY)
    await approve(programme)
    await programme.go_to(ENDS + 7 * DAY)
    await programme.wait_for(MilestoneReached, 6)
    await ended(programme)
    assert len(programme.milestones()) == 6
