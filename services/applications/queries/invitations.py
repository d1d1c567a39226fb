"""Invitations, as the organisation that is invited and the officers of the call read them; and how the two steps are linked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.applications.domain.invitations import InvitationState, stands_until, state_of
from services.applications.locks import read_call
from services.applications.queries.call_parts import CallLinkView
from services.applications.queries.rounds import inviting_calls
from services.applications.queries.screening import applicant_name
from services.applications.tables import ApplicationRow, CallRow, InvitationRow
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.privacy.sealed import without
from shared.web.access_log import Shown, record_access
from shared.web.paging import Page, Paging, Sorting, page_of

INVITED = Sorting({"invited_at": col(InvitationRow.invited_at)}, unique=col(InvitationRow.expression_id), default="invited_at")


class InvitationView(BaseModel):
    """An invitation of the reader's organisation to the call `call_id`, whose public page has `call_number`. `until`: the application is
    submitted before this instant. `application_id`: what was begun on it, and was not withdrawn."""

    expression_id: UUID
    expression_receipt: str
    call_id: UUID
    call_number: int
    call_title: dict[str, str]
    region: str
    opens_at: datetime
    until: datetime
    zone: str
    state: InvitationState
    application_id: UUID | None


class InvitedView(BaseModel):
    """Who is invited to a call, and what has become of it. `receipt`, `title` and `applicant_name` are those of the expression of
    interest; of a draft its officers know no more than that there is one, so `application_id` is null until it is submitted."""

    expression_id: UUID
    receipt: str
    title: str | None
    applicant_name: str | None
    invited_at: datetime
    until: datetime
    state: InvitationState
    application_id: UUID | None


_APPLICATION = aliased(ApplicationRow)
_ON_IT = and_(
    col(_APPLICATION.call_id) == col(InvitationRow.call_id),
    col(_APPLICATION.expression_id) == col(InvitationRow.expression_id),
    col(_APPLICATION.state) != ApplicationState.WITHDRAWN,
)


def _with_cases() -> Any:
    """Each invitation with its call, its expression, and id and state of the application on it."""
    return (
        select(InvitationRow, CallRow, ApplicationRow, col(_APPLICATION.id).label("on_it"), col(_APPLICATION.state).label("on_it_state"))
        .join(CallRow, col(CallRow.id) == col(InvitationRow.call_id))
        .join(ApplicationRow, col(ApplicationRow.id) == col(InvitationRow.expression_id))
        .outerjoin(_APPLICATION, _ON_IT)
    )


async def own_invitations(context: Context) -> list[InvitationView]:
    """Those of the actor's organisation, the newest first."""
    if context.actor.organisation_id is None:
        return []
    regions = visible_regions(context.actor, Permission.WRITE_APPLICATION, None)
    mine = (col(InvitationRow.organisation_id) == context.actor.organisation_id, col(InvitationRow.region).in_(regions))
    query = _with_cases().where(*mine).options(*without(ApplicationRow.form, ApplicationRow.assessment, ApplicationRow.return_note))
    rows = (await context.session.execute(query.order_by(col(InvitationRow.invited_at).desc(), col(InvitationRow.expression_id)))).all()
    return [
        InvitationView(
            expression_id=row.expression_id, expression_receipt=expression.receipt, call_id=call.id, call_number=call.number,
            call_title=call.shown_title, region=row.region, opens_at=call.opens_at, until=stands_until(row.ends_at, call.closes_at),
            zone=context.policies.get(call.policy_id).zone, state=state_of(state, row.ends_at, call.closes_at, context.now),
            application_id=on_it,
        )
        for row, call, expression, on_it, state in rows
    ]  # fmt: skip


async def invited_page(context: Context, call_id: UUID, paging: Paging) -> Page[InvitedView]:
    """Who is invited to the call. Names and titles are readings of the access log. Raises NotFound, Forbidden."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    query = select(InvitationRow).where(col(InvitationRow.call_id) == call_id)
    page: Page[InvitationRow] = await page_of(context.session, query, paging, lambda row: row)
    ids = [row.expression_id for row in page.items]
    found = _with_cases().where(col(InvitationRow.call_id) == call_id, col(InvitationRow.expression_id).in_(ids))
    rows = {row.expression_id: (row, *rest) for row, *rest in (await context.session.execute(found)).all()}
    await record_access(context, Permission.SCREEN_APPLICATION, [(one, call.region) for one in ids], Shown.LISTED)
    return page.with_items([_invited(context, *rows[one]) for one in ids])


def _invited(
    context: Context, row: InvitationRow, call: CallRow, expression: ApplicationRow, on_it: UUID | None, state: str | None
) -> InvitedView:
    found = state_of(state, row.ends_at, call.closes_at, context.now)
    return InvitedView(
        expression_id=row.expression_id, receipt=expression.receipt or "", title=expression.title,
        applicant_name=applicant_name(expression), invited_at=row.invited_at, until=stands_until(row.ends_at, call.closes_at),
        state=found, application_id=on_it if found is InvitationState.SUBMITTED else None,
    )  # fmt: skip


async def linked_calls(context: Context, call: CallRow, policy: Policy) -> dict[str, list[CallLinkView]]:
    """Of a call by invitation, the calls in which the expression of interest is submitted; of such a call, those that it invites to."""
    sources: Sequence[CallRow] = []
    if call.invites_from:
        named = or_(*(col(column).in_(call.invites_from) for column in (CallRow.slug, CallRow.series)))
        query = select(CallRow).where(col(CallRow.region) == call.region, named)
        sources = (await context.session.scalars(query.order_by(col(CallRow.opens_at), col(CallRow.id)))).all()
    targets = await inviting_calls(context, call) if policy.expression else []
    return {"invites_from": [_link(one) for one in sources], "invites_to": [_link(one) for one in targets]}


def _link(call: CallRow) -> CallLinkView:
    return CallLinkView(number=call.number or 0, title=call.shown_title, opens_at=call.opens_at, closes_at=call.closes_at)
