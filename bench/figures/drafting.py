"""A thousand people at their drafts while others submit."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson

from bench.applications_service import ApplicationsService
from bench.bare_service import bare_ports, row_id
from bench.declare import Aim, Figures, Sides, benchmark
from bench.drafting import SAVED, SUBMITTED, Send, Writer, api_writers, page_writers
from bench.load import Answer, Gateway, as_json, percentile
from bench.portal_service import PortalService
from bench.stack import Stack
from simulation.sample_form import SAMPLE_FORM

SIDES = API, PAGE, BARE = "by the API", "by the page", "bare endpoints"
SUBMITTED_A_MINUTE = 200
PAUSE_SECONDS = (2, 8)
"""From one save to the next change of the same person that is saved: the script saves a second after the last letter, so one who types a
sentence and thinks saves every few seconds."""
NO_ANSWER = 0


@dataclass
class Record:
    """Of one turn: milliseconds of each save and of each submission, and the number of answers by status."""

    saves: list[float] = field(default_factory=list)
    submissions: list[float] = field(default_factory=list)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: int = 0

    async def note(self, what: str, took: list[float], wanted: tuple[int, ...], ask: Awaitable[Answer]) -> None:
        began = time.perf_counter()
        try:
            status = (await ask).status
        except (OSError, EOFError):
            status = NO_ANSWER
        took.append((time.perf_counter() - began) * 1000)
        self.statuses[what, status] += 1
        self.errors += status not in wanted


@benchmark(
    "A thousand drafts, and two hundred submitted a minute",
    unit="ms, or number",
    aims=tuple(Aim(side, metric="errors", at_most=0, always=True) for side in (API, PAGE)),
    warm_up=False,
    rounds=3,
)
async def drafting(stack: Stack) -> AsyncIterator[Sides]:
    """A thousand people each save a field of a draft, pause for two to eight seconds, as one does who types and thinks, and save the next
    change; meanwhile two hundred others a minute submit a complete draft, evenly. For a minute; nobody sends a change before the last
    one is answered, as the script of the page does. *by the API*: the requests of the API alone. *by the page*: those of the portal's
    script and of its form, for which the portal asks the API. *bare endpoints*: one row updated, and two inserted, as often. Two
    processes of each service on two cores, with PostgreSQL and all the people among them. An error is any other answer than that it is
    saved or submitted, and no answer."""
    seconds, people = stack.pick(60, 10), stack.pick(1_000, 50)
    submitting = SUBMITTED_A_MINUTE * seconds // 60
    service = await ApplicationsService.open(stack)
    portal = await PortalService.open(service)
    by_api, by_page, bare = (Gateway(ports) for ports in (service.ports, portal.ports, await bare_ports(stack, people, {})))
    records = {side: Record() for side in SIDES}
    api = await api_writers(service, people)
    pages = await page_writers(service, portal, by_page.send, people)
    rows = [BareWriter(number + 1) for number in range(people)]

    async def api_turn() -> Figures:
        return await _turn(records[API], by_api.send, seconds, api, await api_writers(service, submitting))

    async def page_turn() -> Figures:
        return await _turn(records[PAGE], by_page.send, seconds, pages, await page_writers(service, portal, by_page.send, submitting))

    async def bare_turn() -> Figures:
        return await _turn(records[BARE], bare.send, seconds, rows, rows[:submitting])

    yield {API: api_turn, PAGE: page_turn, BARE: bare_turn}
    stack.notes.append("## Answers by status\n\n" + "\n".join(_words(side, record) for side, record in records.items()))


@dataclass
class BareWriter:
    number: int
    changes: int = 0

    async def save(self, send: Send) -> Answer:
        self.changes += 1
        content = orjson.dumps({"version": self.changes})
        return await send("PATCH", f"/bare/{row_id(self.number)}", as_json("none"), content)

    async def submit(self, send: Send) -> Answer:
        answer = await send("POST", "/bare", as_json("none"), orjson.dumps(SAMPLE_FORM))
        return Answer(SUBMITTED[0], answer.content) if answer.status == 201 else answer


async def _turn(record: Record, send: Send, seconds: int, drafting: Sequence[Writer], submitting: Sequence[Writer]) -> Figures:
    """`record` takes up the turn; what is under way at its end is waited for."""
    turn, began = Record(), time.perf_counter()

    def over() -> bool:
        return time.perf_counter() - began >= seconds

    async def type_on(writer: Writer) -> None:
        await asyncio.sleep(random.uniform(0, PAUSE_SECONDS[1]))
        while not over():
            await turn.note("save", turn.saves, SAVED, writer.save(send))
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    async def submit(number: int, writer: Writer) -> None:
        await asyncio.sleep(seconds * number / len(submitting))
        await turn.note("submission", turn.submissions, SUBMITTED, writer.submit(send))

    await asyncio.gather(*map(type_on, drafting), *(submit(number, writer) for number, writer in enumerate(submitting)))
    record.statuses += turn.statuses
    shares: dict[str, Callable[[list[float]], float]] = {f"p{share}, ms": partial(percentile, share=share / 100) for share in (50, 95, 99)}
    return {
        "errors": turn.errors,
        "saves a second": len(turn.saves) / seconds,
        "submitted a minute": len(turn.submissions) * 60 / seconds,
        **{f"save: {name}": of(turn.saves) for name, of in shares.items()},
        **{f"submission: {name}": of(turn.submissions) for name, of in shares.items()},
    }


def _words(side: str, record: Record) -> str:
    counted = (f"{what} {status or 'no answer'}: {number:,}" for (what, status), number in sorted(record.statuses.items()))
    return f"* {side}: {'; '.join(counted)}"
