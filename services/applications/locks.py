"""Locks, always in this order: organisations, applications, the limits of applicants, the call. So no two commands wait for each other.

The call comes last, since all who submit in the last minutes wait for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow, HoldRow
from shared.database.base import table_of
from shared.database.locks import lock_names, name_lock
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.case_terms import counts_earlier
from shared.policy.schema import Policy

T = TypeVar("T")

# Built once: building a statement costs more than PostgreSQL needs to answer it.
_CALL_BY_ID = (
    select(CallRow).where(col(CallRow.id) == bindparam("id")).with_for_update(key_share=True).execution_options(populate_existing=True)
)
_CALL_ALONE = select(CallRow).where(col(CallRow.id) == bindparam("id")).with_for_update().execution_options(populate_existing=True)
_CALLS = table_of(CallRow)
_NEXT_NUMBER = (
    update(_CALLS)
    .where(_CALLS.c.id == bindparam("call"))
    .values(submitted=_CALLS.c.submitted + 1, last_submitted_at=func.greatest(_CALLS.c.last_submitted_at, bindparam("now")))
    .returning(*_CALLS.c)
)


def _with_call(*of_call: Any) -> Any:
    """The application's row, locked, and what is asked of its call."""
    return (
        select(ApplicationRow, *of_call)
        .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
        .where(col(ApplicationRow.id) == bindparam("id"))
        .with_for_update(key_share=True, of=ApplicationRow)
        .execution_options(populate_existing=True)
    )


_CASE = _with_call(CallRow)
_ANSWERS = _with_call(col(CallRow.policy_id), col(CallRow.form_id))
_CASE_AND_ORGANISATION = _CASE.add_columns(name_lock(cast(col(ApplicationRow.organisation_id), Text)))
_APPLICATION = (
    select(ApplicationRow)
    .where(col(ApplicationRow.id) == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


class FreeCall(NamedTuple):
    """What is asked of a call, and of the organisation that begins an application in it: its key, None where it has none yet, and how many
    it has begun there. The organisation is locked."""

    organisation_id: UUID
    id: UUID
    region: str
    policy_id: str
    form_id: str | None
    currency: str
    closes_at: datetime
    wrapped: bytes | None
    begun: int


async def read_call(context: Context, call_id: UUID) -> CallRow:
    """The call's row, which may still change before the command locks it. Raises NotFound."""
    return _known(await context.session.get(CallRow, call_id))


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call's row, locked against other commands (not against new drafts). Raises NotFound."""
    return _known((await context.session.scalars(_CALL_BY_ID, {"id": call_id})).one_or_none())


async def lock_call_to_close(context: Context, call_id: UUID) -> CallRow:
    """As `lock_call`, after all who screen in it now while it is open (`steps.verdicts`), which complete nothing. Raises NotFound."""
    return _known((await context.session.scalars(_CALL_ALONE, {"id": call_id})).one_or_none())


def _known(call: CallRow | None) -> CallRow:
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    return call


async def lock_call_for_number(context: Context, call: CallRow) -> None:
    """Locks the call and reads it again, and gives the next sequence number: `submitted`, and its instant: `last_submitted_at`, never
    before the last one."""
    row = (await context.session.execute(_NEXT_NUMBER, {"call": call.id, "now": context.now})).one()
    for name, value in row._mapping.items():
        set_committed_value(call, name, value)


async def lock_organisations(context: Context, organisation_ids: Iterable[UUID]) -> None:
    """No other transaction submits an application of these organisations."""
    await lock_names(context.session, map(str, organisation_ids))


async def lock_limits(context: Context, applications: Iterable[ApplicationRow], policy: Policy) -> None:
    """No other transaction counts or fills the limits of these applicants in the scheme, so that two applications in two calls cannot both
    take the last of it. After the applications, before the call; nothing where the policy counts nothing."""
    if counts_earlier(policy):
        await lock_names(context.session, (f"limits {policy.region}/{policy.scheme} {one.organisation_id}" for one in applications))


async def lock_case(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """The application's row and its call's, both locked. Raises NotFound."""
    application, call = await read_case(context, application_id)
    return application, await lock_call(context, call.id)


async def read_case(context: Context, application_id: UUID, *, and_organisation: bool = False) -> tuple[ApplicationRow, CallRow]:
    """The application's row, locked, and its call's, which may still change before the command locks it. Raises NotFound.

    `and_organisation`: as `lock_organisations`, in the same statement.
    """
    statement = _CASE_AND_ORGANISATION if and_organisation else _CASE
    case = _found((await context.session.execute(statement, {"id": application_id})).one_or_none())
    return case[0], case[1]


async def lock_answers(context: Context, application_id: UUID) -> tuple[ApplicationRow, str, str | None]:
    """The application's row, locked, and what never changes of its call: policy and form. Raises NotFound."""
    application, policy_id, form_id = _found((await context.session.execute(_ANSWERS, {"id": application_id})).one_or_none())
    return application, policy_id, form_id


async def lock_application(context: Context, application_id: UUID) -> ApplicationRow:
    """The application's row alone, for commands that do not change the call. Raises NotFound."""
    return _found((await context.session.scalars(_APPLICATION, {"id": application_id})).one_or_none())


def _found(application: T | None) -> T:
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    return application


async def lock_hold(context: Context, hold_id: UUID) -> HoldRow:
    """A legal hold, locked and then read. Raises NotFound. A transaction that takes it takes no other lock."""
    hold = await context.session.get(HoldRow, hold_id, with_for_update=True, populate_existing=True)
    if hold is None:
        raise NotFound("unknown-hold", "There is no such hold.")
    return hold
