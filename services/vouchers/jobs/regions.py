"""Keeps in order what each region has in Temporal beside its workflows: the queue of its tasks, and the schedule of retention. Anybody who
reaches Temporal can send them elsewhere, remove, pause or change them."""

import asyncio

import structlog

from services.vouchers.deadlines.queries.retention import late_retention
from services.vouchers.lifecycles import Lifecycles
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 300

log = structlog.get_logger()


class Regions:
    """`keep_queues` and `keep_schedules` are jobs of a worker, each one look after a pause; so one that fails does not stop the other."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, lifecycles: Lifecycles) -> None:
        self.sessions, self.clock, self.policies, self.lifecycles = sessions, clock, policies, lifecycles
        self.regions = sorted({policy.region for policy in policies.all()})
        self.late: set[tuple[str, str]] = set()

    async def keep_queues(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        await self.look_at_queues()

    async def keep_schedules(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        await self.look_at_schedules()
        await self.look_at_retention()

    async def look_at_schedules(self) -> list[str]:
        """The regions whose schedule was not as it has to be, and is so now."""
        corrected = [region for region in self.regions if await self.lifecycles.schedule_retention(region, self.clock)]
        if corrected:
            log.warning("schedules of retention were missing, paused or changed", service="vouchers", regions=corrected)
        return corrected

    async def look_at_retention(self) -> list[str]:
        """The regions in which nothing was announced the day before, at this look and the one before, and is now."""
        async with self.sessions.begin() as session:
            context = Context(session, SYSTEM, self.policies, self.clock.now)
            late = {(region, since) for region in self.regions if (since := await late_retention(context, region))}
        regions = sorted(region for region, _ in late & self.late)
        self.late = late
        for region in regions:
            await self.lifecycles.repeat_retention(region)
        if regions:
            log.error("retention did not go on", service="vouchers", regions=regions)
        return regions

    async def look_at_queues(self) -> list[str]:
        """The regions whose tasks went to workers that are not ours, and come to ours again."""
        taken_back = [region for region in self.regions if await self.lifecycles.take_back_queue(region)]
        if taken_back:
            log.error("tasks went to workers of a version, which ours are not", service="vouchers", regions=taken_back)
        return taken_back
