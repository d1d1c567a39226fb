"""The account of a provider: stated by itself, confirmed by finance."""

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import BankAccountInput, ProviderAccountInput
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.provider.registration import ONE, registration_of

NAME_NEEDED = _("Enter the name of the account holder as the bank has it")
NUMBER_NEEDED = _("Enter the IBAN, for example BE68 5390 0754 7034")
REFUSALS = (409, 422)
FIELDS = {"account.iban": "number", "account.bban": "number", "account": "number"}
"""Path of a value in the API → the field of the form."""


async def account(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def state_account(visit: Visit) -> Response:
    """Needs a fresh sign-in; the way to it keeps what was typed."""
    reader = Reader(visit.form, visit.language)
    name, number = reader.line("name", NAME_NEEDED), reader.line("number", NUMBER_NEEDED)
    if reader.errors:
        return await _page(visit, reader)
    found = await registration_of(visit)
    compact = "".join(number.split())
    key = "iban" if compact[:2].isalpha() else "bban"
    body = ProviderAccountInput(name=name, account=BankAccountInput.model_validate({key: compact.upper()}))
    try:
        await visit.services.payments.put_provider_registration_account(await visit.caller(), found.provider_id, body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        for path, field in FIELDS.items():
            if path in problem.fields:
                reader.errors = {field: problem.fields[path]}
        return await _page(visit, reader)
    return go(f"/provider/registrations/{found.provider_id}?done=account")


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    found = await registration_of(visit)
    return page(visit, "provider/account.html", status=422 if reader.errors else 200, one=found, form=reader, restored=restored)


ROUTES = [personal(ONE + "/account", account, state_account)]
