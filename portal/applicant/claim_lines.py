"""The lines of a draft of a claim: an invoice each, with its documents."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from portal.applicant.claims import DRAFT, REFUSALS, new_line, read_draft
from portal.client.base import ApiProblem, NewFile
from portal.client.payments import ClaimDraftView, ClaimLineInput, LineView
from portal.kit.claims import kinds, missing_kinds
from portal.kit.formats import amount
from portal.kit.forms import BadForm
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.ids import new_id
from shared.kernel.money import MINOR_DIGITS

LARGEST_MIB, MIB = 20, 1024 * 1024
NO_DAY = _("Enter a date, or leave the field empty")


async def begin(visit: Visit) -> Response:
    return go(new_line(visit))


async def edit(visit: Visit) -> Response:
    draft = await read_draft(visit)
    line = _line_of(draft, visit)
    if line is not None and line.hours_hundredths is not None:
        removed = "?done=removed" if visit.request.query_params.get("done") == "removed" else ""
        return go(f"/claim-drafts/{draft.draft_id}/hours/{line.line_id}{removed}")
    kept = await visit.take_kept()
    typed = kept or _typed(line, draft, visit.language).items()
    return _page(visit, draft, line, Reader(typed, visit.language), restored=kept is not None)


async def save(visit: Visit) -> Response:
    draft, reader = await read_draft(visit), Reader(visit.form, visit.language)
    values = _read(reader, draft)
    if not reader.errors:
        body = ClaimLineInput.model_validate(values)
        try:
            await visit.services.payments.put_claim_draft_line(await visit.caller(), draft.draft_id, line_id_of(visit), body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{visit.request.url.path}?done=saved#documents")
    return _page(visit, draft, _line_of(draft, visit), reader)


def _read(reader: Reader, draft: ClaimDraftView) -> dict[str, Any]:
    currency = reader.typed.get("currency", "")
    if currency not in MINOR_DIGITS:
        currency = draft.currency
    if draft.order_id and draft.claim_id is None:
        return _of_provider(reader, draft)
    recovered = reader.yes("vat_recoverable", _("Say whether you get the VAT back from the tax office"))
    return {
        "seller": reader.line("seller", _("Enter who sold it, as on the invoice")),
        "seller_tax_number": reader.line("seller_tax_number", _("Enter the tax number of the seller, as on the invoice")),
        "reference": reader.line("reference", _("Enter the number of the invoice")),
        "issued_on": reader.day("issued_on", _("Enter the date of the invoice")),
        "ordered_on": reader.day("ordered_on", NO_DAY, optional=True),
        "delivered_on": reader.day("delivered_on", NO_DAY, optional=True),
        "paid_on": reader.day("paid_on", NO_DAY, optional=True),
        "net_minor": reader.amount("net", currency, _("Enter the amount without VAT, for example 1,200.50")),
        "vat_minor": reader.amount("vat", currency, _("Enter the VAT, or 0")),
        "vat_recoverable": recovered,
        "currency": currency,
        "claimed_minor": reader.amount("claimed", draft.currency, _("Enter how much of this invoice you claim")),
    }


def _of_provider(reader: Reader, draft: ClaimDraftView) -> dict[str, Any]:
    """The invoice of an order: the service knows its seller, and claims the whole until the beneficiary confirms."""
    net = reader.amount("net", draft.currency, _("Enter the amount without VAT, for example 1,200.50"))
    vat = reader.amount("vat", draft.currency, _("Enter the VAT, or 0"))
    return {
        "seller": "-",
        "seller_tax_number": "0000",
        "reference": reader.line("reference", _("Enter the number of the invoice")),
        "issued_on": reader.day("issued_on", _("Enter the date of the invoice")),
        "delivered_on": reader.day("delivered_on", NO_DAY, optional=True),
        "net_minor": net,
        "vat_minor": vat,
        "vat_recoverable": False,
        "currency": draft.currency,
        "claimed_minor": max(net + vat, 1),
    }


def _typed(line: LineView | None, draft: ClaimDraftView, language: str) -> dict[str, str]:
    if line is None:
        return {"currency": draft.currency, "vat": "0"}
    days = {name: str(getattr(line, name) or "") for name in ("issued_on", "ordered_on", "delivered_on", "paid_on")}
    words = {name: getattr(line, name) or "" for name in ("seller", "seller_tax_number", "reference")}
    sums = {name: amount(getattr(line, f"{name}_minor"), line.currency, language) for name in ("net", "vat")}
    claimed = amount(line.claimed_minor, draft.currency, language)
    recovered = "yes" if line.vat_recoverable else "no"
    return {**words, **days, **sums, "claimed": claimed, "currency": line.currency, "vat_recoverable": recovered}


def _page(visit: Visit, draft: ClaimDraftView, line: LineView | None, form: Reader, *, restored: bool = False, wrong: str = "") -> Response:
    return line_page(
        visit, "applicant/claim-line.html", draft, line, form, restored=restored, wrong=wrong, missing=missing_kinds(draft, visit.language),
        wanted=draft.evidence, currencies={one: one for one in MINOR_DIGITS}, last_days=_last_days(visit, draft),
    )  # fmt: skip


def line_page(
    visit: Visit, template: str, draft: ClaimDraftView, line: LineView | None, form: Reader, *, restored: bool, wrong: str, **values: Any
) -> Response:
    """A line with its documents: an invoice, or own hours. `wrong`: what is wrong with a file; `values`: what only one of the two shows."""
    lacking = [gap.message for gap in draft.gaps if line is not None and gap.line == line.number]
    return page(
        visit, template, status=422 if form.errors or wrong else 200, draft=draft, line=line, form=form, restored=restored, wrong=wrong,
        lacking=lacking, kinds=kinds(visit.language), largest_mib=LARGEST_MIB, key=str(new_id()), **values,
    )  # fmt: skip


def _last_days(visit: Visit, draft: ClaimDraftView) -> dict[str, date]:
    """The last day of validity and of the time of grace; an end of day is the midnight after it. Empty without such a time."""
    if draft.valid_until is None or draft.grace_until is None:
        return {}
    zone = ZoneInfo(visit.place.zone if visit.place else "UTC")
    ends = {"valid": draft.valid_until, "grace": draft.grace_until}
    return {name: (end - timedelta(microseconds=1)).astimezone(zone).date() for name, end in ends.items()}


async def give(visit: Visit) -> Response:
    """A document at the line: what it proves, and the file. `key`: of the page, so that a double click gives it once."""
    draft = await read_draft(visit)
    line = to_document(visit, _line_of(draft, visit))
    kind = visit.form.get("kind")
    wrong = text(visit.language, "Say what the document proves") if kind not in kinds(visit.language) else await send_file(visit, kind)
    if not wrong:
        return go(f"/claim-drafts/{draft.draft_id}/lines/{line.line_id}?done=stored#documents")
    draft = await read_draft(visit)
    form = Reader({**_typed(line, draft, visit.language), "kind": kind}.items(), visit.language)
    return _page(visit, draft, _line_of(draft, visit), form, wrong=wrong)


def to_document(visit: Visit, line: LineView | None) -> LineView:
    """A line that is there, and a form with a file."""
    if line is None:
        raise ApiProblem(404, {"code": "unknown-line"})
    if visit.files is None:
        raise BadForm("no files")
    return line


async def send_file(visit: Visit, kind: Any) -> str:
    """Gives the file that was chosen as a document at the line. What is wrong with it; empty when it is stored."""
    assert visit.files is not None, "the form has files"
    async for file in visit.files.files(LARGEST_MIB * MIB):
        if not file.whole:
            return text(visit.language, "The file is larger than %(most)s MB.") % {"most": LARGEST_MIB}
        new, key = NewFile(file.name, file.content), visit.form.get("key")
        payments, caller = visit.services.payments, await visit.caller()
        try:
            await payments.post_claim_draft_file(caller, _draft_id(visit), line_id_of(visit), new, key, kind=kind)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            return f"{file.name}: {problem.detail}"
        return ""
    return text(visit.language, "Choose a file")


async def download(visit: Visit) -> Response:
    found = await visit.services.payments.get_claim_draft_file(await visit.caller(), _draft_id(visit), _file_id(visit))
    return StreamingResponse(found.content, headers=found.headers)


async def ask_removal_of_file(visit: Visit) -> Response:
    draft = await read_draft(visit)
    names = {str(file.id): file.name for line in draft.lines for file in line.documents}
    line = next((line for line in draft.lines for file in line.documents if str(file.id) == _file_id(visit)), None)
    if line is None:
        raise ApiProblem(404, {"code": "unknown-file"})
    return page(
        visit,
        "kit/confirm.html",
        title=text(visit.language, "Remove a document"),
        follows=[names[_file_id(visit)] or "–", text(visit.language, "It is taken away from this claim. You can give it again.")],
        button=text(visit.language, "Remove it"),
        back=f"/claim-drafts/{draft.draft_id}/lines/{line.line_id}",
        form=Reader((), visit.language),
    )


async def remove_file(visit: Visit) -> Response:
    draft = await read_draft(visit)
    line = next((line for line in draft.lines for file in line.documents if str(file.id) == _file_id(visit)), None)
    await visit.services.payments.delete_claim_draft_file(await visit.caller(), draft.draft_id, _file_id(visit))
    return go(f"/claim-drafts/{draft.draft_id}/lines/{line.line_id}?done=removed" if line else f"/claim-drafts/{draft.draft_id}")


async def ask_removal(visit: Visit) -> Response:
    draft = await read_draft(visit)
    line = _line_of(draft, visit)
    if line is None:
        return go(f"/claim-drafts/{draft.draft_id}")
    named = f"{line.seller}, {line.reference}" if line.hours_hundredths is None else line.function or ""
    follows = [named, text(visit.language, "The line goes with its documents, and cannot be restored.")]
    return page(
        visit,
        "kit/confirm.html",
        title=text(visit.language, "Remove a line"),
        follows=follows,
        button=text(visit.language, "Remove it"),
        back=f"/claim-drafts/{draft.draft_id}/lines/{line.line_id}",
        form=Reader((), visit.language),
    )


async def remove(visit: Visit) -> Response:
    await visit.services.payments.delete_claim_draft_line(await visit.caller(), _draft_id(visit), line_id_of(visit))
    return go(f"/claim-drafts/{_draft_id(visit)}?done=removed")


def _line_of(draft: ClaimDraftView, visit: Visit) -> LineView | None:
    if not draft.editable:
        raise ApiProblem(404, {"code": "unknown-draft"})
    return next((line for line in draft.lines if line.line_id == line_id_of(visit)), None)


def _draft_id(visit: Visit) -> str:
    return str(visit.request.path_params["draft_id"])


def line_id_of(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["line_id"]))


def _file_id(visit: Visit) -> str:
    return str(visit.request.path_params["file_id"])


LINE, FILE = DRAFT + "/lines/{line_id:uuid}", DRAFT + "/files/{file_id:uuid}"
ROUTES = [
    personal(DRAFT + "/lines/new", begin),
    personal(LINE, edit, save),
    personal(LINE + "/files", None, give),
    personal(LINE + "/removal", ask_removal, remove),
    personal(FILE, download),
    personal(FILE + "/removal", ask_removal_of_file, remove_file),
]
