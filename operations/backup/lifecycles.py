"""Starts the workflows that the restored databases call for, in a Temporal that is empty.

Awards and replies of payments that were consumed under an earlier version, which kept no row of them, are recorded first, from the event
logs. Then each unfinished lifecycle is started and reads its rows, which decide. Events that it had not received come from the broker, to
which the relays republish their logs.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import TEMPORAL, sealer_of
from deploy.embedded.state import NAMESPACE, State
from operations.contract_versions import types_of
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.jobs.restarts import list_unfinished
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.subscribers import REPLIES
from services.vouchers.temporal import connect
from shared.contracts import BY_TYPE
from shared.contracts.evaluation import AwardGranted
from shared.database import create_engine, sessions_of
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.errors import TriptychError
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.scheme_files import SchemeFiles
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.runtime.mutual_tls import temporal_tls_in

OPEN_VOUCHERS = "SELECT id FROM vouchers WHERE state <> 'closed'"

log = structlog.get_logger()


async def restart_workflows(state: State, data: DataDirectory) -> int:
    """Returns how many workflows were started. PostgreSQL and an empty Temporal run; no worker does, so every workflow waits.

    As the owner: a service never removes a step.
    """
    engine, policies = create_engine(state.owner_url("vouchers"), 2, "triptych-restore"), load_book(state.policies)
    sessions = sessions_of(engine, sealer_of(data, "vouchers", state.hash_key))
    try:
        await SchemeFiles("vouchers", sessions, policies).refresh()
        for command, events in ((register_award, await _awards(state)), (record_reply, await _replies(state))):
            for logged in events:
                await _record(sessions, policies, command, logged)
        tls = temporal_tls_in(state.temporal_client)
        lifecycles = Lifecycles(await connect(state.temporal, NAMESPACE, sealer_of(data, TEMPORAL), tls=tls))
        async with sessions.begin() as session:
            unfinished = await list_unfinished(Context(session, SYSTEM, policies, state.clock.now), lifecycles)
    finally:
        await engine.dispose()
    for workflow in unfinished.values():
        await workflow.start()
    return len(unfinished)


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of another service's log that the inbox of vouchers holds."""

    event_id: UUID
    time: datetime
    event: Event


async def _record(sessions: Sessions, policies: PolicyBook, command: Callable[[Context, Any], Awaitable[None]], logged: Logged) -> None:
    """As the inbox would have; what it would have refused is logged."""
    try:
        async with sessions.begin() as session:
            await command(Context(session, SYSTEM, policies, lambda: logged.time, logged.event_id, logged.time), logged.event)
    except TriptychError as error:
        log.error("event is not recorded", event_id=str(logged.event_id), error=str(error))


async def _awards(state: State) -> list[Logged]:
    """Those that are not registered."""
    registered = [row["id"] for row in await _fetch(state, "vouchers", "SELECT id FROM awards")]
    return await _consumed(state, "evaluation", [AwardGranted], "AND (body->>'award_id')::uuid <> ALL($2::uuid[])", registered)


async def _replies(state: State) -> list[Logged]:
    """Those about vouchers that are not closed."""
    unfinished = [row["id"] for row in await _fetch(state, "vouchers", OPEN_VOUCHERS)]
    return await _consumed(state, "payments", REPLIES, "AND key = ANY($2::uuid[])", unfinished)


async def _consumed(state: State, service: str, contracts: Sequence[type[Event]], where: str = "", *arguments: object) -> list[Logged]:
    types = [type_ for contract in contracts for type_ in types_of(contract)]
    query = f"SELECT event_id, type, time, body FROM outbox WHERE type = ANY($1) {where} ORDER BY position"
    rows = await _fetch(state, service, query, types, *arguments)
    inbox = "SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])"
    known = {row["event_id"] for row in await _fetch(state, "vouchers", inbox, [row["event_id"] for row in rows])}
    events = [(row, BY_TYPE[row["type"]].read(row["body"], row["type"])) for row in rows if row["event_id"] in known]
    return [Logged(row["event_id"], row["time"], event) for row, event in events]


async def _fetch(state: State, service: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    database = await asyncpg.connect(state.verify_url(service, "postgresql"))
    try:
        return list(await database.fetch(query, *arguments))
    finally:
        await database.close()
