"""The daily look at the cases of a region."""

from datetime import timedelta

from services.vouchers.deadlines.workflows.models import RetentionInput
from services.vouchers.deadlines.workflows.retention import Retention
from services.vouchers.temporal import task_queue
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import region_id
from shared.messaging.tables import OutboxRow
from tests.workflows.programme import BEGINNING, Programme


async def look(programme: Programme, number: int = 1, region: str = "") -> None:
    region, here = region or programme.policy.region, programme.policy.region
    await programme.client.execute_workflow(
        Retention.run, RetentionInput(region=region), id=f"retention-{region}-{number}", task_queue=task_queue(here)
    )


async def announced(programme: Programme) -> list[tuple[str, str]]:
    rows: list[OutboxRow] = await programme.desk.events(MilestoneReached)
    return [(row.body["region"], row.body["due_at"]) for row in rows]


async def test_look_is_announced_once_a_day(programme: Programme) -> None:
    await look(programme, 1)
    await look(programme, 2)
    assert await announced(programme) == [(programme.policy.region, "2026-01-05T00:00:00Z")]
    await programme.go_to(BEGINNING + timedelta(days=1))
    await look(programme, 3)
    assert [due for _, due in await announced(programme)] == ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"]
    assert {row.key for row in await programme.desk.events(MilestoneReached)} == {region_id(programme.policy.region)}


async def test_look_at_a_region_without_policy_announces_nothing(programme: Programme) -> None:
    await look(programme, region="xx-nowhere")
    assert await announced(programme) == []
