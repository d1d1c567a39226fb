"""A line of the bank that is several things at once: each part with its amount, proposed by one person and confirmed by another."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import BankLineDetail, DisbursementView, LineProposalInput
from portal.finance import bank_words, words
from portal.finance.acts import REFUSALS, part
from portal.finance.lines import BOOKED, LINE, TARGETS, target
from portal.finance.parts import LINES
from portal.kit.formats import money
from portal.kit.forms import Form
from portal.kit.lists import every
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

ROWS = 6
"""Parts on the page."""
ON_ITS_WAY = ("sent", "accepted", "unknown")
"""A debit may book these; a credit may return what is paid."""


async def split(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def propose(visit: Visit) -> Response:
    """`what-<n>`: as the choice for a whole line; `amount-<n>`: of the part, for a payment its own where none is typed."""
    reader, found, language = Reader(visit.form, visit.language), await _found(visit), visit.language
    payments = await _payments(visit, found)
    reason = reader.line("reason", text(language, "Choose a reason"))
    parts = [made for number in range(1, ROWS + 1) if (made := _part(reader, number, found, payments, language))]
    if len(parts) < 2:
        reader.errors.setdefault("what-1", text(language, "Enter at least two parts"))
    if not reader.errors:
        try:
            given = LineProposalInput.model_validate({"resolution": "split", "reason": reason, "parts": parts})
            await visit.services.payments.post_bank_line_proposal(await visit.caller(), _id(visit), given)
        except ValueError:
            reader.errors["what-1"] = text(language, "Choose what each part is")
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem, {"parts": "what-1"})
        else:
            return go(f"{LINES}/{_id(visit)}?done=proposed")
    return await _page(visit, reader)


def _part(
    reader: Reader, number: int, found: BankLineDetail, payments: dict[str, DisbursementView], language: str
) -> dict[str, Any] | None:
    """None for a row that is empty."""
    what, typed = reader.typed.get(f"what-{number}", ""), reader.typed.get(f"amount-{number}", "")
    if not what and not typed:
        return None
    if not what:
        reader.errors[f"what-{number}"] = text(language, "Choose what this part is")
        return None
    kind, _colon, identity = what.partition(":")
    whole = payments.get(identity)
    if kind == "payment" and whole is not None and not typed:
        amount_minor = whole.amount_minor
    else:
        amount_minor = reader.amount(f"amount-{number}", found.currency or "EUR", text(language, "Enter the amount of this part"))
    rest = {"rest": reader.line(f"rest-{number}", text(language, "Say what became of the rest"))} if kind == "part" else {}
    return {"resolution": TARGETS.get(kind, kind), "amount_minor": amount_minor, **target(kind, identity), **rest}


async def _payments(visit: Visit, found: BankLineDetail) -> dict[str, DisbursementView]:
    """By their id, those that a part could be about: of the line's currency and not larger than the line; of money that came in also larger
    ones, of which a part came back."""
    ask = partial(visit.services.payments.list_disbursements, await visit.caller(), region=found.region)
    states = ("paid",) if found.is_credit else ON_ITS_WAY
    rows = [one for state in states for one in await every(partial(ask, state=state))]
    sum_ = found.amount_minor or 0
    fitting = [one for one in rows if one.currency == found.currency and (found.is_credit or one.amount_minor <= sum_)]
    return {str(one.disbursement_id): one for one in fitting}


def _options(found: BankLineDetail, payments: dict[str, DisbursementView], language: str) -> dict[str, str]:
    names = words.resolutions(language)
    payment = text(language, "Payment of %(sum)s to %(payee)s, voucher %(code)s")
    in_part = text(language, "Return in part: payment of %(sum)s to %(payee)s, voucher %(code)s")
    options = {"": text(language, "Choose")}
    for identity, one in payments.items():
        shown = {"sum": money(one.amount_minor, one.currency, language), "payee": one.payee_name or "", "code": one.voucher_code or ""}
        options[f"payment:{identity}"] = payment % shown
        if found.is_credit:
            options[f"part:{identity}"] = in_part % shown
    for claim in found.recoveries:
        sum_ = money(claim.amount_minor, claim.currency, language)
        options[f"recovery:{claim.recovery_id}"] = text(language, "Recovery %(reference)s of %(sum)s") % {
            "reference": claim.reference, "sum": sum_
        }  # fmt: skip
    possible = {one.resolution for one in found.bookings}
    return options | {one: names[one] for one in (*BOOKED, "otherwise") if one in possible or one == "otherwise"}


async def _page(visit: Visit, reader: Reader) -> Response:
    found, language = await _found(visit), visit.language
    payments = await _payments(visit, found)
    return page(
        visit, "finance/split.html", status=422 if reader.errors else 200, form=reader, line=found, rows=range(1, ROWS + 1),
        sum=money(found.amount_minor or 0, found.currency or "EUR", language), options=_options(found, payments, language),
        rests={"": text(language, "Nothing is missing"), **bank_words.rests(language)} if found.is_credit else {},
        reasons=words.reasons_of_lines(language), back=f"{LINES}/{_id(visit)}",
    )  # fmt: skip


async def _found(visit: Visit) -> BankLineDetail:
    """`ApiProblem` 404 for a line that cannot be split."""
    found = await visit.services.payments.get_bank_line(await visit.caller(), _id(visit))
    if not found.is_open or not found.amount_minor:
        raise ApiProblem(404, {"code": "line-not-open"})
    if found.region:
        await visit.at(found.region)
    return found


_id = part("line_id")
ROUTES = [staff(LINE + "/split", split, propose)]
