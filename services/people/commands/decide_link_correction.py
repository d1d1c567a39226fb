"""A second officer confirms what another one proposed of a link, or refuses it."""

from uuid import UUID

from services.people.domain.link_corrections import CorrectionState, check_correction
from services.people.domain.mails import Template
from services.people.domain.undertakings import Link, check_end, check_link
from services.people.queries.persons import actor_person
from services.people.queries.undertakings import own_number
from services.people.steps.link_corrections import case_for_correction, known, known_link, open_links
from services.people.steps.mails import mail_members_of_act
from services.people.steps.undertakings import publish_link
from services.people.tables import LinkCorrectionRow, OrganisationRow, UndertakingLinkRow
from shared.identity.permissions import require_person
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import LinkKind
from shared.messaging.context import Context


async def decide_link_correction(
    context: Context, application_id: UUID, correction_id: UUID, *, confirmed: bool, hash_key: bytes
) -> LinkCorrectionRow:
    """Confirmed, the link counts as a declared one, and the members of the organisation get a mail. `NotFound` 'unknown-case' or
    'unknown-correction'; `Forbidden` 'own-organisation', 'own-correction' or 'machine'; `Conflict` 'correction-decided'; raises as
    `check_link` and `check_end`."""
    require_person(context.actor)
    case, organisation = await case_for_correction(context, application_id)
    row = await context.session.get(LinkCorrectionRow, correction_id, populate_existing=True)
    if row is None or row.application_id != application_id:
        raise NotFound("unknown-correction", "There is no such proposal.")
    check_correction(CorrectionState(row.state), confirmed=confirmed, by=context.actor.id, proposed_by=str(row.proposed_by))
    row.state = CorrectionState.CONFIRMED if confirmed else CorrectionState.REFUSED
    row.decided_by, row.decided_at = actor_person(context), context.now
    if not confirmed:
        return row
    link = await (_made if row.link_id is None else _ended)(context, organisation, row)
    reason = "found-by-office" if row.link_id is None else "ended-by-office"
    event_id = publish_link(context, organisation, link, hash_key, reason)
    facts = {"kind": link.kind, "day": str(link.valid_until or link.valid_from), "ended": link.valid_until is not None}
    facts |= {"organisation_id": str(organisation.id)}
    await mail_members_of_act(context, event_id, case, Template.LINK_CORRECTED, facts)
    return row


async def _made(context: Context, organisation: OrganisationRow, row: LinkCorrectionRow) -> UndertakingLinkRow:
    link = Link(LinkKind(known(row.kind)), known(row.country), known(row.tax_number), row.name or "", known(row.valid_from))
    check_link(link, own_number(organisation), await open_links(context, organisation.id), context.policies.latest_day(context.now))
    made = UndertakingLinkRow(
        id=new_id(), organisation_id=organisation.id, kind=link.kind, country=link.country, tax_number=link.tax_number, name=link.name,
        valid_from=link.valid_from, declared_by=row.proposed_by, declared_at=context.now, found_in=row.region,
    )  # fmt: skip
    context.session.add(made)
    await context.session.flush()
    row.made_id = made.id
    return made


async def _ended(context: Context, organisation: OrganisationRow, row: LinkCorrectionRow) -> UndertakingLinkRow:
    link, until = await known_link(context, organisation.id, known(row.link_id)), known(row.valid_until)
    check_end(link.valid_from, link.valid_until, until, context.policies.latest_day(context.now))
    link.valid_until, link.ended_by, link.ended_at, link.version = until, actor_person(context), context.now, link.version + 1
    return link
