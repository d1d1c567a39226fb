"""One side of `bench/figures/comparison.py`: measures the checkout in PYTHONPATH and the current folder, which may be an older one.

Started as `python -P comparison_side.py '<Servers as JSON>'`. For each line on stdin (a key of `WORK`) it does that work once and
prints one line of JSON: what it measured, by metric. It uses the checkout's own benchmark code, so it has to know the names of both.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.stack import Stack
from deploy.embedded.program import Program
from deploy.embedded.servers import PostgreSQL, Tansu, Temporal
from shared.messaging.profile import BrokerKind

METRIC, BY_PROCESSOR = "a second", "a second of processor time"
SECONDS, LONGEST = "s", "longest wait beside it, ms"
Turn = Callable[[], Awaitable[float | dict[str, float]]]
"""One figure alone is `METRIC`."""
MODULES = {"service": ("bench.applications_service", "bench.desk"), "path": ("bench.message_path", "bench.path")}
"""By subject: the module's name in this checkout, and its name in an older one."""


class SideStack(Stack):
    """Uses servers that run already. Database names start with the side's name, since both sides share PostgreSQL."""

    def __init__(self, side: str, ports: dict[str, int], password: str, quick: bool) -> None:
        super().__init__(quick)
        self.side, self.count, self.until_end = side, 0, AsyncExitStack()
        self.__dict__ |= {  # takes the place of the properties that start a server
            "postgres": PostgreSQL(self.folder / "postgres", port=ports["postgres"], password=password),
            "temporal": Temporal(self.folder / "temporal", port=ports["temporal"]),
            "tansu": Tansu(self.folder / "tansu", port=ports["tansu"]),
        }

    async def database(self, service: str, name: str = "") -> str:
        self.count += 1
        return await super().database(service, name or f"{self.side}_{service}_{self.count}")

    def run(self, module: str, environment: Mapping[str, str], *arguments: str) -> Program:
        """With the checkout's folder, so that no process imports the installed packages of the other checkout."""
        return super().run(module, {**environment, "PYTHONPATH": str(Path.cwd())}, *arguments)


async def submission(stack: SideStack, calls: int = 1) -> Turn:
    """Drafts are submitted into one call; making the drafts is not measured."""
    module, service = await _service(stack, calls)
    load = import_module("bench.load").load

    async def turn() -> float:
        workers = module.each(service.clients, await service.drafts(stack.pick(1_200, 200)), service.submit)
        return float((await load(stack.pick(2, 1), workers)).per_second)

    return turn


async def drafted(stack: SideStack) -> Turn:
    """Drafts are made and submitted, into one call; each counts once."""
    module, service = await _service(stack)
    load = import_module("bench.load").load

    async def both(client: Any, applicant: Any) -> None:
        await service.submit(client, await service.draft(client, applicant))

    async def turn() -> float:
        workers = module.each(service.clients, service.applicants(stack.pick(1_200, 200)), both)
        return float((await load(stack.pick(2, 1), workers)).per_second)

    return turn


async def screening(stack: SideStack) -> Turn:
    """An officer screens submitted applications one by one; making and submitting them is not measured."""
    module, service = await _service(stack)
    load = import_module("bench.load").load

    async def screen(client: Any, applicant: Any) -> None:
        await service.screen(client, applicant.application_id)

    async def turn() -> float:
        workers = module.each(service.clients, await service.submitted(stack.pick(1_200, 200)), screen)
        return float((await load(stack.pick(2, 1), workers)).per_second)

    return turn


async def lifecycles(stack: SideStack) -> Turn:
    """Declined vouchers, as in the benchmark of that name, in a Temporal namespace of the side."""
    figure = import_module("bench.figures.lifecycles")
    vars(figure)["NAMESPACE"] = stack.side
    if hasattr(figure, OLD_SIGNALS):
        vars(figure)["_Ours"].live = _live_as_now
    sides = await stack.until_end.enter_async_context(figure.lifecycles.sides(stack))

    async def turn() -> float:
        [value] = (await sides["ours"]()).values()
        return float(value)

    return turn


async def events(stack: SideStack) -> Turn:
    """Events from outbox to inbox, as in `messaging`, over a broker of the side: both sides use the same topics and groups."""
    path, count, done = await _module("path").MessagePath.between(stack, BrokerKind.TANSU), stack.pick(6_000, 500), 1

    async def turn() -> float:
        nonlocal done
        commit = await path.prepare(count) if hasattr(path, "prepare") else partial(path.write, count)
        started = time.perf_counter()
        await commit()
        done += count
        await path.arrived(done)
        return count / (time.perf_counter() - started)

    return turn


OLD_SIGNALS = "Heard"  # wire name
_STATES = text("SELECT id, state FROM vouchers WHERE id = ANY(:ids)")


async def _live_as_now(ours: Any) -> None:
    """The `live` of this checkout for one without an award registry (8352612): what the inbox writes is left out. The `live` of that
    checkout replied before payments were asked, which saves a workflow task that no real lifecycle can save."""
    figure = import_module("bench.figures.lifecycles")
    signals = getattr(figure, OLD_SIGNALS)
    states = vars(ours).setdefault("states", {})
    award = ours._award()

    async def read() -> None:
        await asyncio.sleep(0.05)
        async with ours.sessions() as session:
            states.update({row.id: row.state for row in await session.execute(_STATES, {"ids": list(states)})})

    async def reaches(state: str) -> None:
        while states.setdefault(award.voucher_id, "") != state:
            if (reading := getattr(ours, "reading", None)) is None or reading.done():
                ours.reading = asyncio.create_task(read())
            await ours.reading

    await ours.lifecycles.start_voucher(award)
    await reaches("requested")
    await ours._tell(award, signals.RESERVED)
    await reaches("offered")
    await ours._declined(award)
    await asyncio.gather(*(ours._tell(award, signal) for signal in (signals.DECLINED, signals.RELEASED)))
    await ours.lifecycles.client.get_workflow_handle(figure.voucher_workflow(award.award_id)).result()
    del states[award.voucher_id]


def statement_of(number: int, lines: int) -> bytes:
    """A camt.053 of a thousand lines an entry, all bookings of payments that are not known here. `number` makes the bytes another file."""
    entries, parts = divmod(lines, _LINES_OF_ENTRY)
    assert parts == 0
    begin = (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>{number}</MsgId></GrpHdr><Stmt>'
        "<Id>S</Id><Acct><Id><IBAN>HR1210010051863000160</IBAN></Id></Acct>"
    )
    body = "".join(_entry(number * 1_000 + entry) for entry in range(entries))
    return f"{begin}{body}</Stmt></BkToCstmrStmt></Document>".encode()


def _entry(number: int) -> str:
    details = "".join(
        f"<TxDtls><Refs><InstrId>{number:08x}{1:08x}{line:016x}</InstrId><EndToEndId>{number:08x}{2:08x}{line:016x}</EndToEndId></Refs>"
        '<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>'
        for line in range(_LINES_OF_ENTRY - 1)
    )
    return (
        f'<Ntry><Amt Ccy="EUR">{100 * (_LINES_OF_ENTRY - 1)}.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


_LINES_OF_ENTRY = 1_000
"""The entry itself and the transfers that it lists: the limit of a file counts both."""


async def reading(stack: SideStack) -> Turn:
    """From the bytes of a statement to the lines that are matched."""
    camt053, lines = import_module("services.payments.iso20022.camt053"), import_module("services.payments.domain.bank_lines")
    pain002, refused = import_module("services.payments.iso20022.pain002"), import_module("shared.kernel.errors").Refused
    count = stack.pick(100_000, 5_000)
    data = statement_of(0, count)

    def read() -> Any:
        """An older checkout tries to read a status report first."""
        try:
            return import_module("services.payments.iso20022.bank_message").read_bank_message(data, max_bytes=len(data))
        except ModuleNotFoundError:
            with suppress(refused):
                pain002.read_status_report(data, max_bytes=len(data))
            return camt053.read_statement(data, max_bytes=len(data))

    async def turn() -> dict[str, float]:
        speed = _speed_of(count)
        statement = read()
        assert all(account.adds_up is not False for account in statement.accounts)
        found = len(lines.lines_of_statement(statement))
        assert found == count // _LINES_OF_ENTRY * (_LINES_OF_ENTRY - 1)
        return speed()

    return turn


def _speed_of(count: int) -> Callable[[], dict[str, float]]:
    """How many lines in a second since this call, and in a second of this process."""
    began, worked = time.perf_counter(), time.process_time()
    return lambda: {METRIC: count / (time.perf_counter() - began), BY_PROCESSOR: count / (time.process_time() - worked)}


async def importing(stack: SideStack, full: int = 4_000, quick: int = 1_000) -> Turn:
    """A statement in the bank's folder: read, every line matched and stored, in one transaction. Beside it, a small transaction of the
    same process ten times a second."""
    engines, clock = import_module("shared.database.engine"), import_module("shared.kernel.clock").ProgrammeClock()
    engine = engines.create_engine(await stack.database("payments"))
    stack.until_end.push_async_callback(engine.dispose)
    incoming, count, numbers = import_module("services.payments.jobs.incoming").Incoming, stack.pick(full, quick), itertools.count(1)
    folder = stack.folder / f"incoming-{count}"
    folder.mkdir(parents=True)
    if "policies" in signature(incoming).parameters:
        sessions = engines.sessions_of(engine, import_module("bench.stack").BENCH_SEALER)
        book = import_module("shared.policy.loader").load_book(Path.cwd() / "regions")
        job = incoming(sessions, clock, book, folder, 200, 100_000_000, None)
    else:
        sessions = engines.sessions_of(engine)
        job = incoming(sessions, clock, folder, 200, 100_000_000)

    async def turn() -> dict[str, float]:
        number, taken = next(numbers), asyncio.Event()
        path = folder / f"statement-{number}.xml"
        path.write_bytes(statement_of(number, count))
        beside = asyncio.create_task(_small_transactions(sessions, taken))
        began, speed = time.perf_counter(), _speed_of(count)
        await job.take(path)
        figures = {**speed(), SECONDS: time.perf_counter() - began}
        taken.set()
        assert not path.exists()
        assert list((folder / "taken").iterdir())
        return {**figures, LONGEST: await beside * 1_000}

    return turn


async def _small_transactions(sessions: Any, end: asyncio.Event) -> float:
    """The seconds that the slowest took, from the moment in which it was due."""
    slowest = 0.0
    while not end.is_set():
        due = time.perf_counter() + 0.1
        await asyncio.sleep(0.1)
        async with sessions.begin() as session:
            await session.execute(_OTHER_WORK)
        slowest = max(slowest, time.perf_counter() - due)
    return slowest


_OTHER_WORK = text("SELECT count(*) FROM disbursements")
FILES: dict[str, Callable[[SideStack], Awaitable[Turn]]] = {"reading": reading, "importing": importing}
"""Of the benchmark `statement`, on both sides."""
LARGE: dict[str, Callable[[SideStack], Awaitable[Turn]]] = {"importing 100,000": partial(importing, full=100_000, quick=2_000)}
"""Of this checkout alone: revision 8352612 takes more than a quarter of an hour."""

WORK: dict[str, Callable[[SideStack], Awaitable[Turn]]] = {
    "submissions to one call": submission,
    "submissions to eight calls": partial(submission, calls=8),
    "drafts and submissions": drafted,
    "screenings": screening,
    "lifecycles": lifecycles,
    "events from outbox to inbox": events,
}


async def _service(stack: SideStack, calls: int = 1) -> tuple[Any, Any]:
    module = _module("service")
    service = getattr(module, "ApplicationsService", None) or vars(module)["Desk"]
    return module, await service.open(stack, calls)


def _module(subject: str) -> Any:
    new, old = MODULES[subject]
    try:
        return import_module(new)
    except ModuleNotFoundError:
        return import_module(old)


@asynccontextmanager
async def _lines() -> AsyncIterator[asyncio.StreamReader]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    yield reader
    transport.close()


async def main(side: str, ports: dict[str, int], password: str, quick: bool) -> None:
    turns: dict[str, Turn] = {}
    async with SideStack(side, ports, password, quick) as stack, stack.until_end, _lines() as lines:
        while name := (await lines.readline()).decode().strip():
            if name not in turns:
                turns[name] = await (WORK | FILES | LARGE)[name](stack)
            found = await turns[name]()
            sys.stdout.write(json.dumps(found if isinstance(found, dict) else {METRIC: found}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
