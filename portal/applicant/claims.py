"""Claims of a beneficiary: drafted line by line as a task list, lodged as a whole, and followed until they are decided."""

from uuid import UUID

from starlette.responses import Response, StreamingResponse

from portal.client.base import ApiProblem
from portal.client.payments import ClaimDraftInput, ClaimDraftView, PayeeChoiceInput
from portal.kit.claims import kinds, missing_kinds, reasons, sentences, states
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.ids import new_id

REFUSALS = (409, 413, 422)


async def of_voucher(visit: Visit) -> Response:
    """The drafts and claims of a voucher, and what is left to claim."""
    return await _voucher_page(visit, Reader((), visit.language))


async def begin(visit: Visit) -> Response:
    reader = Reader((), visit.language)
    body = ClaimDraftInput(voucher_id=UUID(_id(visit, "voucher_id")))
    try:
        draft = await visit.services.payments.post_claim_draft(await visit.caller(), body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return await _voucher_page(visit, reader)
    return go(f"/claim-drafts/{draft.draft_id}")


async def _voucher_page(visit: Visit, form: Reader) -> Response:
    payments, caller, voucher_id = visit.services.payments, await visit.caller(), _id(visit, "voucher_id")
    voucher = await payments.get_voucher(caller, voucher_id)
    await visit.at(voucher.region)
    drafts = await payments.list_claim_drafts(caller, voucher_id)
    claims = await payments.list_claims(caller, voucher_id=voucher.voucher_id, limit=100, sort="-lodged_at")
    zone = (await visit.region(voucher.region)).zone
    return page(
        visit,
        "applicant/claims.html",
        status=422 if form.errors else 200,
        voucher=voucher,
        drafts=[draft for draft in drafts if draft.claim_id is None],
        claims=claims.items,
        states=states(visit.language),
        zone=zone,
        form=form,
    )


async def tasks(visit: Visit) -> Response:
    """The parts of a claim, with what each lacks."""
    draft = await read_draft(visit)
    if draft.order_id and draft.claim_id is None:
        return go(await _order_path(visit, draft.order_id))
    if not draft.editable:
        return go(f"/claims/{draft.claim_id}")
    zone = (await visit.region(draft.region)).zone
    lacking = {line.number: [gap.message for gap in draft.gaps if gap.line == line.number] for line in draft.lines}
    missing = missing_kinds(draft, visit.language)
    return page(visit, "applicant/claim.html", draft=draft, lacking=lacking, missing=missing, zone=zone)


async def _order_path(visit: Visit, order_id: UUID) -> str:
    """The page of the order, for the side that the person acts for."""
    order = await visit.services.payments.get_order(await visit.caller(), order_id)
    is_provider = order.provider_organisation_id == visit.person.organisation
    return f"/provider/orders/{order_id}" if is_provider else f"/orders/{order_id}"


async def account(visit: Visit) -> Response:
    return await _account_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def choose_account(visit: Visit) -> Response:
    draft = await read_draft(visit)
    reader = Reader(visit.form, visit.language)
    chosen = next((one.payee_id for one in draft.payees if str(one.payee_id) == reader.typed.get("payee_id")), None)
    if chosen is None:
        reader.errors["payee_id"] = text(visit.language, "Choose to whom the aid is to be paid")
    else:
        try:
            await visit.services.payments.put_claim_draft_payee(await visit.caller(), draft.draft_id, PayeeChoiceInput(payee_id=chosen))
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            return go(f"/claim-drafts/{draft.draft_id}?done=account")
    return await _account_page(visit, reader)


async def _account_page(visit: Visit, form: Reader) -> Response:
    draft = await read_draft(visit)
    form.typed.setdefault("payee_id", str(draft.payee_id or ""))
    waiting = text(visit.language, "An account that waits for its confirmation")
    options = {str(one.payee_id): f"{one.name or waiting}{f', {one.account}' if one.account else ''}" for one in draft.payees}
    status = 422 if form.errors else 200
    return page(visit, "applicant/claim-account.html", status=status, draft=draft, options=options, form=form)


async def check(visit: Visit) -> Response:
    """What will be paid, what is missing, and what follows from lodging."""
    return await _check_page(visit, Reader((), visit.language))


async def lodge(visit: Visit) -> Response:
    reader = Reader((), visit.language)
    try:
        claim = await visit.services.payments.post_claim_draft_lodging(await visit.caller(), _id(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors[""] = problem.detail
        return await _check_page(visit, reader)
    return go(f"/claims/{claim.claim_id}?done=lodged")


async def _check_page(visit: Visit, form: Reader) -> Response:
    draft = await read_draft(visit)
    if not draft.editable:
        return go(f"/claims/{draft.claim_id}")
    zone = (await visit.region(draft.region)).zone
    pay_to = next((one for one in draft.payees if one.payee_id == draft.payee_id), None)
    return page(
        visit, "applicant/claim-check.html", status=422 if form.errors else 200, draft=draft, form=form, zone=zone, pay_to=pay_to,
        missing=missing_kinds(draft, visit.language),
    )  # fmt: skip


async def ask_discard(visit: Visit) -> Response:
    draft = await read_draft(visit)
    return page(
        visit,
        "kit/confirm.html",
        title=text(visit.language, "Delete this draft of a claim"),
        follows=[text(visit.language, "Its lines and documents are deleted and cannot be restored. You can begin another claim.")],
        button=text(visit.language, "Delete it"),
        back=f"/claim-drafts/{draft.draft_id}",
        form=Reader((), visit.language),
    )


async def discard(visit: Visit) -> Response:
    draft = await read_draft(visit)
    await visit.services.payments.delete_claim_draft(await visit.caller(), draft.draft_id)
    return go(f"/vouchers/{draft.voucher_id}/claims?done=discarded")


async def show(visit: Visit) -> Response:
    """A claim that was lodged: where it is, each cut with its reason, and the computation."""
    claim = await visit.services.payments.get_claim(await visit.caller(), _id(visit, "claim_id"))
    await visit.at(claim.region)
    zone = (await visit.region(claim.region)).zone
    words = reasons(visit.language)
    return page(
        visit,
        "applicant/claim-lodged.html",
        claim=claim,
        states=states(visit.language),
        sentences=sentences(claim, zone, visit.language),
        reasons=[words[rule] for rule in claim.rules if rule in words],
        kinds=kinds(visit.language),
        zone=zone,
    )


async def download(visit: Visit) -> Response:
    """A document that was lodged."""
    found = await visit.services.payments.get_claim_file(await visit.caller(), _id(visit, "claim_id"), _id(visit, "file_id"))
    return StreamingResponse(found.content, headers=found.headers)


async def read_draft(visit: Visit) -> ClaimDraftView:
    found = await visit.services.payments.get_claim_draft(await visit.caller(), _id(visit))
    await visit.at(found.region)
    return found


def new_line(visit: Visit) -> str:
    """The path of a line that is not saved yet."""
    return f"/claim-drafts/{_id(visit)}/lines/{new_id()}"


def _take(problem: ApiProblem, reader: Reader) -> None:
    if problem.status not in REFUSALS:
        raise problem
    reader.refuse(problem)


def _id(visit: Visit, name: str = "draft_id") -> str:
    return str(visit.request.path_params[name])


DRAFT, CLAIM = "/claim-drafts/{draft_id:uuid}", "/claims/{claim_id:uuid}"
ROUTES = [
    personal("/vouchers/{voucher_id:uuid}/claims", of_voucher, begin, live=of_voucher),
    personal(DRAFT, tasks),
    personal(DRAFT + "/account", account, choose_account),
    personal(DRAFT + "/lodging", check, lodge),
    personal(DRAFT + "/removal", ask_discard, discard),
    personal(CLAIM, show, live=show),
    personal(CLAIM + "/files/{file_id:uuid}", download),
]
