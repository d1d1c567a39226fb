"""What a beneficiary asks to change: more time, another provider, another amount; and the answers of the region."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.applicant.vouchers import MOST, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.client.vouchers import ChangeInput, VoucherDetail
from portal.kit.pages import go, page
from portal.kit.reader import Reader, day_of
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.kit.vouchers import change_kinds, title_of

KIND_NEEDED = _("Choose what is to change")
EXPLANATION_NEEDED = _("Say why, in a few sentences")
DAY_NEEDED = _("Enter the new last day, for example 30 9 2026")
PROVIDER_NEEDED = _("Enter the name of the other provider")
NUMBER_NEEDED = _("Enter the tax number of the other provider")
AMOUNT_NEEDED = _("Enter the other amount, for example 2,500")
REFUSALS = (409, 422)
PARTS = ("valid_until-day", "valid_until-month", "valid_until-year")


async def changes(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def ask(visit: Visit) -> Response:
    voucher, reader = await voucher_of(visit), Reader(visit.form, visit.language)
    wish = _wish(reader, voucher)
    explanation = reader.line("explanation", EXPLANATION_NEEDED)
    if reader.errors:
        return await _page(visit, reader, status=422)
    body = ChangeInput.model_validate({**wish, "explanation": explanation})
    try:
        await visit.services.vouchers.post_voucher_change(await visit.caller(), voucher.id, body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        for path, field in (("valid_until", PARTS[0]), ("amount_minor", "amount")):
            if path in problem.fields:
                reader.errors = {field: problem.fields[path]}
        return await _page(visit, reader, status=problem.status)
    return go(f"/vouchers/{id_of(visit)}?done=asked")


def _wish(reader: Reader, voucher: VoucherDetail) -> Mapping[str, Any]:
    match kind := reader.line("kind", KIND_NEEDED):
        case "extension":
            return {"kind": kind, "valid_until": _end_of_day(reader, voucher.zone)}
        case "provider":
            name, number = reader.line("provider", PROVIDER_NEEDED), reader.line("provider_tax_number", NUMBER_NEEDED)
            return {"kind": kind, "provider": name, "provider_tax_number": number}
        case "amount":
            return {"kind": kind, "amount_minor": reader.amount("amount", voucher.currency, AMOUNT_NEEDED)}
        case _:
            reader.typed["kind"] = ""
            reader.line("kind", KIND_NEEDED)
            return {}


def _end_of_day(reader: Reader, zone: str) -> datetime | None:
    """The last moment of the day that was typed in three fields."""
    try:
        day, month, year = (int(reader.typed.get(part, "")) for part in PARTS)
        last = day_of(f"{year:04}-{month:02}-{day:02}")
        return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone))
    except ValueError:
        reader.line("valid_until", DAY_NEEDED)
        reader.errors = {PARTS[0]: reader.errors.pop("valid_until"), **reader.errors}
        return None


async def _page(visit: Visit, reader: Reader, *, restored: bool = False, status: int = 200) -> Response:
    voucher = await voucher_of(visit)
    asked = await visit.services.vouchers.list_changes(await visit.caller(), voucher_id=voucher.id, limit=MOST, sort="-requested_at")
    return page(
        visit, "applicant/changes.html", status=status, voucher=voucher, changes=asked.items, form=reader, restored=restored,
        kinds=change_kinds(visit.language), name=await title_of(visit, voucher),
    )  # fmt: skip


ROUTES = [personal("/vouchers/{voucher_id:uuid}/changes", changes, ask)]
