"""`python -m tests.hostile.bank_memory DATABASE_URL FOLDER`: takes large bank files in and prints, for each, what became of it, and how
much memory it took at most and how much is left of it, in MB above the idle process. A process of its own, so that nothing else is
measured."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlmodel import col

from services.payments.jobs.incoming import Incoming
from services.payments.settings import Settings
from services.payments.tables import BankFileRow
from shared.database import create_engine, sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.runtime.memory import give_back_memory, tune_memory
from tests.support.desk import REGIONS, SEALING

MB = 1_000_000
MOST_LEFT_MB = 15
"""A warm process keeps up to six; the bytes alone of a file up to the limit are 50."""
LIMIT = int(Settings.model_fields["bank_file_max_bytes"].default)
HEAD = (
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>'
    b"<OrgnlGrpInfAndSts><OrgnlMsgId>B</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B-1</OrgnlPmtInfId>"
)
TAIL = b"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"


def filled(piece: bytes, size: int, before: bytes = HEAD, after: bytes = TAIL) -> Callable[[IO[bytes]], None]:
    """So many bytes of the piece between a right beginning and a right end."""

    def write(file: IO[bytes]) -> None:
        file.write(before)
        block = piece * (MB // len(piece))
        for _ in range((size - len(before) - len(after)) // len(block)):
            file.write(block)
        file.write(after)

    return write


def holding(pieces: Iterable[bytes]) -> Callable[[IO[bytes]], None]:
    def write(file: IO[bytes]) -> None:
        file.write(HEAD)
        file.writelines(pieces)
        file.write(TAIL)

    return write


def hollow(file: IO[bytes]) -> None:
    file.truncate(10_000 * MB)


STATUS = b"<TxInfAndSts><OrgnlEndToEndId>RENT</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>"
CASES: dict[str, tuple[Callable[[IO[bytes]], None], str]] = {
    "100 MB of statuses": (filled(STATUS, 100 * MB), "file-too-large"),
    "100 MB of white space": (filled(b" ", 100 * MB), "file-too-large"),
    "100 MB in one attribute": (filled(b"x", 100 * MB, b'<Document x="', b'"/>'), "file-too-large"),
    "10 GB of nothing, on no disk": (hollow, "file-too-large"),
    "white space up to the limit": (filled(b" ", LIMIT), "not-xml"),
    "white space before the root": (filled(b" ", LIMIT, b"<?xml version='1.0'?>", HEAD + TAIL), "not-xml"),
    "one attribute up to the limit": (filled(b"x", LIMIT, b'<Document x="', b'"/>'), "not-xml"),
    "texts up to the limit": (filled(b"<a>%s</a>" % (b"x" * 900_000), LIMIT), ""),
    "comments up to the limit": (filled(b"<!--%s-->" % (b"x" * 90_000), LIMIT), ""),
    "elements up to the limit": (filled(b"<a/>", LIMIT), "too-many-elements"),
    "attributes up to the limit": (holding(b'<a a="" b="" c="" d=""/>' for _ in range(1_000_000)), "too-many-elements"),
    "namespaces up to the limit": (holding(b"<a xmlns:n%d='u%d'/>" % (n, n) for n in range(1_000_000)), "too-many-elements"),
    "as many elements as are read": (holding([b"<a/>"] * 1_400_000), ""),
    "as many attributes as are read": (holding(b'<a%s/>' % b"".join(b' a%d=""' % n for n in range(100)) for _ in range(7_000)), ""),
    "statuses without anything": (holding([b"<TxInfAndSts/>"] * 1_400_000), "too-many-lines"),
    "20,000 statuses": (holding([STATUS] * 20_000), ""),
}  # fmt: skip
"""Each file and the reason of its refusal; '' when it is taken."""


def memory(name: str) -> int:
    """VmRSS, or VmHWM, which is the most since `forget_peak`, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) // 1024


async def left_above(idle: int, size: int) -> int:
    """The bytes of the file, no more, have a second to go: a thread lets go of what it was given a moment after it has answered."""
    for _ in range(20):
        if not MOST_LEFT_MB < memory("VmRSS") - idle <= MOST_LEFT_MB + min(size, LIMIT) // MB:
            break
        await asyncio.sleep(0.05)
        give_back_memory()
    return memory("VmRSS") - idle


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def delay_threads_that_raise() -> None:
    """As on a busy machine: a thread whose error is elsewhere already has not run on, and still has the error with its frames."""
    set_exception = Future.set_exception

    def set_and_wait(future: Future[object], error: BaseException | None) -> None:
        set_exception(future, error)
        time.sleep(2)

    Future.set_exception = set_and_wait  # type: ignore[method-assign, assignment]


async def main(url: str, folder: Path) -> None:
    tune_memory()
    delay_threads_that_raise()
    engine = create_engine(url)
    incoming = Incoming(sessions_of(engine, SEALING), ProgrammeClock(), load_book(REGIONS), folder, 10, LIMIT, None)
    idle = 0
    for number, (name, (write, _)) in enumerate({"warm up": (filled(b" ", MB), ""), **CASES}.items()):
        path = folder / f"{number}.xml"
        with path.open("wb") as file:
            write(file)
        size = path.stat().st_size
        forget_peak()
        idle = idle or memory("VmRSS")
        await incoming.take_all()
        taken = await incoming.take_all()
        async with incoming.sessions() as session:
            row = (await session.scalars(select(BankFileRow).where(col(BankFileRow.name) == path.name))).one()
        more = {"more_mb": memory("VmHWM") - idle, "left_mb": await left_above(idle, size)}
        found = {"name": name, "taken": taken, "reason": row.reason or "", **more}
        sys.stdout.write(json.dumps(found) + "\n")
        (folder / row.state / f"{row.sha256}.xml").unlink()
    await engine.dispose()


if __name__ == "__main__":
    Path(sys.argv[2]).mkdir()
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
