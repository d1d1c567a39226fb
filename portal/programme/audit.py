"""The desk of auditors: any case explained from the record alone, who read what, and samples that can be drawn again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import AccessView, SampledView
from portal.kit.formats import moment, money
from portal.kit.lists import LARGEST, Cell, Column, Filter, Listing, amount, instant, listed
from portal.kit.names import Names, named
from portal.kit.order import by_name
from portal.kit.pages import page
from portal.kit.reader import day_of
from portal.kit.regions import region_names, zones
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.programme import mails, reasons, sentences
from portal.programme.record import chosen, look_up, read_record
from shared.texts.catalogues import WORD, translations

PATH = "/audit"
CASE = f"{PATH}/case"
PAGE = 50
"""Events on a page."""
LOGS = ("applications", "payments")
"""Services that keep a log of who read whose data."""


@dataclass(frozen=True)
class Rows:
    """Rows that an API gives all at once, as a list has them."""

    items: list[Any] = field(default_factory=list)
    total: int = 0
    total_is_exact: bool = True
    next: str | None = None


async def home(visit: Visit) -> Response:
    return page(visit, "programme/audit.html", ref="", unknown=False)


async def case(visit: Visit) -> Response:
    """`ref`: a number, a code or an id. `service`, `kind`, `actor`: filters; `page`: from 1."""
    query = visit.request.query_params
    ref = query.get("ref", "").strip()[:100]
    found = await look_up(visit, ref) if ref else None
    if found is None:
        return page(visit, "programme/audit.html", status=404 if ref else 200, ref=ref, unknown=bool(ref))
    record = await read_record(visit, found)
    names = await named(visit, {event.actor for event in record.events} | {str(mail.recipient_id) for mail in record.mails})
    shown = chosen(record.events, service=query.get("service", ""), kind=query.get("kind", ""), actor=query.get("actor", ""))
    number = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 5 else 1
    pages = max(1, -(-len(shown) // PAGE))
    number = min(max(1, number), pages)
    place = await visit.region(found.region)
    await visit.at(found.region)
    present = {event.name for event in record.events}
    verdicts = record.eligibility.rules if record.eligibility else []
    messages = {one.rule: one.message for one in verdicts}
    return page(
        visit, "programme/case.html", ref=ref, record=record, names=names, said=sentences,
        reason=lambda event: reasons.reason(event, messages, visit.language),
        events=shown[(number - 1) * PAGE : number * PAGE], count=len(shown), number=number, pages=pages, zone=place.zone,
        region=place.names, services=sentences.service_names(visit.language),
        kinds={name: words for name, words in sentences.sentences(visit.language).items() if name in present},
        actors={actor: names.of(actor) for actor in by_name({one.actor for one in record.events}, names.of, visit.language)},
        receipt=next((event.body["receipt"] for event in record.events if event.body.get("receipt")), None),
        code=next((event.body["code"] for event in record.events if event.name == "VoucherIssued"), None),
        mail_kinds=mails.kinds(visit.language), mail_states=mails.states(visit.language),
        decisions=[event for event in record.events if event.name in sentences.DECISIONS],
    )  # fmt: skip


async def accesses(visit: Visit) -> Response:
    """Of one service: each keeps its own log."""
    language, names, zone, receipts = visit.language, Names(visit), await zones(visit), dict[UUID, str]()
    service = visit.request.path_params["service"]
    if service not in LOGS:
        raise ApiProblem(404, {"code": "unknown-log"})

    async def ask(subject_id: str = "", **query: Any) -> Any:
        subject = await _subject(visit, subject_id) if subject_id else None
        if subject_id and subject is None:
            return Rows()
        found = await getattr(visit.services, service).list_accesses(await visit.caller(), subject_id=subject, **query)
        await names.learn(one.reader for one in found.items)
        if service == "applications":
            receipts.update(await _receipts(visit, {one.subject_id for one in found.items}))
        return found

    listing = Listing(
        name=f"accesses-{service}",
        title=text(language, "Who read what: %(service)s") % {"service": sentences.service_names(language)[service]},
        columns=_access_columns(language, names, await region_names(visit, "auditor"), zone, receipts),
        ask=ask,
        empty=text(language, "Nobody has read personal data here yet. Each reading by somebody of the agency stands here."),
        filters=[
            Filter("region", text(language, "Region"), await region_names(visit, "auditor")),
            Filter("subject_id", text(language, "Number, code or id of what was read")),
            Filter("reader", text(language, "Id of the reader")),
        ],
        sort="-position",
    )
    return await listed(visit, listing, "programme/accesses.html", service=service, logs=sentences.service_names(language))


async def _receipts(visit: Visit, subjects: set[UUID]) -> dict[UUID, str]:
    """Of those that are applications, which a person knows by the number."""
    if not subjects:
        return {}
    found = await visit.services.applications.list_applications(await visit.caller(), application_id=sorted(subjects), limit=LARGEST)
    return {one.id: one.receipt for one in found.items if one.receipt}


async def _subject(visit: Visit, ref: str) -> UUID | None:
    """An id as it is; of a number or a code the application."""
    try:
        return UUID(ref)
    except ValueError:
        found = await look_up(visit, ref)
        return found.application_id if found else None


def _access_columns(
    language: str, names: Names, regions: dict[str, str], zone: dict[str, str], receipts: dict[UUID, str]
) -> list[Column[AccessView]]:
    """`receipts`: of the applications among what was read; anything else is named by its id."""
    kinds = {
        "whole": text(language, "All of it"), "blind": text(language, "Without who applies"), "file": text(language, "A file"),
        "listed": text(language, "Title and name in a list"),
    }  # fmt: skip
    rights = translations(language, WORD)

    def what(one: AccessView) -> Cell:
        return Cell(receipts.get(one.subject_id, str(one.subject_id)), f"{CASE}?ref={one.subject_id}", value=str(one.subject_id))

    return [
        Column("at", text(language, "When"), lambda one: instant(one.at, zone.get(one.region, "UTC"), language), sort="position"),
        Column("reader", text(language, "Who read"), lambda one: Cell(names.of(one.reader), value=one.reader)),
        Column("subject_id", text(language, "What"), what),
        Column("shown", text(language, "How much"), lambda one: Cell(kinds.get(one.shown, one.shown), value=one.shown)),
        Column(
            "permission", text(language, "Right that was used"),
            lambda one: Cell(rights.get(one.permission, one.permission.replace("-", " ")), value=one.permission),
        ),
        Column("region", text(language, "Region"), lambda one: regions.get(one.region, one.region)),
    ]  # fmt: skip


async def samples(visit: Visit) -> Response:
    """Drawn from the query each time, so its address is the sample."""
    language, query = visit.language, visit.request.query_params
    regions = await region_names(visit, "auditor")
    asked = {name: query.get(name, "").strip() for name in ("region", "method", "seed", "size", "until")}
    errors = _faults(asked, language) if asked["seed"] or asked["region"] else {}
    sample = None
    if asked["region"] and not errors:
        until = _end_of(asked["until"], (await visit.region(asked["region"])).zone)
        method: Any = asked["method"] or None
        sample = await visit.services.payments.get_sample(
            await visit.caller(), region=asked["region"], seed=asked["seed"], size=int(asked["size"] or 25), method=method, until=until
        )

    async def ask(**_: Any) -> Rows:
        return Rows(sample.items, len(sample.items)) if sample else Rows()

    listing = Listing(
        name="sample", title=text(language, "A sample of paid cases"), columns=_sample_columns(language), ask=ask,
        empty=text(language, "Nothing was paid in this region before that day, so there is nothing to draw from."),
    )  # fmt: skip
    zone = (await visit.region(asked["region"])).zone if asked["region"] else "UTC"
    said = (
        {"money": money(sample.population_minor, sample.currency, language), "until": moment(sample.until, zone, language)}
        if sample
        else {}
    )
    return await listed(
        visit, listing, "programme/samples.html", asked=asked, errors=errors, sample=sample, said=said, regions=regions,
        methods={"by-chance": text(language, "Each case alike"), "by-amount": text(language, "By amount: each unit of money alike")},
    )  # fmt: skip


def _faults(asked: dict[str, str], language: str) -> dict[str, str]:
    found = {}
    if not asked["region"]:
        found["region"] = text(language, "Choose the region")
    if not asked["seed"]:
        found["seed"] = text(language, "Type any words as the seed: the same ones draw the same sample")
    if asked["size"] and not (asked["size"].isdecimal() and asked["size"].isascii() and 0 < int(asked["size"][:9]) <= 500):
        found["size"] = text(language, "Type a number from 1 to 500")
    try:
        _end_of(asked["until"], "UTC")
    except ValueError:
        found["until"] = text(language, "Enter a day like 2026-12-31")
    return found


def _end_of(day: str, zone: str) -> datetime | None:
    """The end of a day in the region's zone; None for no day. ValueError for what is none."""
    if not day:
        return None
    return datetime.combine(day_of(day) + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _sample_columns(language: str) -> list[Column[SampledView]]:
    return [
        Column("code", text(language, "Voucher"), lambda one: Cell(one.code or str(one.voucher_id), f"{CASE}?ref={one.voucher_id}")),
        Column("voucher_id", text(language, "Id of the voucher"), lambda one: str(one.voucher_id)),
        Column("application_id", text(language, "Id of the application"), lambda one: str(one.application_id)),
        Column("paid", text(language, "Paid"), lambda one: amount(one.paid_minor, one.currency, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
        Column("hits", text(language, "Drawn"), lambda one: Cell(str(one.hits), value=one.hits), number=True),
    ]


ROUTES = [
    staff(PATH, home),
    staff(CASE, case),
    staff(f"{PATH}/accesses/{{service}}", accesses),
    staff(f"{PATH}/samples", samples),
]
