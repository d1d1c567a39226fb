"""Reads everything that the services hold on one case, through their APIs, with an auditor's token."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from operations.cases.order import CaseEvent
from operations.client import Api, Person, Problem
from operations.contract_versions import with_present_names
from shared.kernel.causes import in_order
from shared.kernel.services import OF_CASES

_EVENTS_PER_PAGE = 500


class CaseHistory(BaseModel):
    """`case` is evaluation's view with the score sheets. A part that the case has not reached is None or empty."""

    ref: str
    kind: str
    call_id: UUID
    region: str
    application: dict[str, Any] | None = None
    case: dict[str, Any] | None = None
    voucher: dict[str, Any] | None = None
    lifecycle: dict[str, Any] | None = None
    money: dict[str, Any] | None = None
    envelope: dict[str, Any] | None = None
    claims: list[dict[str, Any]] = []
    disbursements: list[dict[str, Any]] = []
    recoveries: list[dict[str, Any]] = []
    mails: list[dict[str, Any]] = []
    events: list[CaseEvent]


class UnknownReference(Exception):
    """No service knows the reference."""


async def gather_case_history(api: Api, auditor: Person, ref: str) -> CaseHistory:
    """`ref` is a receipt number, a voucher's code or any id. Raises `UnknownReference`."""
    found = await _look_up(api, auditor, ref)
    application_id = found["application_id"]
    events = [
        event for case_id in filter(None, (application_id, found["call_id"])) for event in await _events_of_case(api, auditor, case_id)
    ]
    batches = {event.body["batch_id"] for event in events if "batch_id" in event.body}
    for batch_id in sorted(batches):
        events += await _events_of_case(api, auditor, batch_id, services=("payments",))
    history = CaseHistory(ref=ref, kind=found["kind"], call_id=found["call_id"], region=found["region"], events=in_order(events))
    if application_id:
        await _add_parts(api, auditor, history, application_id)
    return history


async def _look_up(api: Api, auditor: Person, ref: str) -> dict[str, Any]:
    """The answer of the first service that knows the reference and its application; else of one that knows only its call."""
    call_only = None
    for service in OF_CASES:
        found = await _or_none(api, auditor, f"/api/{service}/lookup", ref=ref)
        if found and found["application_id"]:
            return dict(found)
        call_only = call_only or found
    if call_only is None:
        raise UnknownReference(f"No service knows {ref}.")
    return dict(call_only)


async def _events_of_case(api: Api, auditor: Person, case_id: str, services: tuple[str, ...] = OF_CASES) -> list[CaseEvent]:
    return [event for service in services async for event in _events_of(api, auditor, service, case_id)]


async def _events_of(api: Api, auditor: Person, service: str, case_id: str) -> AsyncIterator[CaseEvent]:
    after = 0
    while True:
        page = await api.get(auditor, f"/api/{service}/history/{case_id}", after=after, limit=_EVENTS_PER_PAGE)
        for event in page["events"]:
            yield CaseEvent(service=service, **event | {"body": with_present_names(event["type"], event["body"])})
            after = event["position"]
        if not page["truncated"]:
            return


async def _add_parts(api: Api, auditor: Person, history: CaseHistory, application_id: str) -> None:
    history.application = await _or_none(api, auditor, f"/api/applications/applications/{application_id}")
    history.case = await _or_none(api, auditor, f"/api/evaluation/cases/{application_id}")
    history.mails = [mail async for mail in api.list_items(auditor, "/api/people/mails", case_id=application_id, sort="written_at")]
    vouchers = [event.body["voucher_id"] for event in history.events if event.body.get("voucher_id")]
    if not vouchers:
        return
    voucher_id = vouchers[-1]
    history.voucher = await _or_none(api, auditor, f"/api/vouchers/vouchers/{voucher_id}")
    history.lifecycle = await _or_none(api, auditor, f"/api/vouchers/vouchers/{voucher_id}/lifecycle")
    history.money = await _or_none(api, auditor, f"/api/payments/vouchers/{voucher_id}")
    history.envelope = await _or_none(api, auditor, f"/api/payments/envelopes/{history.call_id}")
    for part in ("claims", "disbursements", "recoveries"):
        setattr(history, part, [item async for item in api.list_items(auditor, f"/api/payments/{part}", voucher_id=voucher_id)])


async def _or_none(api: Api, auditor: Person, path: str, **query: Any) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = await api.get(auditor, path, **query)
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    return answer
