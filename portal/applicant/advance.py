"""An advance on a voucher: what the rules give, what was asked for, how far claims have settled it; and the form that asks."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.applicant.vouchers import REFUSALS, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.client.payments import AdvanceInput, GuaranteeInput, InstalmentsView
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.kit.vouchers import title_of
from shared.kernel.ids import new_id

AMOUNT_NEEDED = _("Enter the amount, for example 1200.00")
PAYEE_NEEDED = _("Choose to whom the advance is to be paid")
NUMBER_NEEDED = _("Enter the number that the bank has given the guarantee")
UNTIL_NEEDED = _("Enter the last day on which the guarantee holds")
FIELDS = {
    "requested_minor": "requested", "guarantee.amount_minor": "guaranteed", "guarantee.reference": "reference",
    "guarantee.valid_until": "valid_until", "guarantee": "reference", "payee_id": "payee_id",
}  # fmt: skip
"""Path of a value in the API → the field of the form."""


async def advance(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def ask(visit: Visit) -> Response:
    found, reader = await _read(visit), Reader(visit.form, visit.language)
    body = _body(found, reader)
    if body is not None:
        try:
            key = reader.typed.get("key") or str(new_id())
            await visit.services.payments.post_voucher_advance(await visit.caller(), id_of(visit), body, key)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.errors |= {FIELDS.get(path, ""): reason for path, reason in problem.fields.items()} or {"": problem.detail}
        else:
            return go(f"/vouchers/{id_of(visit)}/advance?done=asked")
    return await _page(visit, reader)


def _body(found: InstalmentsView, reader: Reader) -> AdvanceInput | None:
    """None where something cannot be read."""
    requested = reader.amount("requested", found.currency, AMOUNT_NEEDED)
    payee_id = next((one.payee_id for one in found.payees if str(one.payee_id) == reader.typed.get("payee_id")), None)
    if payee_id is None:
        reader.errors["payee_id"] = text(reader.language, PAYEE_NEEDED)
    guarantee = None
    if found.advance and found.advance.against == "guarantee":
        number = reader.line("reference", NUMBER_NEEDED)
        guaranteed, until = reader.amount("guaranteed", found.currency, AMOUNT_NEEDED), reader.day("valid_until", UNTIL_NEEDED)
        if until is not None and not reader.errors:
            guarantee = GuaranteeInput(reference=number, amount_minor=guaranteed, valid_until=until)
    if reader.errors or payee_id is None:
        return None
    return AdvanceInput(payee_id=payee_id, requested_minor=requested, guarantee=guarantee)


async def _read(visit: Visit) -> InstalmentsView:
    return await visit.services.payments.get_voucher_instalments(await visit.caller(), id_of(visit))


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    voucher, found = await voucher_of(visit), await _read(visit)
    waiting = text(visit.language, "An account that waits for its confirmation")
    options: dict[str, Any] = {
        str(one.payee_id): f"{one.name or waiting}{f', {one.account}' if one.account else ''}" for one in found.payees
    }
    reader.typed.setdefault("key", str(new_id()))
    if len(options) == 1:
        reader.typed.setdefault("payee_id", next(iter(options)))
    return page(
        visit, "applicant/advance.html", status=422 if reader.errors else 200, voucher=voucher, found=found, advance=found.advance,
        name=await title_of(visit, voucher), options=options, form=reader, restored=restored,
        claim_id=UUID(str(found.advance.claim_id)) if found.advance and found.advance.claim_id else None,
    )  # fmt: skip


ROUTES = [personal("/vouchers/{voucher_id:uuid}/advance", advance, ask)]
