"""Claims at the officer's desk: those to check by their term, one claim with its documents beside its lines, and the decision."""

from functools import partial
from typing import Any

from starlette.responses import Response, StreamingResponse

from portal.client.base import ApiProblem
from portal.client.payments import AcceptanceInput, ClaimDetail, ClaimView, LineCheckInput, OfficerDeskView, RejectionInput, ReturnInput
from portal.kit.claims import CHOSEN_BY_OFFICERS, COLOURS, claim_kinds, kinds, reasons, sentences, states
from portal.kit.desks import Task
from portal.kit.formats import amount as typed_amount
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, limit, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.kit.vouchers import unless_down
from shared.texts.languages import in_language

PATH = "/officer/claims"
REFUSALS = (403, 409, 422)
ACCEPT, CUT = "accept", "cut"


def tasks(visit: Visit, desk: OfficerDeskView) -> list[Task]:
    """What waits for officers here."""
    return [Task(text(visit.language, "Claims to check"), desk.claims.count, f"{PATH}?state=lodged", desk.claims.exact)]


async def claims(visit: Visit) -> Response:
    """By the day until which each has to be checked."""
    regions = await visit.regions()
    listing = Listing(
        name="claims",
        title=text(visit.language, "Claims"),
        columns=_columns(visit.language, regions),
        ask=partial(visit.services.payments.list_claims, await visit.caller()),
        empty=text(visit.language, "No claim was lodged yet. Beneficiaries lodge them once their vouchers are issued."),
        filters=[
            Filter("state", text(visit.language, "State"), states(visit.language)),
            await region_filter(visit, "officer"),
        ],
        sort="check_by",
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions) -> list[Column[ClaimView]]:
    def zone(claim: ClaimView) -> str:
        return regions[claim.region].zone

    def check_by(claim: ClaimView) -> Cell:
        cell = limit(claim.check_by, zone(claim), language, f"{PATH}/{claim.claim_id}")
        late = text(language, "The check is late") if claim.overdue and claim.state == "lodged" else ""
        return Cell(cell.text, cell.link, below=late, value=cell.value)

    def sum_of(claim: ClaimView) -> Cell:
        return amount(claim.requested_minor if claim.granted_minor is None else claim.granted_minor, claim.currency, language)

    return [
        Column("check_by", text(language, "Check by"), check_by, sort="check_by"),
        Column("lodged_at", text(language, "Lodged"), lambda one: instant(one.lodged_at, zone(one), language), sort="lodged_at"),
        Column("region", text(language, "Region"), lambda one: in_language(regions[one.region].names, language)),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
        Column("kind", text(language, "Kind"), lambda one: Cell(claim_kinds(language)[one.kind], value=one.kind)),
        Column("amount", text(language, "Amount"), sum_of, number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
    ]


async def show(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or (), visit.language))


async def check_line(visit: Visit) -> Response:
    """Accepts a line, or cuts it. What was typed comes back where it is refused."""
    claim, number = await _read(visit), int(visit.request.path_params["number"])
    reader, act = Reader(visit.form, visit.language), visit.form.get(f"act-{number}")
    cut, reason = 0, None
    if act == CUT:
        cut = reader.amount(f"cut-{number}", claim.currency, _("Enter how much is cut, for example 120.50"))
        if not cut:
            reader.errors[f"cut-{number}"] = text(visit.language, "Enter how much is cut, for example 120.50")
        reason = reader.line(f"reason-{number}", _("Say why: the beneficiary reads the reason of each cut"))
    elif act != ACCEPT:
        reader.errors[f"act-{number}"] = text(visit.language, "Accept the line, or cut it")
    if not reader.errors:
        try:
            body = LineCheckInput(cut_minor=cut, reason=reason)
            await visit.services.payments.put_claim_line_check(await visit.caller(), claim.claim_id, number, body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            places = {"cut_minor": f"cut-{number}", "reason": f"reason-{number}"}
            reader.errors |= {places.get(path, ""): reason for path, reason in problem.fields.items()} or {"": problem.detail}
        else:
            return go(f"{PATH}/{claim.claim_id}?done=checked#line-{number}")
    return await _page(visit, reader)


async def _page(visit: Visit, form: Reader) -> Response:
    claim = await _read(visit)
    for line in claim.lines:
        if line.cut_minor is not None:
            form.typed.setdefault(f"act-{line.number}", CUT if line.cut_minor else ACCEPT)
            form.typed.setdefault(
                f"cut-{line.number}", typed_amount(line.cut_minor, claim.currency, visit.language) if line.cut_minor else ""
            )
            form.typed.setdefault(f"reason-{line.number}", line.cut_reason or "")
    zone = (await visit.region(claim.region)).zone
    words = reasons(visit.language)
    similar = [claim.evidence[number - 1] for number in claim.similar_lines or () if number <= len(claim.evidence)]
    return page(
        visit,
        "officer/claim.html",
        status=422 if form.errors else 200,
        claim=claim,
        states=states(visit.language),
        sentences=sentences(claim, zone, visit.language) if claim.state != "lodged" else [],
        reasons=[words[rule] for rule in claim.rules if rule in words],
        kinds=kinds(visit.language),
        similar=similar,
        unchecked=[line.number for line in claim.lines if line.cut_minor is None],
        zone=zone,
        form=form,
        path=PATH,
    )


async def download(visit: Visit) -> Response:
    ids = visit.request.path_params
    found = await visit.services.payments.get_claim_file(await visit.caller(), str(ids["claim_id"]), str(ids["file_id"]))
    return StreamingResponse(found.content, headers=found.headers)


async def ask_acceptance(visit: Visit) -> Response:
    return await _act_page(visit, "accept", Reader((), visit.language))


async def accept(visit: Visit) -> Response:
    confirmed = [int(number) for number in visit.form.all("confirmed") if number.isascii() and number.isdigit() and len(number) < 4]
    body, reader = AcceptanceInput(confirmed_lines=confirmed), Reader(visit.form, visit.language)
    if reader.typed.get("sum") != str(_sum(await _read(visit))):
        reader.errors[""] = text(visit.language, "The checks of the lines were changed since you read this page. Read the sum once more.")
    return await _act(visit, "accept", visit.services.payments.post_claim_acceptance, body, reader)


def _sum(claim: ClaimDetail) -> int:
    """What the page says is paid."""
    return claim.computation.paid_minor if claim.computation else claim.requested_minor


async def ask_return(visit: Visit) -> Response:
    return await _act_page(visit, "return", Reader(await visit.take_kept() or (), visit.language))


async def send_back(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    note = reader.line("note", _("Say what the beneficiary has to correct"))
    return await _act(visit, "return", visit.services.payments.post_claim_return, ReturnInput(note=note), reader)


async def ask_rejection(visit: Visit) -> Response:
    return await _act_page(visit, "reject", Reader(await visit.take_kept() or (), visit.language))


async def reject(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    rule = reader.typed.get("rule", "")
    if rule not in CHOSEN_BY_OFFICERS:
        reader.errors["rule"] = text(visit.language, "Choose the reason")
    note = reader.line("note", _("Explain the reason to the beneficiary"))
    body = RejectionInput(rules=[rule], note=note)
    return await _act(visit, "reject", visit.services.payments.post_claim_rejection, body, reader)


async def _act(visit: Visit, act: str, ask: Any, body: Any, reader: Reader) -> Response:
    if not reader.errors:
        try:
            await ask(await visit.caller(), _id(visit), body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.errors[""] = problem.detail
        else:
            return go(f"{PATH}/{_id(visit)}?done={act}")
    return await _act_page(visit, act, reader)


async def _act_page(visit: Visit, act: str, form: Reader) -> Response:
    """Says what follows, and asks once."""
    claim = await _read(visit)
    words = reasons(visit.language)
    parts = None
    if act == "accept" and claim.kind == "expenditure":
        parts = await unless_down(visit.services.payments.get_voucher_instalments(await visit.caller(), claim.voucher_id))
    return page(
        visit,
        "officer/claim-act.html",
        parts=parts,
        status=422 if form.errors else 200,
        act=act,
        claim=claim,
        sum_minor=_sum(claim),
        similar={number: claim.evidence[number - 1] for number in claim.similar_lines or () if number <= len(claim.evidence)},
        rules={"": text(visit.language, "Choose")} | {rule: words[rule] for rule in CHOSEN_BY_OFFICERS},
        form=form,
        back=f"{PATH}/{claim.claim_id}",
    )


async def _read(visit: Visit) -> ClaimDetail:
    found = await visit.services.payments.get_claim(await visit.caller(), _id(visit))
    await visit.at(found.region)
    return found


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["claim_id"])


CLAIM = PATH + "/{claim_id:uuid}"
ROUTES = [
    staff(PATH, claims, live=claims),
    staff(CLAIM, show),
    staff(CLAIM + "/lines/{number:int}", show, check_line),
    staff(CLAIM + "/files/{file_id:uuid}", download),
    staff(CLAIM + "/acceptance", ask_acceptance, accept),
    staff(CLAIM + "/return", ask_return, send_back),
    staff(CLAIM + "/rejection", ask_rejection, reject),
]
