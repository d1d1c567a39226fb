"""Who took which part in a case: each service keeps the acts that its own events and the events that it consumes are about."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Row, String, Uuid, and_, any_, bindparam, or_, select
from sqlmodel import Field

from shared.database.base import INSTANT, PlatformTable, table_of
from shared.database.privileges import written_once
from shared.identity.actor import SYSTEM
from shared.identity.duties import SECOND, Duty, check_separation, conflicting, incompatible
from shared.identity.permissions import require_person
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.unwritten import write_events

_Act = Row[UUID, UUID | None, str]


class ActRow(PlatformTable, table=True):
    """A person's act in a case. `subject_id` is the application, the call, the account or the evaluator that it was about; `call_id`
    is its call, where it has one. The key, an event's id, stops an act from being written twice."""

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_subject", "actor", "subject_id"), Index("ix_acts_call", "actor", "call_id", "duty"), written_once())

    event_id: UUID = Field(primary_key=True)
    subject_id: UUID
    call_id: UUID | None = None
    duty: str
    actor: str
    at: datetime = Field(sa_type=INSTANT)


def _is_one_of(column: Any, name: str, kind: Any) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(kind)))


_ACTS = table_of(ActRow).c
_IN_CALL = or_(_is_one_of(_ACTS.subject_id, "calls", Uuid), _is_one_of(_ACTS.call_id, "calls", Uuid))
_OWN = select(_ACTS.subject_id, _ACTS.call_id, _ACTS.duty).where(
    _ACTS.actor == bindparam("actor"),
    or_(
        and_(_is_one_of(_ACTS.subject_id, "subjects", Uuid), _is_one_of(_ACTS.duty, "in_case", String)),
        and_(_IN_CALL, _is_one_of(_ACTS.duty, "in_call", String)),
    ),
)
"""Reads only acts that decide: an officer has one act of the same kind for every application of a call."""
_PERSONS = select(_ACTS.actor).where(_ACTS.call_id == bindparam("call"), _is_one_of(_ACTS.duty, "duties", String)).distinct()

_TOOK_PART = select(_ACTS.event_id).where(
    _is_one_of(_ACTS.actor, "persons", String), _is_one_of(_ACTS.subject_id, "subjects", Uuid), _ACTS.duty == bindparam("duty")
)
_SUBJECTS = select(_ACTS.subject_id).where(_is_one_of(_ACTS.actor, "persons", String), _ACTS.duty == bindparam("duty"))

_OF_SUBJECT = """EXISTS (
    SELECT FROM acts WHERE acts.actor = given.actor AND acts.subject_id = given.{} AND acts.duty = ANY(CAST(:{} AS text[])) OFFSET 0
)"""
_OF_CALL = """EXISTS (
    SELECT FROM unnest(CAST(:in_call AS text[])) AS apart (duty) CROSS JOIN LATERAL (
        SELECT FROM acts WHERE acts.actor = given.actor AND acts.call_id = given.call_id AND acts.duty = apart.duty OFFSET 0
    ) AS act
)"""
NOT_SEPARATE = f"({_OF_SUBJECT.format('id', 'in_case')} OR {_OF_SUBJECT.format('call_id', 'in_call')} OR {_OF_CALL})"
"""For a statement about many cases, `given` with (id, call_id, actor): whether the actor took a step that does not go with a duty. Its
parameters are `duties_apart`. OFFSET keeps PostgreSQL from reading all acts at once instead of a few along an index; one duty at a
time, from reading the thousands of another duty that an officer has in a call."""


def duties_apart(duty: Duty) -> dict[str, list[str]]:
    """The duties that do not go with this one, for `NOT_SEPARATE`. Not for a duty of a second person, which `take_part` checks."""
    in_case, in_call = incompatible(duty)
    return {"in_case": sorted(in_case), "in_call": sorted(in_call)}


def act_of(event: Event, event_id: UUID, actor: str, at: datetime) -> dict[str, Any] | None:
    """The row of the act that an event proves; None when it is no person's or concerns no duty."""
    person = str(getattr(event, event.person_field)) if event.person_field else actor
    duty = event.duty_taken
    if duty is None or person == SYSTEM.id:
        return None
    call_id: UUID | None = getattr(event, "call_id", None)
    return {"event_id": event_id, "subject_id": event.correlation_id, "call_id": call_id, "duty": duty, "actor": person, "at": at}


async def record_act(context: Context, event: object) -> None:
    """The handler of an event that a service consumes only to know who acted: the inbox has recorded it."""


async def take_part(context: Context, duty: Duty, *subjects: UUID, call_id: UUID | None = None) -> None:
    """Called after `authorise`. `Forbidden` 'incompatible-step' when the actor has taken, in the case of one of the subjects or in the
    call, a step that does not go with this one; 'machine' for a machine that would confirm. The act itself is recorded with the event that
    the command publishes.

    The caller holds the lock on the case. An act in another service counts as soon as its event has arrived.
    """
    check_separation(duty, *_split(await _own_acts(context, duty, subjects, call_id), subjects))


async def take_first_part(context: Context, duty: Duty, subject: UUID, *others: UUID, call_id: UUID | None = None) -> bool:
    """As `take_part`, for a step that is repeated without an event: whether the actor takes the duty on the first subject for the first
    time, which the caller publishes or records."""
    acts = await _own_acts(context, duty, [subject, *others], call_id)
    check_separation(duty, *_split(acts, [subject, *others]))
    return not any(act.subject_id == subject and act.duty == duty for act in acts)


async def take_unpublished_part(context: Context, duty: Duty, subject: UUID, *others: UUID, call_id: UUID | None = None) -> None:
    """As `take_part`, for a step without an event of its own: also records the act on the first subject, once."""
    if await take_first_part(context, duty, subject, *others, call_id=call_id):
        record_part(context, duty, subject, call_id)


def record_part(context: Context, duty: Duty, subject: UUID, call_id: UUID | None) -> None:
    row = ActRow(event_id=new_id(), subject_id=subject, call_id=call_id, duty=duty, actor=context.actor.id, at=context.now)
    context.session.add(row)


async def subjects_closed_to_actor(context: Context, duty: Duty, subjects: Sequence[UUID], calls: Collection[UUID] = ()) -> set[UUID]:
    """Of many subjects and calls, for a step that takes many cases at once: those in which the actor took a step that does not go with
    it."""
    acts = await _own_acts(context, duty, subjects, *calls)
    in_case = {act.subject_id for act in acts if conflicting(duty, [Duty(act.duty)], [])}
    return in_case | {act.call_id for act in acts if act.call_id and conflicting(duty, [], [Duty(act.duty)])}


async def any_took_part(context: Context, duty: Duty, persons: Collection[str], subjects: Collection[UUID]) -> bool:
    """Whether one of the persons took the duty on one of the subjects."""
    await write_events(context.session)
    values = {"persons": list(persons), "subjects": list(subjects), "duty": duty}
    return (await context.session.execute(_TOOK_PART.limit(1), values)).first() is not None


async def subjects_of(context: Context, duty: Duty, persons: Collection[str]) -> set[UUID]:
    """Of a duty with subjects of its own, such as an evaluator: those on which one of the persons took it."""
    return set(await context.session.scalars(_SUBJECTS, {"persons": list(persons), "duty": duty}))


async def persons_closed_to(context: Context, duty: Duty, call_id: UUID) -> set[str]:
    """The persons who took a step in the call that does not go with `duty` in any of its cases."""
    await write_events(context.session)
    _, in_call = incompatible(duty)
    return set(await context.session.scalars(_PERSONS, {"call": call_id, "duties": list(in_call)}))


async def _own_acts(context: Context, duty: Duty, subjects: Sequence[UUID], *call_ids: UUID | None) -> Sequence[_Act]:
    """The actor's acts in the case and in the calls that do not go with the duty, and those of the duty itself in the case. `Forbidden`
    'machine' for a machine that would be the second person."""
    if duty in SECOND:
        require_person(context.actor)
    await write_events(context.session)
    in_case, in_call = incompatible(duty)
    calls = [call_id for call_id in call_ids if call_id]
    values = {"actor": context.actor.id, "subjects": list(subjects), "calls": calls, "in_case": [duty, *in_case], "in_call": list(in_call)}
    return (await context.session.execute(_OWN, values)).all()


def _split(acts: Iterable[_Act], subjects: Sequence[UUID]) -> tuple[set[Duty], set[Duty]]:
    in_case = {Duty(act.duty) for act in acts if act.subject_id in subjects}
    return in_case, {Duty(act.duty) for act in acts} - in_case
