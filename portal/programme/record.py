"""The record of one case: its events of all services in order, as people read them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from portal.client.applications import EligibilityView
from portal.client.base import ApiProblem
from portal.client.evaluation import CaseDetail
from portal.client.people import CaseMailView
from portal.kit.visit import Visit
from shared.kernel.causes import in_order

T = TypeVar("T")
OF_CASES = ("applications", "evaluation", "vouchers", "payments")
"""Services that have a part of a case."""
MOST = 1_000
"""Events of one service about one case or call."""


@dataclass(frozen=True)
class Happened:
    """An event, and the service that recorded it. `time` is programme time."""

    service: str
    event_id: UUID
    position: int
    type: str
    time: datetime
    actor: str
    reason: str
    policy_id: str
    causation_id: UUID | None
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """'ApplicationSubmitted' of 'applications.ApplicationSubmitted.v1'."""
        return self.type.split(".")[1]


@dataclass(frozen=True)
class Found:
    """What a reference belongs to: an application with its call, or a call alone. `kinds`: service → what the reference is there."""

    application_id: UUID | None
    call_id: UUID | None
    region: str
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """`truncated`: services that have more events than are shown."""

    found: Found
    events: list[Happened]
    truncated: list[str] = field(default_factory=list)
    eligibility: EligibilityView | None = None
    case: CaseDetail | None = None
    mails: list[CaseMailView] = field(default_factory=list)


async def look_up(visit: Visit, ref: str) -> Found | None:
    """Asks the services at the same time. None when none knows it; `ApiProblem` 403 for a case of another region."""
    caller, services = await visit.caller(), visit.services
    clients = {name: getattr(services, name) for name in OF_CASES}
    answers = await asyncio.gather(*(or_none(client.get_lookup(caller, ref=ref)) for client in clients.values()))
    known = {name: answer for name, answer in zip(clients, answers, strict=True) if answer is not None}
    if not known:
        return None
    best = next((answer for answer in known.values() if answer.application_id), next(iter(known.values())))
    kinds = {name: str(getattr(answer, "kind", "voucher")) for name, answer in known.items()}
    return Found(best.application_id, best.call_id, best.region, kinds)


async def read_record(visit: Visit, found: Found) -> Record:
    """The events of the case, of its call and of the batches that paid it, with what explains the decisions."""
    subjects = [one for one in (found.application_id, found.call_id) if one]
    parts = await asyncio.gather(*(_events(visit, service, subject) for subject in subjects for service in OF_CASES))
    events = [event for part, _ in parts for event in part]
    batches = {str(event.body["batch_id"]) for event in events if event.body.get("batch_id") and event.body.get("application_id")}
    more = await asyncio.gather(*(_events(visit, "payments", batch) for batch in sorted(batches)))
    truncated = [name for (_, is_more), name in zip(parts, OF_CASES * len(subjects), strict=True) if is_more]
    events += [event for part, _ in more for event in part]
    record = Record(found, in_order(events), sorted(set(truncated)))
    return record if found.application_id is None else await _explained(visit, record, found.application_id)


async def _explained(visit: Visit, record: Record, application_id: UUID) -> Record:
    caller, services = await visit.caller(), visit.services
    eligibility, case, mails = await asyncio.gather(
        or_none(services.applications.get_application_eligibility(caller, application_id)),
        or_none(services.evaluation.get_case(caller, application_id)),
        or_none(services.people.list_mails(caller, case_id=application_id, limit=200, sort="written_at")),
    )
    return Record(record.found, record.events, record.truncated, eligibility, case, mails.items if mails else [])


async def _events(visit: Visit, service: str, subject: UUID | str) -> tuple[list[Happened], bool]:
    read: Callable[..., Awaitable[Any]] = getattr(visit.services, service).read_history
    history = await read(await visit.caller(), subject, limit=MOST)
    names = Happened.__dataclass_fields__.keys() - {"service"}
    return [Happened(service, **{name: getattr(one, name) for name in names}) for one in history.events], history.truncated


async def or_none(answer: Awaitable[T]) -> T | None:
    """None for what is not there, or is not for this reader's role."""
    try:
        return await answer
    except ApiProblem as problem:
        if problem.status == 404 or problem.code == "wrong-role":
            return None
        raise


def chosen(events: Iterable[Happened], *, service: str, kind: str, actor: str) -> list[Happened]:
    """Those that fit what is given; an empty value fits all."""
    return [
        one
        for one in events
        if (not service or one.service == service) and (not kind or one.name == kind) and (not actor or one.actor == actor)
    ]
