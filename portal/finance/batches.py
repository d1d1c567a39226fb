"""Batches: what goes to the bank in one file."""

from functools import partial

from starlette.responses import Response, StreamingResponse

from portal.client.base import ApiProblem
from portal.client.payments import BatchesInput, BatchView
from portal.finance.acts import REFUSALS, Act, act, part
from portal.finance.parts import payment_columns
from portal.kit.formats import day, money
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import page
from portal.kit.reader import Reader
from portal.kit.regions import region_names, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from shared.texts.languages import in_language

PATH = "/finance/batches"
COLOURS = {"sealed": "yellow", "released": "blue", "sent": "green"}


def states(language: str) -> dict[str, str]:
    """State of a batch → its name."""
    return {"sealed": text(language, "Sealed"), "released": text(language, "Released"), "sent": text(language, "Sent to the bank")}


async def batches(visit: Visit) -> Response:
    regions = await visit.regions()
    listing = Listing(
        name="batches",
        title=text(visit.language, "Batches"),
        columns=_columns(visit.language, regions),
        ask=partial(visit.services.payments.list_batches, await visit.caller()),
        empty=text(visit.language, "There is no batch yet. A batch is sealed when payments are approved."),
        filters=[
            Filter("state", text(visit.language, "State"), states(visit.language)),
            await region_filter(visit, "finance"),
        ],
    )
    return await listed(visit, listing, "finance/batches.html")


def _columns(language: str, regions: Regions) -> list[Column[BatchView]]:
    def sealed(batch: BatchView) -> Cell:
        return instant(batch.sealed_at, regions[batch.region].zone, language, f"{PATH}/{batch.batch_id}")

    return [
        Column("sealed_at", text(language, "Sealed"), sealed),
        Column("region", text(language, "Region"), lambda one: in_language(regions[one.region].names, language)),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
        Column("execution_on", text(language, "To be paid on"), lambda one: Cell(day(one.execution_on, language), value=one.execution_on)),
        Column("disbursements", text(language, "Payments"), lambda one: Cell(str(one.disbursements), value=one.disbursements), number=True),
        Column("total", text(language, "Total"), lambda one: amount(one.total_minor, one.currency, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
    ]


async def batch(visit: Visit) -> Response:
    """With its payments, who sealed and released it, and its file."""
    caller, services, language = await visit.caller(), visit.services.payments, visit.language
    found = await services.get_batch(caller, _id(visit))
    await visit.at(found.region)
    regions = await visit.regions()
    listing = Listing(
        name=f"batch-{found.batch_id}",
        title=text(language, "Payments in the batch"),
        columns=payment_columns(visit, regions),
        ask=partial(services.list_disbursements, caller, batch_id=found.batch_id),
        empty=text(language, "No payment is in this batch any more."),
    )
    names = await named(visit, [found.sealed_by, found.released_by])
    own = found.sealed_by == str(visit.person.person_id)
    return await listed(
        visit, listing, "finance/batch.html", batch=found, state=Cell(states(language)[found.state], colour=COLOURS[found.state]),
        sum=money(found.total_minor, found.currency, language), zone=zone_of(regions, found.region), own=own, who=names.by,
        unanswered=await _unanswered(visit, found),
    )  # fmt: skip


async def _unanswered(visit: Visit, found: BatchView) -> int:
    """Payments of a batch for which the bank, which has it, has not answered yet."""
    if found.state != "sent":
        return 0
    ask = partial(visit.services.payments.list_disbursements, await visit.caller(), batch_id=found.batch_id, limit=1)
    return sum([(await ask(state="sealed")).total, (await ask(state="sent")).total])


async def file(visit: Visit) -> Response:
    found = await visit.services.payments.get_batch_file(await visit.caller(), _id(visit))
    name = f'attachment; filename="{_id(visit)}.xml"'
    return StreamingResponse(found.content, headers={**found.headers, "content-disposition": name, "content-security-policy": "sandbox"})


async def release(visit: Visit) -> Act:
    found, language = await visit.services.payments.get_batch(await visit.caller(), _id(visit)), visit.language
    await visit.at(found.region)
    sum_, here = money(found.total_minor, found.currency, language), f"{PATH}/{_id(visit)}"
    return Act(
        title=text(language, "Release the batch of %(sum)s") % {"sum": sum_},
        follows=[
            text(language, "The file is signed and given to the bank. Payments in it: %(number)s. This cannot be undone.")
            % {"number": found.disbursements},
            text(language, "Who releases a batch has neither prepared, approved nor sealed a payment in it."),
        ],
        button=text(language, "Release it to the bank"),
        step=lambda caller, _given: visit.services.payments.post_batch_release(caller, _id(visit)),
        back=here,
        done=f"{here}?done=released",
    )


async def ask_seal(visit: Visit) -> Response:
    return await _seal_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def seal(visit: Visit) -> Response:
    """All that may be paid now; what waits, and why, stands on the page."""
    reader, language = Reader(visit.form, visit.language), visit.language
    region = reader.line("region", text(language, "Choose a region"))
    if not reader.errors:
        try:
            sealed = await visit.services.payments.post_batches(await visit.caller(), BatchesInput(region=region))
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return page(
                visit, "finance/sealed.html", sealed=sealed, root=PATH, waits=waits(language),
                sums=[money(one.total_minor, one.currency, language) for one in sealed.batches],
            )  # fmt: skip
    return await _seal_page(visit, reader)


async def _seal_page(visit: Visit, reader: Reader) -> Response:
    caller, services = await visit.caller(), visit.services.payments
    mine = await region_names(visit, "finance")
    counts = {}
    for region, name in mine.items():
        found = await services.list_disbursements(caller, state="approved", region=region, limit=1)
        counts[region] = text(visit.language, "%(region)s: %(number)s approved") % {"region": name, "number": found.total}
    if len(mine) == 1:
        reader.typed.setdefault("region", next(iter(mine)))
    return page(visit, "finance/seal.html", status=422 if reader.errors else 200, form=reader, regions=counts, root=PATH)


def waits(language: str) -> dict[str, str]:
    """Why an approved payment is in no batch yet."""
    return {
        "programme-ended": text(language, "The day on which the bank would pay is after the end of the programme."),
        "voucher-suspended": text(language, "The voucher is suspended. It is paid after an officer has lifted the suspension."),
        "account-cooling-off": text(language, "The account of the payee is new. It is paid to when its cooling-off has ended."),
        "account-changed": text(language, "The payee has another account since the approval. Approve the payment again."),
        "approval-outdated": text(language, "The approval is of another payee, account or amount. Approve the payment again."),
        "not-payable": text(language, "The rules of the bank refuse it, for instance a name or an account. Correct the account."),
        "ordered-before-restore": text(language, "A payment file from before a restore may order it: the answer of the bank is awaited."),
        "sealer-took-part": text(language, "You took another step in its case or its call: another person has to seal it."),
        "bank-line-open": text(language, "A line of the bank about it is open. Resolve the line."),
    }


_id = part("batch_id")
BATCH = PATH + "/{batch_id:uuid}"
ROUTES = [
    staff(PATH, batches, live=batches),
    staff(PATH + "/new", ask_seal, seal),
    staff(BATCH, batch, live=batch),
    staff(BATCH + "/file", file),
    act(BATCH + "/release", release),
]
