"""The case by which an officer corrects links, and what waits for a second officer."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.link_corrections import CorrectionState, check_stranger
from services.people.locks import lock_organisation
from services.people.queries.organisations import role_in
from services.people.queries.persons import actor_person
from services.people.queries.undertakings import case_of, links_of
from services.people.tables import CaseRow, LinkCorrectionRow, OrganisationRow, UndertakingLinkRow
from shared.identity.permissions import Permission
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.messaging.context import Context

Value = TypeVar("Value")


async def case_for_correction(context: Context, application_id: UUID) -> tuple[CaseRow, OrganisationRow]:
    """The case and its organisation, locked, for an officer of the region. `NotFound` 'unknown-case'; `Forbidden` 'own-organisation'."""
    case = await case_of(context, application_id, Permission.CORRECT_LINKS)
    check_stranger(await role_in(context, case.organisation_id, actor_person(context)))
    return case, await lock_organisation(context, case.organisation_id)


def add_correction(context: Context, case: CaseRow, words: str, named: Mapping[str, Any]) -> LinkCorrectionRow:
    """`named`: the link, or the end of one."""
    row = LinkCorrectionRow(
        id=new_id(), organisation_id=case.organisation_id, application_id=case.application_id, region=case.region, words=words,
        proposed_by=actor_person(context), proposed_at=context.now, **named,
    )  # fmt: skip
    context.session.add(row)
    return row


def correction_known(field: str) -> Conflict:
    return Conflict("correction-known", "This is proposed already, and waits for a second officer.", field=field)


async def known_link(context: Context, organisation_id: UUID, link_id: UUID) -> UndertakingLinkRow:
    """`NotFound` 'unknown-link'."""
    row = await context.session.get(UndertakingLinkRow, link_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("unknown-link", "There is no such link.")
    return row


async def open_links(context: Context, organisation_id: UUID) -> list[tuple[str, str, str | None]]:
    """Kind, country and tax number of each link in force."""
    return [(one.kind, one.country, one.tax_number) for one in await links_of(context, organisation_id) if one.valid_until is None]


async def open_corrections(context: Context, organisation_id: UUID) -> list[LinkCorrectionRow]:
    row = LinkCorrectionRow
    query = select(row).where(col(row.organisation_id) == organisation_id, col(row.state) == CorrectionState.PROPOSED)
    return list(await context.session.scalars(query))


def known(value: Value | None) -> Value:
    """What the checks of the table have made sure of."""
    assert value is not None
    return value
