"""Invitations follow from two facts, in whatever order they come: an expression of interest is chosen, and the call that invites from its
call is published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.domain.form import Form, stored_form
from services.applications.domain.invitations import Invitation, invitation_for, not_invited, stands_until, taken_over
from services.applications.queries.applications import WITHOUT_ANSWERS
from services.applications.queries.rounds import inviting_calls
from services.applications.tables import ApplicationRow, CallRow, InvitationRow
from shared.contracts.applications import ApplicantInvited
from shared.contracts.binding import require_same
from shared.contracts.evaluation import ExpressionChosen
from shared.database.locks import lock_names
from shared.kernel.errors import Contradiction, Refused
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy
from shared.policy.two_step import invitation_ends


async def check_sources(context: Context, definition: CallDefinition, policy: Policy) -> None:
    """`Refused` 'unknown-expressions' when the call invites from one that is not published, or asks for something else."""
    for slug in definition.invites_from or ():
        named = or_(col(CallRow.slug) == slug, col(CallRow.series) == slug)
        found = (await context.session.scalars(select(CallRow).where(col(CallRow.region) == definition.region, named))).all()
        if not found or any(not _leads_to(context, one, policy) for one in found):
            raise Refused(
                "unknown-expressions", "There is no published call for expressions of interest of this scheme with the id {id}.",
                field="invites_from", id=slug,
            )  # fmt: skip


def _leads_to(context: Context, call: CallRow, policy: Policy) -> bool:
    expression = context.policies.get(call.policy_id).expression
    named = policy.by_invitation and policy.by_invitation.expressions
    return expression is not None and expression.leads_to == policy.scheme and call.scheme == named


async def lock_invitations(context: Context, region: str) -> None:
    """A decision and a publication at the same moment see one another. After the applications, before the calls."""
    await lock_names(context.session, [f"invitations {region}"])


async def invite_to_published(context: Context, application: ApplicationRow, event: ExpressionChosen) -> None:
    """An expression of interest is chosen: its organisation is invited to each call that invites from its call. The application is
    locked; once. Nothing where it is withdrawn. `Contradiction` when it is another's, is not eligible, or its call asks for no expressions
    of interest."""
    require_same(event, application)
    call = await context.session.get_one(CallRow, application.call_id)
    may_be_chosen = application.state in (ApplicationState.ELIGIBLE, ApplicationState.WITHDRAWN)
    if context.policies.get(call.policy_id).expression is None or not may_be_chosen:
        raise Contradiction(f"{event.type}: application {application.id} is no expression of interest that may be chosen")
    await lock_invitations(context, application.region)
    if application.state == ApplicationState.WITHDRAWN:
        return
    for inviting in await inviting_calls(context, call):
        await _invite(context, application, call, inviting)


async def invite_all_chosen(context: Context, inviting: CallRow) -> None:
    """A call by invitation is published: all are invited who were chosen before."""
    if not inviting.invites_from:
        return
    await lock_invitations(context, inviting.region)
    chosen = (
        select(ApplicationRow, CallRow)
        .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
        .where(col(CallRow.region) == inviting.region, or_(*(_is_named(inviting))))
        .where(col(ApplicationRow.decision) == DecisionOutcome.INVITED, col(ApplicationRow.state) != ApplicationState.WITHDRAWN)
        .options(*WITHOUT_ANSWERS)
        .order_by(col(ApplicationRow.id))
    )
    for application, call in (await context.session.execute(chosen)).all():
        await _invite(context, application, call, inviting)


def _is_named(inviting: CallRow) -> Sequence[Any]:
    return [col(column).in_(inviting.invites_from or []) for column in (CallRow.slug, CallRow.series)]


async def _invite(context: Context, application: ApplicationRow, call: CallRow, inviting: CallRow) -> None:
    if await context.session.get(InvitationRow, (application.id, inviting.id)) is not None or context.now >= inviting.closes_at:
        return
    ends_at = invitation_ends(context.policies.get(inviting.policy_id), context.now, inviting.opens_at)
    row = InvitationRow(
        expression_id=application.id, call_id=inviting.id, region=inviting.region, organisation_id=application.organisation_id,
        invited_at=context.now, ends_at=ends_at,
    )  # fmt: skip
    context.session.add(row)
    invited = ApplicantInvited(
        application_id=application.id, call_id=call.id, region=call.region, organisation_id=application.organisation_id,
        invited_to=inviting.id, ends_at=stands_until(ends_at, inviting.closes_at),
    )  # fmt: skip
    publish(context.as_system(), invited, reason="expression-chosen", policy_id=inviting.policy_id)


async def claim_invitation(context: Context, call: CallRow, organisation_id: UUID, form: Form) -> tuple[UUID | None, Form]:
    """The expression of interest on whose invitation the organisation begins an application in the call now, and the form with what it has
    answered there; none in a call that is open to all. The organisation is locked. Raises as `invitation_for`."""
    if not call.invites_from:
        return None, form
    mine = (col(InvitationRow.call_id) == call.id, col(InvitationRow.organisation_id) == organisation_id)
    rows = (await context.session.scalars(select(InvitationRow).where(*mine))).all()
    used = select(col(ApplicationRow.expression_id)).where(
        col(ApplicationRow.call_id) == call.id, col(ApplicationRow.organisation_id) == organisation_id,
        col(ApplicationRow.state) != ApplicationState.WITHDRAWN, col(ApplicationRow.expression_id).is_not(None),
    )  # fmt: skip
    policy = context.policies.get(call.policy_id)
    invitations = [Invitation(row.expression_id, row.ends_at) for row in rows]
    taken = {one for one in await context.session.scalars(used) if one is not None}
    chosen = invitation_for(invitations, taken, call.closes_at, context.now, policy.zone)
    expression = await context.session.get_one(ApplicationRow, chosen.expression_id)
    return chosen.expression_id, taken_over(form, stored_form(expression.form), context.policies.form(call.form_id))


async def handing_in_ends(context: Context, application: ApplicationRow, call: CallRow) -> datetime | None:
    """When the time of the invitation is over; None where only the close of the call counts. `Refused` 'not-invited'."""
    if not call.invites_from:
        return None
    key = (application.expression_id, call.id)
    row = None if application.expression_id is None else await context.session.get(InvitationRow, key)
    if row is None or row.organisation_id != application.organisation_id:
        raise not_invited()
    return row.ends_at
