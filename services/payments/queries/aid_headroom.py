"""De minimis aid of an organisation against its ceilings: for its members, and for those who read a case of it."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, union
from sqlmodel import col

from services.payments.domain.aid_headroom import Headroom, HeldAid, headroom_of
from services.payments.domain.state_aid import AidState, Listed
from services.payments.domain.undertakings import SAME_NUMBER, Edge, organisations_in
from services.payments.queries.state_aid import aid_entries, declared_aid, own_aid, rates_of, undertaking_of
from services.payments.tables import AidApplicantRow, AidEntryRow, UndertakingEdgeRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden, NotFound
from shared.messaging.context import Context
from shared.policy.schema import Policy


class AidPartView(BaseModel):
    """Aid by a voucher of the organisation. `frees_on`: the first day on which it does not count any more; None while it is reserved."""

    voucher_id: UUID
    application_id: UUID
    state: AidState
    currency: str
    amount_minor: int
    eur_minor: int
    granted_on: date | None
    frees_on: date | None


class DeclaredPartView(BaseModel):
    """Aid of another granter, as the organisation has listed it in an application."""

    currency: str
    amount_minor: int
    eur_minor: int
    granted_on: date
    frees_on: date


class AidRoomView(BaseModel):
    """Under one regulation in one member state, on the day `on`; sums in EUR cents. `linked_minor`: what firms have with which the
    organisation is one undertaking; `left_minor`: what the ceiling leaves to all of them together."""

    member_state: str
    regulation: str
    on: date
    window_years: int
    ceiling_minor: int
    granted_minor: int
    reserved_minor: int
    declared_minor: int
    linked_minor: int
    left_minor: int
    own: list[AidPartView]
    declared: list[DeclaredPartView]


class JoiningLinkView(BaseModel):
    """A link that holds on the day and joins two firms of the undertaking, as people publishes it: which firms, stands there."""

    id: UUID
    kind: str
    valid_from: date | None
    valid_until: date | None


class UndertakingView(BaseModel):
    """On the day `on`. `organisations`: those known here that are one undertaking with the applicant, it among them; `links`: what
    makes them one, besides a common tax number."""

    organisation_id: UUID
    on: date
    organisations: list[UUID]
    links: list[JoiningLinkView]
    rooms: list[AidRoomView]


async def own_rooms(context: Context, organisation_id: UUID) -> list[AidRoomView]:
    """For who acts for the organisation: `Forbidden` 'not-owner' for others. One for each member state and regulation in which the
    organisation, or a firm linked with it, has aid or has applied."""
    if context.actor.organisation_id != organisation_id:
        raise Forbidden("not-owner", "This belongs to another organisation.")
    return await _rooms(context, organisation_id, None)


async def case_undertaking(context: Context, application_id: UUID, on: date | None) -> UndertakingView:
    """Of the applicant of a case, on the day `on`, today without it. `NotFound` 'unknown-application' before it was found eligible."""
    applicant = await context.session.get(AidApplicantRow, application_id)
    if applicant is None:
        raise NotFound("unknown-application", "There is no such application.")
    policy = context.policies.get(applicant.policy_id)
    authorise(context.actor, Permission.READ_PAYMENTS, region=policy.region)
    day = on or policy.local_day(context.now)
    nodes = await undertaking_of(context, applicant.organisation_id, day)
    return UndertakingView(
        organisation_id=applicant.organisation_id, on=day, organisations=sorted(organisations_in(nodes)),
        links=await _joining(context, nodes, day),
        rooms=[one for one in await _rooms(context, applicant.organisation_id, on) if one.member_state == applicant.member_state],
    )  # fmt: skip


async def _joining(context: Context, nodes: Collection[str], day: date) -> list[JoiningLinkView]:
    row = UndertakingEdgeRow
    of_links = col(row.one_node).in_(nodes), col(row.kind) != SAME_NUMBER
    edges = await context.session.scalars(select(row).where(*of_links).order_by(col(row.valid_from), col(row.id)))
    held = (edge for edge in edges if Edge(edge.one_node, edge.other_node, edge.valid_from, edge.valid_until).holds_on(day))
    return [JoiningLinkView.model_validate(edge, from_attributes=True) for edge in held]


async def _rooms(context: Context, organisation_id: UUID, on: date | None) -> list[AidRoomView]:
    places = await _places(context, organisation_id, on)
    return [await _room(context, policy, organisation_id, on) for policy in _in_force(context, places)]


async def _places(context: Context, organisation_id: UUID, on: date | None) -> set[tuple[str, str]]:
    """Member states and regulations."""
    day = on or context.policies.latest_day(context.now)
    firms = organisations_in(await undertaking_of(context, organisation_id, day))
    tables = (AidEntryRow, AidApplicantRow)
    queries = (select(col(row.member_state), col(row.regulation)).where(col(row.organisation_id).in_(firms)) for row in tables)
    return {(state, regulation) for state, regulation in await context.session.execute(union(*queries))}


def _in_force(context: Context, places: Collection[tuple[str, str]]) -> Iterable[Policy]:
    """The newest policy in force of each place: its ceiling is that of the next offer."""
    newest: dict[tuple[str, str], Policy] = {}
    for policy in sorted(context.policies.all(), key=lambda one: one.effective_from):
        place = policy.calendar.country, policy.de_minimis.named
        if place in places and (place not in newest or policy.effective_from <= policy.local_day(context.now)):
            newest[place] = policy
    return [newest[place] for place in sorted(newest)]


async def _room(context: Context, policy: Policy, organisation_id: UUID, on: date | None) -> AidRoomView:
    day = on or policy.local_day(context.now)
    others = organisations_in(await undertaking_of(context, organisation_id, day)) - {organisation_id}
    own, linked = [await aid_entries(context, policy, firms) for firms in ({organisation_id}, others)]
    own_lists, linked_lists = [list((await declared_aid(context, policy, firms)).values()) for firms in ({organisation_id}, others)]
    rates = await rates_of(context, policy, [*own_lists, *linked_lists])
    found = headroom_of(policy, day, [_held(row) for row in own], [own_aid(row) for row in linked], own_lists, linked_lists, rates)
    return _view(policy, day, found)


def _held(row: AidEntryRow) -> HeldAid:
    return HeldAid(row.voucher_id, row.application_id, AidState(row.state), row.amount_minor, own_aid(row))


def _view(policy: Policy, day: date, found: Headroom) -> AidRoomView:
    return AidRoomView(
        member_state=policy.calendar.country, regulation=policy.de_minimis.named, on=day, window_years=policy.de_minimis.window_years,
        ceiling_minor=found.room.ceiling_minor, granted_minor=found.granted_minor, reserved_minor=found.reserved_minor,
        declared_minor=found.declared_minor, linked_minor=found.linked_minor, left_minor=found.room.left_minor,
        own=[
            AidPartView(
                voucher_id=part.held.voucher_id, application_id=part.held.application_id, state=part.held.state,
                currency=part.held.aid.currency, amount_minor=part.held.amount_minor, eur_minor=part.held.aid.eur_minor,
                granted_on=part.held.aid.granted_on, frees_on=part.frees_on,
            )
            for part in found.own
        ],
        declared=[_declared_view(part.aid, part.eur_minor, part.frees_on) for part in found.declared],
    )  # fmt: skip


def _declared_view(aid: Listed, eur_minor: int, frees_on: date) -> DeclaredPartView:
    return DeclaredPartView(**aid._asdict(), eur_minor=eur_minor, frees_on=frees_on)
