"""Payments: the list, and one with its whole story, what may be done now and by whom."""

from functools import partial
from typing import Any

from starlette.responses import Response, StreamingResponse

from portal.client.base import ApiProblem, NewFile
from portal.client.payments import (
    ApprovalInput,
    DisbursementDetail,
    DisbursementInput,
    NextAttemptInput,
    OutcomeProofView,
    PaymentLineView,
    Reason,
)
from portal.finance import bank_words, words
from portal.finance.acts import REFUSALS, Act, act, confirms, decisions, part
from portal.finance.parts import PAYMENTS, payment_columns, state_cell
from portal.kit.formats import money
from portal.kit.forms import BadForm, Form
from portal.kit.lists import Column, Filter, Listing, amount, instant, limit, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import region_names, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.uploads import SentFile
from portal.kit.visit import Visit

LARGEST_PROOF = 5 * 1024 * 1024


async def payments(visit: Visit) -> Response:
    listing = Listing(
        name="payments",
        title=text(visit.language, "Payments"),
        columns=payment_columns(visit, await visit.regions()),
        ask=partial(visit.services.payments.list_disbursements, await visit.caller()),
        empty=text(visit.language, "There is no payment yet. A payment is prepared when a claim is accepted."),
        filters=[
            Filter("state", text(visit.language, "State"), words.states(visit.language)),
            Filter("proof", text(visit.language, "Proof"), {"proposed": text(visit.language, "A proof waits for another person")}),
            await region_filter(visit, "finance"),
        ],
        sort="-prepared_at",
    )
    return await listed(visit, listing)


async def claims(visit: Visit) -> Response:
    """Accepted claims whose payment is not prepared."""
    language, regions = visit.language, await visit.regions()
    columns: list[Column[Any]] = [
        Column("claim", text(language, "Claim accepted"), lambda one: instant(
            one.decided_at, zone_of(regions, one.region), language, f"/finance/claims/{one.claim_id}")),
        Column("region", text(language, "Region"), lambda one: regions[one.region].names.get(language, one.region)
               if one.region in regions else one.region),
        Column("granted", text(language, "To be paid"), lambda one: amount(one.payable_minor, one.currency, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
        Column("pay_by", text(language, "To be paid by"), lambda one: limit(one.pay_by, zone_of(regions, one.region), language)),
    ]  # fmt: skip
    listing = Listing(
        name="claims-to-prepare",
        title=text(language, "Accepted claims to prepare"),
        columns=columns,
        ask=partial(visit.services.payments.list_claims, await visit.caller(), without_disbursement=True),
        empty=text(language, "No accepted claim waits. An officer checks and accepts claims."),
        filters=[await region_filter(visit, "finance")],
    )
    return await listed(visit, listing)


async def preparation(visit: Visit) -> Act:
    services, body = visit.services.payments, DisbursementInput(claim_id=visit.request.path_params["claim_id"])
    claim = await services.get_claim(await visit.caller(), body.claim_id)
    await visit.at(claim.region)
    language, sum_ = visit.language, money(claim.payable_minor, claim.currency, visit.language)
    return Act(
        title=text(language, "Prepare the payment of %(sum)s") % {"sum": sum_},
        follows=[
            text(language, "The payment goes to the account of %(payee)s that is in force. Another person has to approve it.")
            % {"payee": claim.pay_to or text(language, "the payee that the claim names")},
            text(language, "Who prepares a payment neither approves nor releases it."),
        ],
        button=text(language, "Prepare the payment"),
        step=lambda caller, _given: services.post_disbursement(caller, body),
        back="/finance/claims",
        done=lambda made: f"{PAYMENTS}/{made.disbursement_id}?done=prepared",
        template="finance/prepare.html",
        values={"claim": claim},
    )


async def payment(visit: Visit) -> Response:
    """Its state in a sentence, the account as approved, who may act, its history."""
    caller, services, identity = await visit.caller(), visit.services.payments, _id(visit)
    found = await services.get_disbursement(caller, identity)
    await visit.at(found.region)
    standing = await services.get_disbursement_standing(caller, identity)
    proofs = await services.list_disbursement_outcome_proofs(caller, identity)
    said = await services.list_disbursement_bank_lines(caller, identity)
    history = await services.read_history(caller, found.application_id)
    own = [one for one in history.events if str(one.body.get("disbursement_id", "")) == identity]
    language = visit.language
    closed = words.closed_steps(language)
    steps = [found.account.set_by, found.prepared_by, *(one.approver for one in found.approval_steps), *(one.proposed_by for one in proofs)]
    names = await named(visit, [*steps, *(one.actor for one in standing.taken), *(one.actor for one in own)])
    approved = any(step.approver == str(visit.person.person_id) for step in found.approval_steps)
    return page(
        visit,
        "finance/payment.html",
        payment=found,
        state=state_cell(found.state, language),
        sentence=words.kept(words.sentences(language), found.state),
        zone=zone_of(await visit.regions(), found.region),
        region=(await region_names(visit, "finance")).get(found.region, found.region),
        taken=[(names.by(one.actor), words.kept(words.steps(language), one.step), one.at) for one in standing.taken],
        closed=[(closed.get(step, step), words.closed_because(code, language)) for step, code in standing.closed.items()],
        may=lambda step: step not in standing.closed and not (step == "approve" and approved),
        approved=approved,
        reason=await _reason(visit, found),
        proofs=[(one, names.by(one.proposed_by), one.proposed_by != str(visit.person.person_id)) for one in proofs],
        proof_waits=any(one.state == "proposed" for one in proofs),
        proof_reasons=words.reasons_of_proofs(language) | words.reasons_of_undoing(language),
        history=[(words.kept(words.events(language), one.type.split(".")[1]), names.by(one.actor), one.time) for one in own],
        person=names.by,
        said=[_said(one, language) for one in said],
    )


def _said(one: PaymentLineView, language: str) -> dict[str, Any]:
    """A line of the bank about the payment: what it says, its words, and why it was matched or not."""
    found = bank_words.findings(language)
    known = {"booked": words.states(language)["paid"], "returned": words.states(language)["returned"],
             "bank-accepted": words.states(language)["accepted"], "bank-rejected": words.states(language)["rejected"]}  # fmt: skip
    applied = one.outcome in ("applied", "repeated")
    return {
        "line": one,
        "says": words.kept(known, one.event) if applied else words.reason_of(one.reason, language),
        "outcome": words.kept(words.resolutions(language), one.resolution)
        if one.resolution
        else words.kept(words.outcomes(language), one.outcome),
        "why": " ".join(f"{words.kept(found, code)}." for code in one.evidence),
    }


async def _reason(visit: Visit, found: DisbursementDetail) -> str:
    """What the bank's code means, where the payment waits for a correction."""
    if not found.bank_reason:
        return ""
    listed_ = await visit.services.payments.list_voucher_payments(await visit.caller(), found.voucher_id)
    known = next((one.reason for one in listed_ if one.disbursement_id == found.disbursement_id), None)
    return f"{known.meaning} ({known.code})" if known else found.bank_reason


def _amount(visit: Visit, found: DisbursementDetail) -> str:
    return money(found.amount_minor, found.currency, visit.language)


async def _found(visit: Visit) -> DisbursementDetail:
    found = await visit.services.payments.get_disbursement(await visit.caller(), _id(visit))
    await visit.at(found.region)
    return found


async def approval(visit: Visit) -> Act:
    found, language, services = await _found(visit), visit.language, visit.services.payments
    body = ApprovalInput(payment_hash=visit.form.get("payment_hash") or found.payment_hash)
    here, account = f"{PAYMENTS}/{_id(visit)}", found.account
    return Act(
        title=text(language, "Approve the payment"),
        follows=[
            text(language, "You approve %(sum)s to %(payee)s, account %(account)s.")
            % {"sum": _amount(visit, found), "payee": account.name or "", "account": account.account or ""},
            text(
                language, "With the last approval it goes into the next batch. Before it is sealed, a change of the account makes it void."
            ),
        ],
        button=text(language, "Approve"),
        step=lambda caller, _given: services.post_disbursement_approval(caller, _id(visit), body),
        back=here,
        done=f"{here}?done=approved",
        values={"hidden": {"payment_hash": found.payment_hash}},
    )


async def cancellation(visit: Visit) -> Act:
    language, here, services = visit.language, await _here(visit), visit.services.payments
    return Act(
        title=text(language, "Cancel the payment"),
        follows=[text(language, "The payment is not made. Its amount is available in the envelope again. This cannot be undone.")],
        button=text(language, "Cancel it"),
        step=lambda caller, given: services.post_disbursement_cancellation(caller, _id(visit), Reason(reason=given)),
        back=here,
        done=f"{here}?done=cancelled",
        reasons=words.reasons_of_cancellations(language),
    )


async def rejection_confirmation(visit: Visit) -> Act:
    language, here, services = visit.language, await _here(visit), visit.services.payments
    return Act(
        title=text(language, "Confirm the rejection"),
        follows=[
            text(language, "You confirm that you have asked the bank, and that it did not make the payment. The next attempt may begin.")
        ],
        button=text(language, "Confirm"),
        step=lambda caller, given: services.post_disbursement_rejection_confirmation(caller, _id(visit), Reason(reason=given)),
        back=here,
        done=f"{here}?done=rejection",
        reasons={key: words.reasons_of_lines(language)[key] for key in ("bank-asked", "document-seen")},
    )


async def enquiry(visit: Visit) -> Act:
    language, here = visit.language, await _here(visit)
    return Act(
        title=text(language, "Record that the bank was asked"),
        follows=[text(language, "You record that you have asked the bank about this payment. Nothing is sent again.")],
        button=text(language, "Record it"),
        step=lambda caller, _given: visit.services.payments.post_disbursement_enquiry(caller, _id(visit)),
        back=here,
        done=f"{here}?done=asked",
    )


async def next_attempt(visit: Visit) -> Act:
    language, here, services = visit.language, await _here(visit), visit.services.payments
    return Act(
        title=text(language, "Prepare the next attempt"),
        follows=[
            text(
                language, "The payment is prepared again, under the same id, to the account of the payee as it is now. It needs approvals."
            )
        ],
        button=text(language, "Prepare it"),
        step=lambda caller, _given: services.post_disbursement_next_attempt(caller, _id(visit), NextAttemptInput()),
        back=here,
        done=f"{here}?done=next",
    )


async def _here(visit: Visit) -> str:
    """The page of the payment, which has to be one that the person may read."""
    return f"{PAYMENTS}/{(await _found(visit)).disbursement_id}"


async def ask_proof(visit: Visit) -> Response:
    return await _proof_page(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def give_proof(visit: Visit) -> Response:
    """The document of the bank is the last part of the form."""
    if visit.files is None:
        raise BadForm("no file")
    reader, language = Reader(visit.form, visit.language), visit.language
    outcome = reader.line("outcome", text(language, "Choose what became of the payment"))
    on = reader.line("on", text(language, "Enter the day that the document names"))
    reason = reader.line("reason", text(language, "Choose what the document is"))
    sent = [file async for file in visit.files.files(LARGEST_PROOF)]
    if not sent:
        reader.errors["file"] = text(language, "Choose the document of the bank")
    elif not sent[0].whole:
        reader.errors["file"] = text(language, "The file is larger than %(most)s MB.") % {"most": 5}
    if not reader.errors:
        await _send_proof(visit, reader, sent[0], {"outcome": outcome, "on": on, "reason": reason})
    return await _proof_page(visit, reader) if reader.errors else go(f"{PAYMENTS}/{_id(visit)}?done=proof")


async def _send_proof(visit: Visit, reader: Reader, file: SentFile, values: dict[str, Any]) -> None:
    bank_reference = reader.typed.get("bank_reference") or None
    with reader.taking((*REFUSALS, 413)):
        await visit.services.payments.post_disbursement_outcome_proof(
            await visit.caller(), _id(visit), NewFile(file.name, file.content), **values, bank_reference=bank_reference
        )


async def _proof_page(visit: Visit, reader: Reader) -> Response:
    found, language = await _found(visit), visit.language
    return page(
        visit, "finance/proof.html", status=422 if reader.errors else 200, form=reader, payment=found, sum=_amount(visit, found),
        outcomes={"paid": text(language, "The bank has paid it"), "rejected": text(language, "The bank has not paid it, and will not")},
        reasons=words.reasons_of_proofs(language), back=f"{PAYMENTS}/{_id(visit)}",
    )  # fmt: skip


async def decision(visit: Visit) -> Act:
    proof, found, services, yes = await proof_of(visit), await _found(visit), visit.services.payments, confirms(visit)
    language, sum_, here = visit.language, _amount(visit, found), f"{PAYMENTS}/{_id(visit)}"
    step = services.post_outcome_proof_confirmation if yes else services.post_outcome_proof_rejection
    paid = text(language, "The payment becomes paid: %(sum)s move from committed to paid in the ledger.") % {"sum": sum_}
    rejected = text(language, "The payment becomes rejected. The next attempt waits for the statement of the bank.")
    unknown = text(language, "The outcome of the payment is unknown again. What the proof moved in the ledger moves back.")
    becomes = {"paid": paid, "rejected": rejected}.get(proof.outcome, unknown)
    read = text(language, "Read the document first. Two persons can undo it later, as long as nothing that came after rests on it.")
    stays = text(language, "The outcome stays unknown. Another proof may be given.")
    if proof.undoes:
        stays = text(language, "The outcome stays as it is.")
    follows = {True: [becomes] if proof.undoes else [becomes, read], False: [stays]}[yes]
    return Act(
        title=text(language, "Confirm the outcome") if yes else text(language, "Reject the proof"),
        follows=follows,
        button=text(language, "Confirm") if yes else text(language, "Reject"),
        step=lambda caller, _given: step(caller, proof.proposal_id),
        back=here,
        done=f"{here}?done={'outcome' if yes else 'proof-rejected'}",
    )


async def proof_of(visit: Visit) -> OutcomeProofView:
    """`ApiProblem` 404 for a proof of another payment."""
    proofs = await visit.services.payments.list_disbursement_outcome_proofs(await visit.caller(), _id(visit))
    wanted = str(visit.request.path_params["proof_id"])
    for one in proofs:
        if str(one.proposal_id) == wanted:
            return one
    raise ApiProblem(404, {"code": "no-such-proposal"})


async def document(visit: Visit) -> Response:
    proof = await proof_of(visit)
    found = await visit.services.payments.get_outcome_proof_document(await visit.caller(), proof.proposal_id)
    return StreamingResponse(found.content, headers=found.headers)


_id = part("disbursement_id")
PAYMENT = PAYMENTS + "/{disbursement_id:uuid}"
PROOF = PAYMENT + "/proofs/{proof_id:uuid}"
ROUTES = [
    staff(PAYMENTS, payments, live=payments),
    staff("/finance/claims", claims, live=claims),
    act("/finance/claims/{claim_id:uuid}", preparation),
    staff(PAYMENT, payment, live=payment),
    act(PAYMENT + "/approval", approval),
    act(PAYMENT + "/cancellation", cancellation),
    act(PAYMENT + "/rejection-confirmation", rejection_confirmation),
    act(PAYMENT + "/enquiry", enquiry),
    act(PAYMENT + "/next-attempt", next_attempt),
    staff(PAYMENT + "/proof", ask_proof, give_proof),
    *decisions(PROOF, decision),
    staff(PROOF + "/document", document),
]
