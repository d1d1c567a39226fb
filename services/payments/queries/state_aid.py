"""Who is one undertaking on a day, and which of its aid counts."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.payments.domain.state_aid import AidState, Days, FrozenRate, Listed, OwnAid, Room, rate_for, room
from services.payments.domain.undertakings import Edge, organisation_node, organisations_in, undertaking
from services.payments.queries.rates import Rates
from services.payments.tables import AidApplicantRow, AidEntryRow, DeclaredAidRow
from shared.messaging.context import Context
from shared.policy.schema import Policy

_EDGES = text("""
    WITH RECURSIVE reached (node) AS (
        SELECT CAST(:start AS varchar)
        UNION
        SELECT CASE WHEN e.one_node = r.node THEN e.other_node ELSE e.one_node END
        FROM reached r JOIN undertaking_edges e ON e.one_node = r.node OR e.other_node = r.node
    )
    SELECT e.one_node, e.other_node, e.valid_from, e.valid_until FROM undertaking_edges e JOIN reached r ON e.one_node = r.node
""")
"""All edges that any day joins to the start: the day is decided by `undertaking`."""


async def undertaking_of(context: Context, organisation_id: UUID, on: date) -> frozenset[str]:
    """The nodes of the single undertaking on the day, the organisation's own among them."""
    start = organisation_node(organisation_id)
    edges = [Edge(*row) for row in await context.session.execute(_EDGES, {"start": start})]
    return undertaking(start, edges, on)


async def frozen_rate(context: Context, policy: Policy, currency: str, on: date) -> FrozenRate:
    """The rate of the month of the day."""
    return rate_for(policy, await Rates().of(currency, on))


async def room_of(context: Context, policy: Policy, nodes: Collection[str], days: Days) -> Room:
    """What the ceiling of the policy's member state leaves to an undertaking on the days."""
    organisations = organisations_in(nodes)
    declared = list((await declared_aid(context, policy, organisations)).values())
    own = [own_aid(row) for row in await aid_entries(context, policy, organisations)]
    return room(policy, days, own, declared, await rates_of(context, policy, declared))


async def rates_of(context: Context, policy: Policy, declared: Iterable[Iterable[Listed]]) -> dict[Listed, FrozenRate]:
    return {one: await frozen_rate(context, policy, one.currency, one.granted_on) for each in declared for one in each}


def own_aid(row: AidEntryRow) -> OwnAid:
    return OwnAid(row.granted_on, row.awarded_minor, row.currency, row.eur_minor)


async def aid_entries(context: Context, policy: Policy, organisations: Collection[UUID]) -> Sequence[AidEntryRow]:
    """What counts against the ceiling of the policy, whatever its day: money, and by what they are worth hours and places."""
    row = AidEntryRow
    counted = col(row.member_state) == policy.calendar.country, col(row.regulation).in_(policy.de_minimis.counted)
    query = select(row).where(col(row.organisation_id).in_(organisations), *counted)
    return (await context.session.scalars(query.where(col(row.state) != AidState.RELEASED).execution_options(populate_existing=True))).all()


async def declared_aid(context: Context, policy: Policy, organisations: Collection[UUID]) -> dict[UUID, list[Listed]]:
    """The lists of aid of other granters, by application."""
    row = AidApplicantRow
    counted = col(row.member_state) == policy.calendar.country, col(row.regulation).in_(policy.de_minimis.counted)
    query = (
        select(DeclaredAidRow)
        .join(row, col(row.application_id) == col(DeclaredAidRow.application_id))
        .where(col(row.organisation_id).in_(organisations), *counted)
    )
    lists: dict[UUID, list[Listed]] = {}
    for aid in await context.session.scalars(query):
        lists.setdefault(aid.application_id, []).append(Listed(aid.granted_on, aid.amount_minor, aid.currency))
    return lists
