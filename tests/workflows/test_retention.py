"""The daily look at the cases of a region."""

from datetime import timedelta

from services.vouchers.deadlines.workflows.models import RetentionInput
from services.vouchers.deadlines.workflows.retention import Retention
from services.vouchers.temporal import task_queue
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import region_id
from shared.messaging.tables import OutboxRow
from tests.support.databases import run_as_owner
from tests.workflows.programme import BEGINNING, Programme


async def look(programme: Programme, number: int = 1, region: str = "") -> None:
    region, here = region or programme.policy.region, programme.policy.region
    await programme.client.execute_workflow(
        Retention.run, RetentionInput(region=region), id=f"retention-{region}-{number}", task_queue=task_queue(here)
    )


async def announced(programme: Programme) -> list[tuple[str, str]]:
    rows: list[OutboxRow] = await programme.desk.events(MilestoneReached)
    return [(row.body["region"], row.body["due_at"]) for row in rows]


async def close_call(programme: Programme, *, with_terms: bool) -> None:
    here = [policy for policy in programme.book.all() if policy.region == programme.policy.region]
    await programme.open_call(next(policy for policy in here if (policy.retention is not None) is with_terms))


async def test_look_is_announced_once_a_day(programme: Programme) -> None:
    await close_call(programme, with_terms=True)
    await look(programme, 1)
    await look(programme, 2)
    assert await announced(programme) == [(programme.policy.region, "2026-01-05T00:00:00Z")]
    await programme.go_to(BEGINNING + timedelta(days=1))
    await look(programme, 3)
    assert [due for _, due in await announced(programme)] == ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"]
    assert {row.key for row in await programme.desk.events(MilestoneReached)} == {region_id(programme.policy.region)}


async def test_look_before_a_term_began_announces_nothing(programme: Programme) -> None:
    """No call, and one whose policy sets no terms."""
    await look(programme, 1)
    await close_call(programme, with_terms=False)
    await look(programme, 2)
    assert await announced(programme) == []


async def test_look_before_a_call_closes_announces_nothing(programme: Programme) -> None:
    await close_call(programme, with_terms=True)
    await run_as_owner(programme.desk.sessions.kw["bind"], "UPDATE call_dates SET due_at = due_at + interval '1 second'")
    await look(programme)
    assert await announced(programme) == []


async def test_look_at_a_region_without_policy_announces_nothing(programme: Programme) -> None:
    await close_call(programme, with_terms=True)
    await look(programme, region="xx-nowhere")
    assert await announced(programme) == []
