"""Two owners act on each other at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.people.commands.change_member import change_member
from services.people.commands.end_membership import end_membership
from services.people.locks import lock_organisation
from services.people.tables import MembershipRow
from shared.identity.actor import SYSTEM, Actor
from shared.kernel.errors import Forbidden, Refused
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from tests.integration.people.conftest import Desk
from tests.integration.people.test_organisations import joined, registered

Act = Callable[[Desk, Actor, str, Actor], Awaitable[Any]]


async def remove(desk: Desk, actor: Actor, organisation: str, other: Actor) -> Any:
    return await desk.run(end_membership, actor, UUID(organisation), UUID(other.id), desk.now)


async def demote(desk: Desk, actor: Actor, organisation: str, other: Actor) -> Any:
    return await desk.run(change_member, actor, UUID(organisation), UUID(other.id), MemberRole.EDITOR)


async def leave(desk: Desk, actor: Actor, organisation: str, _: Actor) -> Any:
    return await desk.run(end_membership, actor, UUID(organisation), UUID(actor.id), desk.now)


async def at_once(desk: Desk, organisation: str, *acts: Awaitable[Any]) -> list[Any]:
    """The results and refusals of acts that all have asked for the organisation's lock before the first gets it."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with desk.sessions() as watcher, desk.sessions.begin() as holder:
        await lock_organisation(Context(holder, SYSTEM, desk.policies, desk.clock.now), UUID(organisation))
        tasks = [asyncio.ensure_future(act) for act in acts]
        async with asyncio.timeout(20):
            while await watcher.scalar(waiting) != len(tasks):
                await watcher.rollback()
                await asyncio.sleep(0.02)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def owners(desk: Desk) -> set[str]:
    return {str(row.person_id) for row in await desk.rows(MembershipRow) if row.role == MemberRole.OWNER and row.ended_at is None}


@pytest.mark.parametrize("act", [remove, demote])
async def test_who_is_removed_meanwhile_removes_nobody(desk: Desk, act: Act) -> None:
    """A third owner is there, so that the last owner's rule alone would let both acts through."""
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta", MemberRole.OWNER)
    carl = await joined(desk, ada, organisation, "carl", MemberRole.OWNER)
    results = await at_once(desk, organisation, act(desk, ada, organisation, berta), act(desk, berta, organisation, ada))
    [refused] = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refused, Forbidden)
    assert refused.code == ("not-a-member" if act is remove else "not-an-owner")
    assert carl.id in await owners(desk)
    assert len(await owners(desk)) == 2


@pytest.mark.parametrize(("one", "other"), [(remove, remove), (demote, demote), (leave, leave), (remove, leave), (demote, leave)])
async def test_organisation_keeps_an_owner_in_a_race(desk: Desk, one: Act, other: Act) -> None:
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta", MemberRole.OWNER)
    results = await at_once(desk, organisation, one(desk, ada, organisation, berta), other(desk, berta, organisation, ada))
    assert len(await owners(desk)) == 1
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, Refused) for result in refused)
    assert len(refused) == 1 or (one, other) == (demote, leave)
