"""Two hundred awards at once, with money for one."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from bench.declare import Aim, Figures, Sides, benchmark
from bench.stack import BENCH_SEALER, Stack
from services.payments.commands.open_envelope import open_envelope
from services.payments.commands.reserve_funds import reserve_funds
from shared.contracts.applications import CallPublished
from shared.contracts.vouchers import FundsReservationRequested
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

AT_ONCE, AMOUNT_MINOR = 200, 500_000
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
METRIC = "ms for 200 at once"
REGION = "be-kortrijk"
RESERVED = text("SELECT count(*) FROM vouchers WHERE state = 'reserved' AND call_id = ANY(:calls)")


@benchmark("The last euro under 200 at once", unit="ms", aims=(Aim("one envelope", "an envelope each", METRIC, at_most=1.5),))
async def last_euro(stack: Stack) -> AsyncIterator[Sides]:
    """Two hundred reservations at the same moment, each its own transaction over twenty connections: on one envelope that holds one
    of them, and on two hundred envelopes that hold one each. All of them need the row of the envelope; one is reserved, all
    others are refused for lack of funds."""
    engine = create_engine(await stack.database("payments"))
    sessions = sessions_of(engine, BENCH_SEALER)

    async def race(calls: list[UUID]) -> Figures:
        requests = [_request(call) for call in calls]
        began = time.perf_counter()
        await asyncio.gather(*(_reserve(sessions, one) for one in requests))
        took = (time.perf_counter() - began) * 1000
        async with sessions() as session:
            assert await session.scalar(RESERVED, {"calls": calls}) == len(set(calls)), "as many as there is money for"
        return {METRIC: took}

    async def one() -> Figures:
        return await race(await _envelopes(sessions, 1) * AT_ONCE)

    async def each() -> Figures:
        return await race(await _envelopes(sessions, AT_ONCE))

    yield {"one envelope": one, "an envelope each": each}
    await engine.dispose()


async def _envelopes(sessions: Sessions, count: int) -> list[UUID]:
    calls = [new_id() for _ in range(count)]
    async with sessions.begin() as session:
        for call in calls:
            await open_envelope(Context(session, SYSTEM, PolicyBook([]), NOW), _call(call))
    return calls


async def _reserve(sessions: Sessions, request: FundsReservationRequested) -> None:
    async with sessions.begin() as session:
        await reserve_funds(Context(session, SYSTEM, PolicyBook([]), NOW), request)


def _call(call_id: UUID) -> CallPublished:
    dates = ("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at")
    return CallPublished(
        call_id=call_id,
        region=REGION,
        slug=f"sample-{call_id}",
        scheme="creative-voucher",
        policy_id="sample",
        selection_method="first-come",
        currency="EUR",
        envelope_minor=AMOUNT_MINOR,
        **{name: NOW + timedelta(days=30 * number) for number, name in enumerate(dates)},
    )


def _request(call_id: UUID) -> FundsReservationRequested:
    return FundsReservationRequested(
        voucher_id=new_id(),
        application_id=new_id(),
        call_id=call_id,
        region=REGION,
        award_id=new_id(),
        organisation_id=new_id(),
        amount_minor=AMOUNT_MINOR,
        currency="EUR",
        policy_id="sample",
    )
