"""Temporal, begun empty, is told what the restored databases call for.

Each unfinished lifecycle is started from its row and told again what it had heard; it then looks at the row, which decides. What had not
been heard yet comes over the broker, which the relays refill.
"""

from uuid import UUID

import asyncpg

from deploy.embedded.composition import NAMESPACE
from deploy.embedded.state import State
from services.vouchers.commands.begin_anew import begin_anew
from services.vouchers.lifecycles import Lifecycles, connect
from services.vouchers.subscribers import HEARD
from services.vouchers.workflows.models import Award, Heard, News
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import VoucherSettled
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.policy.loader import load_book

NEWS = {**{contract.type: heard for contract, heard in HEARD.items()}, VoucherSettled.type: Heard.SETTLED}


async def begin_lifecycles(state: State) -> int:
    """Returns how many workflows were started. PostgreSQL and an empty Temporal run; no worker does, so all of them wait."""
    engine = create_engine(state.database_url("vouchers"), 2, "triptych-restore")
    try:
        async with sessions_of(engine).begin() as session:
            unfinished = await begin_anew(Context(session, SYSTEM, load_book(state.policies), state.clock.now), state.clock)
    finally:
        await engine.dispose()
    lifecycles = Lifecycles(await connect(state.temporal, NAMESPACE))
    awards = [*unfinished.awards, *await _awards_without_a_row(state)]
    for award in awards:
        await lifecycles.start_voucher(award)
    for calendar in unfinished.calendars:
        await lifecycles.start_calendar(calendar)
    for deadline in unfinished.deadlines:
        await lifecycles.start_milestone(deadline)
    award_of = {award.voucher_id: award.award_id for award in awards}
    for voucher_id, news in await _heard(state, list(award_of)):
        await lifecycles.tell_voucher(award_of[voucher_id], news)
    return len(awards) + len(unfinished.calendars) + len(unfinished.deadlines)


async def _awards_without_a_row(state: State) -> list[Award]:
    """Awards that were taken in, and whose lifecycle had not yet made its row when the backup was taken."""
    granted = await _fetch(state, "evaluation", "SELECT event_id, body FROM outbox WHERE type = $1 ORDER BY position", AwardGranted.type)
    known = {row["award_id"] for row in await _fetch(state, "vouchers", "SELECT award_id FROM vouchers")}
    taken = await _taken(state, [row["event_id"] for row in granted])
    events = [AwardGranted.model_validate_json(row["body"]) for row in granted if row["event_id"] in taken]
    return [
        Award(voucher_id=derive_id(event.award_id, "voucher"), clock=state.clock, **event.model_dump(include=set(Award.model_fields)))
        for event in events
        if event.award_id not in known
    ]


async def _heard(state: State, vouchers: list[UUID]) -> list[tuple[UUID, News]]:
    """Voucher and news, of these vouchers, as far as the inbox had them."""
    told = []
    for service in ("vouchers", "payments"):
        told += await _fetch(
            state,
            service,
            "SELECT event_id, type, key FROM outbox WHERE type = ANY($1) AND key = ANY($2::uuid[]) ORDER BY position",
            list(NEWS),
            vouchers,
        )
    taken = await _taken(state, [row["event_id"] for row in told])
    return [(row["key"], News(event_id=row["event_id"], heard=NEWS[row["type"]])) for row in told if row["event_id"] in taken]


async def _taken(state: State, event_ids: list[UUID]) -> set[UUID]:
    rows = await _fetch(state, "vouchers", "SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])", event_ids)
    return {row["event_id"] for row in rows}


async def _fetch(state: State, service: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    database = await asyncpg.connect(state.verify_url(service, "postgresql"))
    try:
        return list(await database.fetch(query, *arguments))
    finally:
        await database.close()
