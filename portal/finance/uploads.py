"""Files of the bank from a page: one person uploads, reads what the file would do line by line, and a second one confirms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem, Caller, NewFile
from portal.client.payments import BankFilePreviewView, BankUploadView, PreviewLineView, UploadConfirmationInput
from portal.finance import words
from portal.finance.acts import REFUSALS, Act, act, part
from portal.finance.parts import FILES, PAYMENTS, own_zone
from portal.kit.formats import day, money
from portal.kit.forms import BadForm, Form
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import Names, named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.uploads import SentFile
from portal.kit.visit import Visit

UPLOADS = FILES + "/uploads"
LARGEST = 5 * 1024 * 1024
COLOURS = {"proposed": "yellow", "confirmed": "green", "rejected": "grey", "refused": "red"}
RESULTS = {"applied": "green", "repeated": "grey", "ignored": "grey", "unmatched": "red", "foreign": "orange"}


def result_of(line: PreviewLineView) -> str:
    """The outcome; of a line on an account of somebody else that it is foreign."""
    return "foreign" if line.foreign else line.outcome


@dataclass(frozen=True)
class Slice:
    """Some of the lines of a preview, as a page of a list."""

    items: Sequence[PreviewLineView]
    next: str | None
    total: int
    total_is_exact: bool = True


async def ask_upload(visit: Visit) -> Response:
    return _form(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def upload(visit: Visit) -> Response:
    if visit.files is None:
        raise BadForm("no file")
    reader, language = Reader(visit.form, visit.language), visit.language
    sent = [file async for file in visit.files.files(LARGEST)]
    if not sent:
        reader.errors["file"] = text(language, "Choose the file of the bank")
    elif not sent[0].whole:
        reader.errors["file"] = text(language, "The file is larger than %(most)s MB.") % {"most": 5}
    else:
        found = await _send(visit, reader, sent[0])
        if found is not None:
            return go(f"{UPLOADS}/{found.upload_id}")
    return _form(visit, reader)


async def _send(visit: Visit, reader: Reader, file: SentFile) -> BankUploadView | None:
    """None when it was refused: why is in the reader."""
    try:
        return await visit.services.payments.post_bank_upload(await visit.caller(), NewFile(file.name, file.content))
    except ApiProblem as problem:
        if problem.status not in (*REFUSALS, 413):
            raise
        reader.errors["file"] = next(iter(problem.fields.values()), problem.detail)
        return None


def _form(visit: Visit, reader: Reader) -> Response:
    return page(visit, "finance/upload-form.html", status=422 if reader.errors else 200, form=reader, back=FILES)


async def uploads(visit: Visit) -> Response:
    language, names, zone, people = visit.language, states(visit.language), await own_zone(visit), Names(visit)
    columns: list[Column[BankUploadView]] = [
        Column("name", text(language, "File"), lambda one: Cell(one.name, f"{UPLOADS}/{one.upload_id}", below=one.message)),
        Column("state", text(language, "State"), lambda one: Cell(
            names[one.state], colour=COLOURS[one.state], value=one.state,
            below=words.file_reason(one.reason, language) if one.reason else "")),
        Column("lines", text(language, "Lines"), lambda one: Cell(str(one.lines), value=one.lines), number=True),
        Column("uploaded_at", text(language, "Uploaded"), lambda one: instant(one.proposed_at, zone, language), "proposed_at"),
        Column("uploaded_by", text(language, "By"), lambda one: people.by(one.proposed_by)),
    ]  # fmt: skip
    listing = Listing(
        name="bank-uploads",
        title=text(language, "Uploaded files of the bank"),
        columns=columns,
        ask=people.learning(partial(visit.services.payments.list_bank_uploads, await visit.caller()), "proposed_by"),
        empty=text(language, "Nobody has uploaded a file. Upload one where the bank gives it to a person and not into its folder."),
        filters=[Filter("state", text(language, "State"), names), await region_filter(visit, "finance")],
        sort="-proposed_at",
    )
    return await listed(visit, listing)


def states(language: str) -> dict[str, str]:
    return {
        "proposed": text(language, "Waits for another person"),
        "confirmed": text(language, "Confirmed"),
        "rejected": text(language, "Rejected"),
        "refused": text(language, "Refused"),
    }


async def _found(visit: Visit) -> BankUploadView:
    found = await visit.services.payments.get_bank_upload(await visit.caller(), _id(visit))
    if found.region:
        await visit.at(found.region)
    return found


async def one_upload(visit: Visit) -> Response:
    """What the file would do, line by line, while it waits."""
    found, language = await _found(visit), visit.language
    shown, obstacle = await _preview(visit, found)
    lines, names = (shown.lines if shown else []), result_names(language)
    zone = zone_of(await visit.regions(), found.region) if found.region else await own_zone(visit)
    listing: Listing[PreviewLineView] = Listing(
        name=f"bank-upload-{found.sha256[:12]}",
        title=found.name,
        columns=_columns(language, names),
        ask=partial(_ask, lines),
        empty=text(language, "The file has no lines."),
        filters=[Filter("result", text(language, "Result"), names)] if lines else [],
    )
    people = await named(visit, [found.proposed_by, found.decided_by])
    return await listed(
        visit, listing, "finance/upload.html", upload=found, shown=shown, obstacle=obstacle, zone=zone, here=f"{UPLOADS}/{found.upload_id}",
        mine=found.proposed_by == str(visit.person.person_id), by=people.by(found.proposed_by),
        decided_by=people.by(found.decided_by), file_page=f"{FILES}/{found.sha256}",
        reason=words.file_reason(found.reason, language) if found.reason else "", counts=_counts(lines, names),
        balances=[(one, *_balances(one, language)) for one in (shown.accounts if shown else [])],
    )  # fmt: skip


async def _preview(visit: Visit, found: BankUploadView) -> tuple[BankFilePreviewView | None, str]:
    """Of a file that waits; why there is none."""
    if found.state != "proposed":
        return None, ""
    try:
        return await visit.services.payments.get_bank_upload_preview(await visit.caller(), _id(visit)), ""
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        return None, problem.detail


def _balances(one: Any, language: str) -> tuple[str, str]:
    sums = [
        money(minor, one.currency, language) if minor is not None and one.currency else ""
        for minor in (one.opening_minor, one.closing_minor)
    ]
    return sums[0], sums[1]


def _counts(lines: Sequence[PreviewLineView], names: dict[str, str]) -> list[tuple[str, int]]:
    found = [result_of(one) for one in lines]
    return [(name, found.count(code)) for code, name in names.items() if code in found]


def result_names(language: str) -> dict[str, str]:
    """What a line would do."""
    return {
        "applied": text(language, "Changes a payment"),
        "repeated": text(language, "Known already"),
        "ignored": text(language, "Decides nothing"),
        "unmatched": text(language, "Unmatched"),
        "foreign": text(language, "Of another account"),
    }


def _columns(language: str, names: dict[str, str]) -> list[Column[PreviewLineView]]:
    states_ = words.states(language)

    def payment(one: PreviewLineView) -> Cell:
        if one.disbursement_id is None:
            return Cell("")
        moves = f"{states_.get(one.state_before or '', '')} → {states_.get(one.state_after or '', '')}" if one.state_after else ""
        return Cell(one.voucher_code or text(language, "Payment"), f"{PAYMENTS}/{one.disbursement_id}", below=moves)

    def result(one: PreviewLineView) -> Cell:
        code = result_of(one)
        why = words.reason_of(one.reason, language) if one.outcome == "unmatched" else ""
        return Cell(names[code], colour=RESULTS[code], below=why, value=code)

    return [
        Column("line", text(language, "Line"), lambda one: Cell(str(one.line), value=one.line)),
        Column("result", text(language, "Result"), result),
        Column("payment", text(language, "Payment"), payment),
        Column("booked_on", text(language, "Booked on"), lambda one: day(one.booked_on, language) if one.booked_on else ""),
        Column("amount", text(language, "Amount"), lambda one: _sum(one, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency or ""),
        Column("reference", text(language, "Reference of the bank"), lambda one: one.bank_reference or ""),
    ]


def _sum(one: PreviewLineView, language: str) -> Cell:
    return amount(one.amount_minor, one.currency, language) if one.amount_minor is not None and one.currency else Cell("")


async def _ask(
    lines: Sequence[PreviewLineView], *, limit: int, cursor: str | None = None, sort: str | None = None, result: str | None = None
) -> Slice:
    """As an API would answer: the preview has all lines at once."""
    wanted = [one for one in lines if result in (None, result_of(one))]
    start = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0
    end = start + limit
    return Slice(wanted[start:end], str(end) if end < len(wanted) else None, len(wanted))


async def confirmation(visit: Visit) -> Act:
    """`read` in the query, then `fingerprint` in the form: of what the person read."""
    language, here, services = visit.language, f"{UPLOADS}/{_id(visit)}", visit.services.payments
    found, fingerprint = await _found(visit), visit.form.get("fingerprint") or visit.request.query_params.get("read", "")

    async def step(caller: Caller, _given: object) -> None:
        await services.post_bank_upload_confirmation(caller, _id(visit), UploadConfirmationInput(fingerprint=fingerprint))

    return Act(
        title=text(language, "Confirm the file %(name)s") % {"name": found.name},
        follows=[
            text(language, "What you read on the page before is done: payments and the ledger change, lines that match nothing are kept."),
            text(language, "If something has changed since you read it, nothing is done. This cannot be undone."),
            text(language, "It is for a person who did not upload the file, and prepared no payment that it changes."),
        ],
        button=text(language, "Confirm"),
        step=step,
        back=here,
        done=f"{here}?done=confirmed",
        values={"hidden": {"fingerprint": fingerprint}},
    )  # fmt: skip


async def rejection(visit: Visit) -> Act:
    language, here, found = visit.language, f"{UPLOADS}/{_id(visit)}", await _found(visit)
    return Act(
        title=text(language, "Reject the file %(name)s") % {"name": found.name},
        follows=[
            text(language, "Nothing of the file is applied, and its content is not kept. The file may be uploaded again."),
            text(language, "This cannot be undone."),
        ],
        button=text(language, "Reject"),
        step=lambda caller, _given: visit.services.payments.post_bank_upload_rejection(caller, _id(visit)),
        back=here,
        done=f"{here}?done=rejected",
    )


_id = part("upload_id")
UPLOAD = UPLOADS + "/{upload_id:uuid}"
ROUTES = [
    staff(FILES + "/upload", ask_upload, upload),
    staff(UPLOADS, uploads),
    staff(UPLOAD, one_upload),
    act(UPLOAD + "/confirmation", confirmation),
    act(UPLOAD + "/rejection", rejection),
]
