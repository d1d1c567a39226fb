"""A million events into an empty projection."""

import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from bench.declare import Aim, Figures, Sides, benchmark
from bench.stack import BENCH_SEALER, PROGRAMME_NOW, Stack
from deploy.embedded.data_directory import REPOSITORY
from services.evaluation.subscribers import HANDLERS
from shared.contracts.applications import ApplicationSubmitted, CallPublished
from shared.database import create_engine, sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id
from shared.messaging.inbox import Inbox
from shared.messaging.signature import PublicKeys
from shared.policy.loader import load_book

NOW = datetime.fromisoformat(PROGRAMME_NOW)
CALL, REGION = UUID(int=1), "be-kortrijk"
SLICES, BATCH = 5, 200
METRIC = "events a second"


@benchmark(
    "Replay of 1,000,000 events",
    unit="events/s",
    aims=(Aim("the slice", "the first slice", METRIC, at_least=0.8),),
    warm_up=False,
    opt_in=True,
    rounds=SLICES,
)
async def replay(stack: Stack) -> AsyncIterator[Sides]:
    """Evaluation's inbox takes every ApplicationSubmitted of a log again, in batches of 200 as the worker takes them, and builds
    the order of the applications from nothing: for each a locked call, a look whether it is known, a row. Five slices of 200,000,
    one after another into the same database; each against the first says whether it slows down as the projection grows."""
    engine = create_engine(await stack.database("evaluation"))
    keys, book = PublicKeys(stack.public_keys), load_book(REPOSITORY / "regions")
    inbox = Inbox("evaluation", keys, sessions_of(engine, BENCH_SEALER), ProgrammeClock(), book, HANDLERS)
    await inbox.take([stack.delivery(_call(), NOW)])
    each = stack.pick(1_000_000, 2_000) // SLICES
    done, first = 0, 0.0

    async def take_slice() -> Figures:
        nonlocal done, first
        began = time.perf_counter()
        for start in range(done, done + each, BATCH):
            await inbox.take([stack.delivery(_submitted(number), NOW) for number in range(start + 1, start + BATCH + 1)])
        done += each
        found = each / (time.perf_counter() - began)
        first = first or found
        return {METRIC: found}

    async def the_first() -> Figures:
        return {METRIC: first}

    yield {"the slice": take_slice, "the first slice": the_first}
    await engine.dispose()


def _call() -> CallPublished:
    dates = ("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at")
    return CallPublished(
        call_id=CALL,
        region=REGION,
        slug="sample",
        scheme="creative-voucher",
        policy_id="sample",
        selection_method="ranking",
        currency="EUR",
        envelope_minor=100_000_000,
        **{name: NOW + timedelta(days=30 * number) for number, name in enumerate(dates)},
    )


def _submitted(number: int) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=derive_id(CALL, number),
        call_id=CALL,
        region=REGION,
        revision=1,
        sequence=number,
        receipt=f"KRT-{number}",
        submitted_at=NOW,
        organisation_id=derive_id(CALL, number, "organisation"),
        requested_minor=500_000,
        currency="EUR",
        policy_id="sample",
    )
