"""The account for payments: registered once for a region, changed by a proposal that a second person of the agency confirms."""

from starlette.responses import Response

from portal.applicant.vouchers import account_of, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.client.payments import AccountInput, BankAccountInput, OwnAccountInput, PayeeView
from portal.client.vouchers import VoucherDetail
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.kit.vouchers import title_of

NAME_NEEDED = _("Enter the name of the account holder as the bank has it")
NUMBER_NEEDED = _("Enter the IBAN, for example BE68 5390 0754 7034")
REFUSALS = (409, 422)
FIELDS = {"account.iban": "number", "account.bban": "number", "account": "number"}
"""Path of a value in the API → the field of the form."""


async def account(visit: Visit) -> Response:
    """What is registered, in which state; the form for the first account, or for another one."""
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def register(visit: Visit) -> Response:
    """The first account of the organisation in the region, or another one in its place. Needs a fresh sign-in; the way to it keeps what was
    typed."""
    reader = Reader(visit.form, visit.language)
    name, number = reader.line("name", NAME_NEEDED), reader.line("number", NUMBER_NEEDED)
    if reader.errors:
        return await _page(visit, reader, status=422)
    voucher = await voucher_of(visit)
    known = await account_of(visit, voucher.region)
    try:
        await _send(visit, voucher, known, name, number)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        for path, reason in problem.fields.items():
            reader.errors[FIELDS.get(path, path)] = reason
        if not problem.fields:
            reader.errors["number"] = problem.detail
        return await _page(visit, reader, status=problem.status)
    return go(f"/vouchers/{id_of(visit)}/account?done={'changed' if known else 'registered'}")


async def _send(visit: Visit, voucher: VoucherDetail, known: list[PayeeView], name: str, number: str) -> None:
    """Without country letters it is a number of Denmark (BBAN), where a blank says which digits are the bank's."""
    caller, plain = await visit.caller(), "".join(number.split())
    account = BankAccountInput(iban=plain) if plain[:2].isalpha() else BankAccountInput(bban=" ".join(number.split()))
    if known:
        await visit.services.payments.put_payee_account(caller, known[0].payee_id, AccountInput(name=name, account=account))
    else:
        await visit.services.payments.post_payee(caller, OwnAccountInput(region=voucher.region, name=name, account=account))


async def _page(visit: Visit, reader: Reader, *, restored: bool = False, status: int = 200) -> Response:
    voucher = await voucher_of(visit)
    known = await account_of(visit, voucher.region)
    return page(
        visit, "applicant/payment-account.html", status=status, voucher=voucher, payee=known[0] if known else None, form=reader,
        restored=restored, name=await title_of(visit, voucher),
    )  # fmt: skip


ROUTES = [personal("/vouchers/{voucher_id:uuid}/account", account, register)]
