"""Who is one undertaking on a day, and which of its aid counts."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.payments.domain.state_aid import AidState, Days, FrozenRate, Listed, OwnAid, Room, rate_for, room
from services.payments.domain.undertakings import Edge, organisation_node, organisations_in, undertaking
from services.payments.queries.rates import Rates
from services.payments.tables import AidApplicantRow, AidEntryRow, AidInKindRow, DeclaredAidRow
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
    declared = await _declared(context, policy, organisations)
    rates = {one: await frozen_rate(context, policy, one.currency, one.granted_on) for each in declared for one in each}
    return room(policy, days, await _own(context, policy, organisations), declared, rates)


async def _own(context: Context, policy: Policy, organisations: Collection[UUID]) -> list[OwnAid]:
    row = AidEntryRow
    query = select(row).where(col(row.organisation_id).in_(organisations), col(row.member_state) == policy.calendar.country)
    found = await context.session.scalars(query.where(col(row.state) != AidState.RELEASED).execution_options(populate_existing=True))
    counted: list[AidEntryRow | AidInKindRow] = [*found, *await _in_kind(context, policy, organisations)]
    return [OwnAid(aid.granted_on, aid.awarded_minor, aid.currency, aid.eur_minor) for aid in counted]


async def _in_kind(context: Context, policy: Policy, organisations: Collection[UUID]) -> Sequence[AidInKindRow]:
    """Hours and places count as well, by what they are worth."""
    row = AidInKindRow
    query = select(row).where(col(row.organisation_id).in_(organisations), col(row.member_state) == policy.calendar.country)
    query = query.where(col(row.state) != AidState.RELEASED).execution_options(populate_existing=True)
    return (await context.session.scalars(query)).all()


async def _declared(context: Context, policy: Policy, organisations: Collection[UUID]) -> list[list[Listed]]:
    query = (
        select(DeclaredAidRow)
        .join(AidApplicantRow, col(AidApplicantRow.application_id) == col(DeclaredAidRow.application_id))
        .where(col(AidApplicantRow.organisation_id).in_(organisations), col(AidApplicantRow.member_state) == policy.calendar.country)
    )
    lists: dict[UUID, list[Listed]] = {}
    for aid in await context.session.scalars(query):
        lists.setdefault(aid.application_id, []).append(Listed(aid.granted_on, aid.amount_minor, aid.currency))
    return list(lists.values())
