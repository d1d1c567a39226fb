"""What a transaction writes last: at its commit, or at the release of the savepoint in which it was added. Its events go by one statement,
with their acts: a third of the cost of mapped rows, and one round trip for two tables. Rows that nobody reads before go by one round trip
for each statement, however many handlers of an inbox, or steps of lifecycles, have added some.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Executable, event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from shared.database.sealing import sealer_of
from shared.messaging.mac import mac_of
from shared.telemetry.tracing import traceparent

_UNWRITTEN, _LATER = "unwritten events", "unwritten rows"
_WRITE = text("""
    WITH event AS (
        SELECT * FROM ROWS FROM (jsonb_to_recordset(CAST(:events AS jsonb)) AS (
            event_id uuid, topic text, key uuid, type text, time timestamptz, actor text, reason text, policy_id text,
            correlation_id uuid, causation_id uuid, body jsonb, mac bytea, traceparent text, act jsonb
        )) WITH ORDINALITY
    ), act AS (
        INSERT INTO acts (event_id, subject_id, call_id, duty, actor, at)
        SELECT act.* FROM event, jsonb_to_record(event.act)
            AS act (event_id uuid, subject_id uuid, call_id uuid, duty text, actor text, at timestamptz)
        WHERE event.act IS NOT NULL
    )
    INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, causation_id, body, mac, traceparent)
    SELECT event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, causation_id, body, mac, traceparent
    FROM event ORDER BY ordinality
""")


def add_event(session: AsyncSession, row: dict[str, Any], act: dict[str, Any] | None = None) -> None:
    """`row` has the columns of the outbox, its body as JSON text; `act` those of the act that the event proves.

    Raises `SealBroken` when the session has no key for the MAC.
    """
    if not session.in_transaction():
        session.sync_session.begin()  # as adding a row does; a rollback is reported only once a transaction has begun
    mac = f"\\x{mac_of(sealer_of(session), row).hex()}"
    entry = row | {"body": orjson.Fragment(row["body"]), "mac": mac, "act": act, "traceparent": traceparent()}
    session.info.setdefault(_UNWRITTEN, []).append((session.sync_session.get_nested_transaction(), entry))


def write_later(session: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> None:
    """Executes the statement with these values when the transaction ends. For an insert into a table that nothing else in the transaction
    reads or writes: statements keep the order in which each was first added, and the values of one statement theirs.

    A statement that fails fails the transaction, like one that is executed at once.
    """
    if not session.in_transaction():
        session.sync_session.begin()
    session.info.setdefault(_LATER, []).append((session.sync_session.get_nested_transaction(), (statement, values)))


async def write_events(session: AsyncSession) -> None:
    """Writes them now, for a statement of this transaction that reads events or acts."""
    if session.info.get(_UNWRITTEN):
        await session.run_sync(_write)


def _write(session: Session, *_: object) -> None:
    if later := session.info.pop(_LATER, None):
        together: dict[Executable, list[Mapping[str, Any]]] = {}
        for _, (statement, values) in later:
            together.setdefault(statement, []).append(values)
        for statement, rows in together.items():
            session.connection().execute(statement, rows)
    if unwritten := session.info.pop(_UNWRITTEN, None):
        # asyncpg's ids are of a class of its own, hence `default`
        session.connection().execute(_WRITE, {"events": orjson.dumps([entry for _, entry in unwritten], default=str).decode()})


def _forget(session: Session, ended: SessionTransaction) -> None:
    """What was published in a savepoint, or transaction, that was rolled back has not happened."""
    for kept in (_UNWRITTEN, _LATER):
        added = session.info.get(kept, [])
        session.info[kept] = [(savepoint, entry) for savepoint, entry in added if ended.nested and savepoint is not ended]


event.listen(Session, "before_commit", _write)
event.listen(Session, "after_soft_rollback", _forget)
