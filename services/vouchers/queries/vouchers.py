"""Reads of vouchers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlmodel import col

from services.vouchers.domain.agreement import agreement_hash, terms_of
from services.vouchers.domain.code import stored_code
from services.vouchers.domain.risk import EXPIRING_WITHIN, SILENT_AFTER, Risk
from services.vouchers.domain.stages import Stage, VoucherStatus, status_of
from services.vouchers.queries.changes import amendments_of
from services.vouchers.queries.views import ExtensionView, GivenView, TermsView, VoucherDetail, VoucherView
from services.vouchers.tables import ExtensionRow, VoucherRow
from shared.contracts.binding import require_same
from shared.contracts.common import VoucherEvent
from shared.database.scope import in_scope
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.web.paging import Sorting

VOUCHERS = Sorting(
    {
        "created_at": VoucherRow.created_at,
        "amount_minor": VoucherRow.amount_minor,
        "region": VoucherRow.region,
        "state": VoucherRow.state,
    },
    unique=VoucherRow.id,
    default="-created_at",
)


async def read_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    """`NotFound` unknown-voucher."""
    return _readable(context.actor, await context.session.get(VoucherRow, voucher_id))


async def read_voucher_detail(context: Context, voucher_id: UUID) -> VoucherDetail:
    """`NotFound` unknown-voucher."""
    row = await read_voucher(context, voucher_id)
    query = select(ExtensionRow).where(col(ExtensionRow.voucher_id) == voucher_id).order_by(col(ExtensionRow.number))
    history = [ExtensionView.model_validate(extension) for extension in await context.session.scalars(query)]
    policy = context.policies.get(row.policy_id)
    terms = terms_of(policy, row)
    return VoucherDetail(
        **view_of(context, row).model_dump(),
        title=dict(policy.title),
        zone=policy.zone,
        as_of=context.now,
        terms=TermsView(**terms.model_dump(), sha256=agreement_hash(terms)),
        history=history,
        amendments=await amendments_of(context, voucher_id),
    )


def view_of(context: Context, row: VoucherRow) -> VoucherView:
    """The row, and what it gives in the place of money."""
    view = VoucherView.model_validate(row)
    view.benefit = _given(context.policies.get(row.policy_id))
    return view


def _given(policy: Policy) -> GivenView | None:
    given = policy.benefit
    if given is None:
        return None
    return GivenView(kind=given.kind, unit=given.unit, units=given.units_per_award, free_until_hours=given.free_until_hours)


async def read_voucher_by_code(context: Context, code: str) -> VoucherRow:
    """Accepts any case, and O for 0, I or L for 1. `Refused` wrong-code when the check character does not fit; `NotFound`
    unknown-voucher."""
    return _readable(context.actor, await context.session.scalar(select(VoucherRow).where(col(VoucherRow.code) == stored_code(code))))


async def read_reported_voucher(context: Context, event: VoucherEvent) -> VoucherRow:
    """For a handler. `NotYet` when the lifecycle has not written the voucher yet; `Contradiction` when the event is about another case,
    region or currency."""
    row = await context.session.get(VoucherRow, event.voucher_id)
    if row is None:
        raise NotYet(event.voucher_id)
    require_same(event, row)
    return row


async def answered_awards(context: Context, call_id: UUID) -> Sequence[UUID]:
    """Of a call, those that are not offered yet although it is decided whether they are."""
    row = VoucherRow
    query = select(col(row.award_id)).where(col(row.call_id) == call_id, col(row.state) == Stage.REQUESTED)
    query = query.where(or_(col(row.reserved_at).is_not(None), col(row.refused_at).is_not(None)))
    return (await context.session.scalars(query.order_by(col(row.created_at), col(row.id)))).all()


def voucher_list(
    context: Context, *, region: str | None, state: str | None, call_id: UUID | None, application_id: UUID | None, risk: Risk | None = None
) -> Select[VoucherRow]:
    """The statement: an applicant sees the vouchers of their own organisation, all others those of their own regions."""
    wanted = {"state": state, "call_id": call_id, "application_id": application_id}
    scope = in_scope(context.actor, Permission.READ_VOUCHER, region, VoucherRow, owner=VoucherRow.organisation_id)
    query = select(VoucherRow).where(scope, *(at_risk(risk, context.now) if risk else ()))
    return query.filter_by(**{name: value for name, value in wanted.items() if value is not None})


def at_risk(risk: Risk, now: datetime) -> Sequence[ColumnElement[bool]]:
    """Of a voucher, as conditions of a query."""
    row, valid = VoucherRow, col(VoucherRow.state) == Stage.ISSUED
    if risk is Risk.EXPIRING:
        return (valid, col(row.valid_until) < now + EXPIRING_WITHIN)
    if risk is Risk.SILENT:
        return (valid, col(row.claimed_at).is_(None), col(row.issued_at) < now - SILENT_AFTER)
    if risk is Risk.OVERDUE:
        return (col(row.overdue_since).is_not(None),)
    return (col(row.suspended_at).is_not(None), col(row.state) != Stage.CLOSED)


def recorded_status(row: VoucherRow) -> VoucherStatus:
    """Stage, next actor and deadline, by the row."""
    return status_of(Stage(row.state), row.until, row.suspended, row.overdue_since)


def _readable(actor: Actor, row: VoucherRow | None) -> VoucherRow:
    if row is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    authorise(actor, Permission.READ_VOUCHER, region=row.region, owner=owned_by(row.organisation_id))
    return row
