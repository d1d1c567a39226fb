"""Starts the workflows that the restored databases call for, in a Temporal that is empty.

Each unfinished lifecycle is started from its row and gets the signals that it had received before the backup; it then reads the row,
which decides. Events that it had not received come from the broker, to which the relays republish their logs.
"""

import json
from uuid import UUID

import asyncpg

from deploy.embedded.composition import NAMESPACE
from deploy.embedded.state import State
from operations.contract_versions import types_of, with_present_names
from services.vouchers.commands.restart_lifecycles import restart_lifecycles
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.subscribers import SIGNAL_KINDS
from services.vouchers.temporal import connect
from services.vouchers.workflows.models import LifecycleInput, Signal
from shared.contracts.evaluation import AwardGranted
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.policy.loader import load_book

SIGNAL_BY_TYPE = {type_: kind for contract, kind in SIGNAL_KINDS.items() for type_ in types_of(contract)}
"""Event type, of any version → the signal that a lifecycle gets for it."""


async def restart_workflows(state: State) -> int:
    """Returns how many workflows were started. PostgreSQL and an empty Temporal run; no worker does, so every workflow waits.

    As the owner: a service never removes a step.
    """
    engine = create_engine(state.owner_url("vouchers"), 2, "triptych-restore")
    try:
        async with sessions_of(engine).begin() as session:
            restart = await restart_lifecycles(Context(session, SYSTEM, load_book(state.policies), state.clock.now), state.clock)
    finally:
        await engine.dispose()
    lifecycles = Lifecycles(await connect(state.temporal, NAMESPACE))
    awards = [*restart.lifecycles, *await _awards_without_a_row(state)]
    for award in awards:
        await lifecycles.start_voucher(award)
    for calendar in restart.calendars:
        await lifecycles.start_calendar(calendar)
    for milestone in restart.milestones:
        await lifecycles.start_milestone(milestone)
    award_of = {award.voucher_id: award.award_id for award in awards}
    for voucher_id, signal in await _received_signals(state, list(award_of)):
        await lifecycles.signal_voucher(award_of[voucher_id], signal)
    return len(awards) + len(restart.calendars) + len(restart.milestones)


async def _awards_without_a_row(state: State) -> list[LifecycleInput]:
    """Awards that were consumed, but whose lifecycle had not yet written its row when the backup was taken."""
    query = "SELECT event_id, type, body FROM outbox WHERE type = ANY($1) ORDER BY position"
    granted = await _fetch(state, "evaluation", query, types_of(AwardGranted))
    known = {row["award_id"] for row in await _fetch(state, "vouchers", "SELECT award_id FROM vouchers")}
    consumed = await _consumed(state, [row["event_id"] for row in granted])
    bodies = [with_present_names(row["type"], json.loads(row["body"])) for row in granted if row["event_id"] in consumed]
    events = [AwardGranted.model_validate(body) for body in bodies]
    fields = set(LifecycleInput.model_fields)
    return [
        LifecycleInput(voucher_id=derive_id(event.award_id, "voucher"), clock=state.clock, **event.model_dump(include=fields))
        for event in events
        if event.award_id not in known
    ]


async def _received_signals(state: State, vouchers: list[UUID]) -> list[tuple[UUID, Signal]]:
    """Voucher and signal, for these vouchers, of every event that the inbox of vouchers holds."""
    query = "SELECT event_id, type, key FROM outbox WHERE type = ANY($1) AND key = ANY($2::uuid[]) ORDER BY position"
    rows = [row for service in ("vouchers", "payments") for row in await _fetch(state, service, query, list(SIGNAL_BY_TYPE), vouchers)]
    consumed = await _consumed(state, [row["event_id"] for row in rows])
    signals = [(row["key"], Signal(event_id=row["event_id"], kind=SIGNAL_BY_TYPE[row["type"]])) for row in rows]
    return [(voucher_id, signal) for voucher_id, signal in signals if signal.event_id in consumed]


async def _consumed(state: State, event_ids: list[UUID]) -> set[UUID]:
    rows = await _fetch(state, "vouchers", "SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])", event_ids)
    return {row["event_id"] for row in rows}


async def _fetch(state: State, service: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    database = await asyncpg.connect(state.verify_url(service, "postgresql"))
    try:
        return list(await database.fetch(query, *arguments))
    finally:
        await database.close()
