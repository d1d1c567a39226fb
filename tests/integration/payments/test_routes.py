"""The HTTP side: every route refuses strangers, and a payment runs through the API alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.queries.disbursements import get_disbursement
from services.payments.tables import AccountProposalRow, BankLineRow
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from simulation.sample_files import sample_pdf
from tests.integration.payments.desk_examples import desk_examples
from tests.integration.payments.test_instalments import instalment_examples
from tests.support.claims import Drafts, line_body
from tests.support.identity import Issuer
from tests.support.payments import IBANS, Payments, Voucher, app_of, evidence
from tests.support.provider_routes import provider_examples
from tests.support.routes import Example, Route, assert_guarded

ROOT = "/api/payments"
LETTER = sample_pdf("The payment was executed")


@pytest.fixture
def app(payments: Payments, issuer: Issuer) -> FastAPI:
    return app_of(payments, issuer, payments.sessions)


@pytest_asyncio.fixture
async def client(payments: Payments, app: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://payments") as running:
        payments.client, payments.issuer = running, issuer
        yield running


async def test_every_route_refuses_strangers(payments: Payments, app: FastAPI, client: httpx.AsyncClient, issuer: Issuer) -> None:
    await assert_guarded(client, app, issuer.mint, await examples(payments), open_to_all=[f"{ROOT}/catalogue"])


async def examples(payments: Payments) -> dict[Route, Example]:
    here, voucher = {"region": payments.region}, await payments.issued(await payments.open_call(10_000_000), 700_000)
    payee = await payments.payee(voucher)
    lodged, rejected, accepted = [await payments.lodged(voucher, 1_000) for _ in range(2)] + [await payments.accepted(voucher, 1_000)]
    paid, unanswered = await payments.paid(voucher, 1_000), await payments.sent(voucher, 1_000)
    cancelled = await payments.approved(voucher, 1_000)
    rejected_payment, contradicted = await payments.sent(voucher, 1_000), await payments.sent(voucher, 1_000)
    await payments.receive(await payments.report(rejected_payment, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.statement(contradicted, amount_minor=999), "contradicted.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.disbursement_id == contradicted.id and line.outcome == "unmatched"]
    batch_id = (await payments.attempt(paid)).batch_id
    unapproved = await payments.run(prepare_disbursement, payments.finance(1), (await payments.accepted(voucher, 1_000)).id)
    read = await payments.run(get_disbursement, payments.finance(2), unapproved.id)
    recoveries = [await payments.run(order_recovery, payments.finance(1), voucher.id, 100, "test") for _ in range(2)]

    def case(**request: Any) -> Example:
        return Example(region=payments.region, organisation=voucher.organisation_id, **request)

    def of(name: str, row: Any, **request: Any) -> Example:
        return case(path={name: row.id}, **request)

    reason = {"reason": "test"}
    return {
        ("GET", f"{ROOT}/envelopes"): case(query=here),
        ("GET", f"{ROOT}/envelopes/{{call_id}}"): case(path={"call_id": voucher.call_id}),
        ("POST", f"{ROOT}/envelopes/{{call_id}}/confirmation"): case(path={"call_id": voucher.call_id}),
        ("GET", f"{ROOT}/ledger"): case(query={"call_id": voucher.call_id}),
        ("GET", f"{ROOT}/ledger/entries"): case(query={"call_id": voucher.call_id}),
        ("GET", f"{ROOT}/vouchers/{{voucher_id}}"): of("voucher_id", voucher),
        ("GET", f"{ROOT}/vouchers/{{voucher_id}}/payments"): of("voucher_id", voucher),
        ("GET", f"{ROOT}/own-desk"): Example(unbound="what is of the organisation that the caller acts for"),
        **await account_examples(payments, voucher, payee.id),
        ("GET", f"{ROOT}/claims"): case(query=here, owned=False),
        ("GET", f"{ROOT}/claims/{{claim_id}}"): of("claim_id", lodged),
        ("POST", f"{ROOT}/claims"): case(json=new_claim(payments, voucher, payee.id), headers={"Idempotency-Key": "guard-walk"}),
        ("POST", f"{ROOT}/claims/{{claim_id}}/acceptance"): of("claim_id", lodged, json={}),
        ("POST", f"{ROOT}/claims/{{claim_id}}/rejection"): of("claim_id", rejected, json={"rules": ["not-eligible"]}),
        **await draft_examples(payments, voucher, payee.id),
        ("GET", f"{ROOT}/disbursements"): case(query=here),
        ("GET", f"{ROOT}/disbursements/{{disbursement_id}}"): of("disbursement_id", paid),
        ("GET", f"{ROOT}/disbursements/{{disbursement_id}}/bank-lines"): of("disbursement_id", paid),
        ("POST", f"{ROOT}/disbursements"): case(json={"claim_id": str(accepted.id)}, actor="finance-1"),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/approval"): of(
            "disbursement_id", unapproved, role=Role.FINANCE, actor="finance-2", json={"payment_hash": read.payment_hash}
        ),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/cancellation"): of("disbursement_id", cancelled, json=reason),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/next-attempt"): of("disbursement_id", paid, json={}, actor="finance-1"),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/enquiry"): of("disbursement_id", unanswered),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/rejection-confirmation"): of("disbursement_id", rejected_payment, json=reason),
        ("POST", f"{ROOT}/bank-lines/{{line_id}}/resolution"): case(
            path={"line_id": line.id}, json={"resolution": "bank-error"}, role=Role.FINANCE
        ),
        ("POST", f"{ROOT}/batches"): case(json=here),
        ("POST", f"{ROOT}/batches/{{batch_id}}/release"): case(path={"batch_id": batch_id}),
        ("GET", f"{ROOT}/batches"): case(query=here),
        ("GET", f"{ROOT}/batches/{{batch_id}}"): case(path={"batch_id": batch_id}),
        ("GET", f"{ROOT}/batches/{{batch_id}}/file"): case(path={"batch_id": batch_id}),
        ("GET", f"{ROOT}/bank-files"): Example(unbound="a bank's file may have lines of several regions; the lines are guarded"),
        ("GET", f"{ROOT}/unmatched"): case(query=here),
        ("POST", f"{ROOT}/recoveries"): case(json={"voucher_id": str(voucher.id), "amount_minor": 1, **reason}, actor="somebody-else"),
        ("POST", f"{ROOT}/recoveries/{{recovery_id}}/settlement"): of("recovery_id", recoveries[0], json={"bank_reference": "CREDIT-1"}),
        ("POST", f"{ROOT}/recoveries/{{recovery_id}}/write-off"): of("recovery_id", recoveries[1], json=reason),
        ("GET", f"{ROOT}/recoveries"): case(query=here),
        ("GET", f"{ROOT}/samples"): case(query={"region": paid.region, "seed": "a seed"}),
        ("GET", f"{ROOT}/lookup"): case(query={"ref": str(paid.id)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}/erasure"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/history/{{case_id}}"): case(path={"case_id": voucher.application_id}),
        **await desk_examples(payments, voucher, read),
    }


async def draft_examples(payments: Payments, voucher: Voucher, payee_id: UUID) -> dict[Route, Example]:
    """The routes of drafts, and of a claim with lines."""
    drafts = Drafts(payments, voucher)
    returned, lodged = await drafts.lodged(), await drafts.lodged()
    draft_id = await drafts.begun()
    line_id = await drafts.line(draft_id)
    file_id = await drafts.document(draft_id, line_id)
    [named] = [one.file_id for one in (await drafts.read(lodged)).evidence if one.kind == "invoice"]
    part = {"draft_id": draft_id, "line_id": line_id}
    other = await payments.issued(voucher.call_id, 1_000)
    given_up = await Drafts(payments, other).begun()
    upload = {"content": sample_pdf("Another"), "headers": {"File-Name": "offer.pdf", "Idempotency-Key": "guard-file"}}

    def case(**request: Any) -> Example:
        return Example(region=payments.region, organisation=voucher.organisation_id, **request)

    hours = {"function": "Designer", "worked_from": "2026-03-01", "worked_to": "2026-03-01", "hours_hundredths": 100}
    one = f"{ROOT}/claim-drafts/{{draft_id}}"
    return {
        **instalment_examples(payments, voucher, payee_id),
        ("POST", f"{ROOT}/claim-drafts"): case(json={"voucher_id": str(voucher.id)}),
        ("GET", f"{ROOT}/vouchers/{{voucher_id}}/claim-drafts"): case(path={"voucher_id": voucher.id}),
        ("GET", one): case(path={"draft_id": draft_id}),
        ("PUT", f"{one}/payee"): case(path={"draft_id": draft_id}, json={"payee_id": str(payee_id)}),
        ("PUT", f"{one}/lines/{{line_id}}"): case(path=part, json=line_body("INV-guard")),
        ("PUT", f"{one}/hours/{{line_id}}"): case(path={"draft_id": draft_id, "line_id": new_id()}, json=hours),
        ("POST", f"{one}/lines/{{line_id}}/files"): case(path=part, query={"kind": "deliverable"}, **upload),
        ("GET", f"{one}/files/{{file_id}}"): case(path={"draft_id": draft_id, "file_id": file_id}),
        ("DELETE", f"{one}/files/{{file_id}}"): case(path={"draft_id": draft_id, "file_id": new_id()}),
        ("DELETE", f"{one}/lines/{{line_id}}"): case(path={"draft_id": draft_id, "line_id": new_id()}),
        ("POST", f"{one}/lodging"): case(path={"draft_id": await drafts.draft_of(lodged)}),
        ("DELETE", one): Example(region=payments.region, organisation=other.organisation_id, path={"draft_id": given_up}),
        ("PUT", f"{ROOT}/claims/{{claim_id}}/lines/{{number}}/check"): case(path={"claim_id": lodged, "number": 1}, json={"cut_minor": 0}),
        ("GET", f"{ROOT}/claims/{{claim_id}}/files/{{file_id}}"): case(path={"claim_id": lodged, "file_id": named}),
        ("POST", f"{ROOT}/claims/{{claim_id}}/return"): case(path={"claim_id": returned}, json={"note": "The report is missing."}),
    }


async def account_examples(payments: Payments, voucher: Voucher, payee_id: UUID) -> dict[Route, Example]:
    """The routes of payees, providers and accounts."""
    here = {"region": payments.region}
    provider_of = NewPayee("provider", payments.region, None, "Sample Design Bureau", payments.account_of(new_id()), None)
    provider = await payments.run(register_payee, payments.finance(4), provider_of)
    to_confirm, to_reject = await proposed_accounts(payments, voucher.call_id)

    def case(**request: Any) -> Example:
        return Example(region=payments.region, organisation=voucher.organisation_id, **request)

    def account(number: int) -> dict[str, Any]:
        return {"account": {"iban": IBANS["EUR"][number]}}

    new_payee, new_provider = {"name": "Studio", **account(0), **here}, {"name": "Ured Primjer", **account(1), **here}
    return {
        ("GET", f"{ROOT}/payees"): case(query=here, owned=False),
        ("POST", f"{ROOT}/payees"): Example(region=payments.region, organisation=new_id(), owned=False, json=new_payee),
        ("PUT", f"{ROOT}/payees/{{payee_id}}/account"): case(path={"payee_id": payee_id}, json=account(1)),
        ("GET", f"{ROOT}/providers"): case(query=here),
        ("POST", f"{ROOT}/providers"): case(json=new_provider),
        ("PUT", f"{ROOT}/providers/{{payee_id}}/account"): case(path={"payee_id": provider.id}, json=account(0)),
        ("GET", f"{ROOT}/accounts"): case(query=here),
        ("GET", f"{ROOT}/accounts/proposals"): case(query=here),
        ("POST", f"{ROOT}/accounts/proposals/{{proposal_id}}/confirmation"): case(path={"proposal_id": to_confirm}),
        ("POST", f"{ROOT}/accounts/proposals/{{proposal_id}}/rejection"): case(path={"proposal_id": to_reject}),
        ("GET", f"{ROOT}/accounts/{{payee_id}}/history"): case(path={"payee_id": payee_id}),
        **await provider_examples(payments),
    }


async def proposed_accounts(payments: Payments, call_id: UUID) -> list[UUID]:
    """Two accounts that wait for a second person."""
    for other in [payments.voucher(call_id, 1) for _ in range(2)]:
        applicant = payments.actor("applicant-1", Role.APPLICANT, other.organisation_id)
        payee = await payments.payee(other)
        await payments.run(propose_account, applicant, payee.id, "Another Name", payments.account_of(other.id))
    return [row.id for row in await payments.rows(AccountProposalRow) if row.region == payments.region]


@pytest.mark.usefixtures("client")
async def test_beneficiary_reads_why_the_bank_did_not_pay(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 50_000)
    rejected = await payments.sent(voucher, 10_000)
    await payments.receive(await payments.report(rejected, "RJCT", "AC04"), "rejected.xml")
    waiting = await payments.sent(voucher, 20_000)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    found = {one["disbursement_id"]: one for one in await payments.request(applicant, "GET", f"/vouchers/{voucher.id}/payments")}
    first, second = found[str(rejected.id)], found[str(waiting.id)]
    assert (first["state"], first["amount_minor"]) == ("rejected", 10_000)
    assert (first["reason"]["code"], first["reason"]["meaning"]) == ("AC04", "The account is closed.")
    assert first["acts_next"] == ("finance" if first["to_provider"] else "beneficiary")
    assert (second["state"], second["acts_next"], second["reason"]) == ("sent", "bank", None)
    assert "approver" not in str(first)
    own_desk = "/own-desk"
    nothing: dict[str, Any] = {"payments": [], "claims": [], "orders": []}
    to_correct = [] if first["to_provider"] else [first]
    assert await payments.request(applicant, "GET", own_desk) == nothing | {"payments": to_correct}
    stranger = payments.actor("applicant-1", Role.APPLICANT, UUID(int=0xDEAD))
    assert await payments.request(stranger, "GET", own_desk) == nothing
    payee = await payments.payee(voucher)  # another account waits for its confirmation: the beneficiary has done what it can
    await payments.run(propose_account, applicant, payee.id, "Another Name", payments.account_of(voucher.id))
    again = await payments.request(applicant, "GET", f"/vouchers/{voucher.id}/payments")
    assert [one["acts_next"] for one in again if one["state"] == "rejected"] == ["finance"]
    assert await payments.request(applicant, "GET", own_desk) == nothing


def new_claim(payments: Payments, voucher: Voucher, payee_id: UUID | str, requested_minor: int = 1_000) -> dict[str, Any]:
    asked = payments.new_claim(voucher, UUID(str(payee_id)), requested_minor)
    documents = [
        {
            "kind": one.kind,
            "reference": one.reference,
            "sha256": one.sha256,
            "issued_on": str(one.issued_on),
            "amount_minor": one.amount_minor,
            "issuer": "HR12345678903",
        }
        for one in evidence(payments.policy, asked.eligible_minor)
    ]
    return {
        "voucher_id": str(voucher.id), "payee_id": str(payee_id), "eligible_minor": asked.eligible_minor,
        "requested_minor": requested_minor, "evidence": documents,
    }  # fmt: skip


@pytest.mark.usefixtures("client")
async def test_issuer_of_an_invoice_is_given_and_has_no_spelling(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 50_000)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    body = new_claim(payments, voucher, (await payments.payee(voucher)).id, 10_000)
    [invoice] = [one for one in body["evidence"] if one["kind"] == "invoice"]
    number = body["evidence"].index(invoice)
    for code, field, change in [
        ("issuer-missing", "issuer", {"issuer": None}),
        ("unusable-invoice-number", "reference", {"reference": "Ꭺ-12"}),
        ("unusable-invoice-number", "reference", {"reference": "---"}),
    ]:
        changed = {**body, "evidence": [{**one, **change} if one is invoice else one for one in body["evidence"]]}
        refusal = await payments.request(applicant, "POST", "/claims", 422, json=changed, key=f"claim-{code}-{field}")
        assert (refusal["code"], refusal["errors"][0]["field"]) == (code, f"evidence.{number}.{field}")
    await payments.request(applicant, "POST", "/claims", 201, json=body, key="claim-0001")
    again = new_claim(payments, voucher, body["payee_id"], 10_000)
    again["evidence"][number] |= {"reference": invoice["reference"], "issuer": "123-456 78903"}
    assert (await payments.request(applicant, "POST", "/claims", 409, json=again, key="claim-0002"))["code"] == "invoice-claimed"


@pytest.mark.usefixtures("client")
async def test_payment_runs_through_the_api_alone(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 50_000)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    ask, finance = payments.request, payments.finance
    new_payee = {"region": payments.region, "name": "Studio Primjer", "account": {"iban": IBANS["EUR"][0]}}
    payee = await ask(applicant, "POST", "/payees", 201, json=new_payee)
    body = new_claim(payments, voucher, payee["payee_id"], 30_000)
    claim, again = [await ask(applicant, "POST", "/claims", 201, json=body, key="claim-0001") for _ in range(2)]
    assert claim == again
    await ask(payments.officer, "POST", f"/claims/{claim['claim_id']}/acceptance", json={})
    waiting = await ask(finance(1), "GET", "/claims?without_disbursement=true&limit=10&state=accepted")
    assert [one["claim_id"] for one in waiting["items"]] == [claim["claim_id"]]
    prepared = await ask(finance(1), "POST", "/disbursements", 201, json={"claim_id": claim["claim_id"]})
    assert prepared["account"]["account"] == f"HR…{IBANS['EUR'][0][-4:]}"
    approval = {"payment_hash": prepared["payment_hash"]}
    approved = await ask(finance(2), "POST", f"/disbursements/{prepared['disbursement_id']}/approval", json=approval)
    assert (approved["state"], approved["approvals"]) == ("approved", 1)
    steps = [(step["number"], step["permission"], step["approver"]) for step in approved["approval_steps"]]
    assert steps == [(1, "approve-disbursement", "finance-2")]
    nothing = await ask(finance(5), "POST", "/batches", 200, json={"region": payments.region})
    assert nothing == {"batches": [], "skipped": [{"disbursement_id": prepared["disbursement_id"], "code": "account-cooling-off"}]}
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    sealed = await ask(finance(5), "POST", "/batches", 201, json={"region": payments.region})
    assert [batch["total_minor"] for batch in sealed["batches"]] == [30_000]
    batch_id = sealed["batches"][0]["batch_id"]
    released = await ask(finance(6), "POST", f"/batches/{batch_id}/release")
    assert (released["state"], released["sealed_by"], released["released_by"]) == ("released", "finance-5", "finance-6")
    await payments.outgoing.send_all()
    [shown] = (await ask(finance(1), "GET", "/disbursements?state=sent&sort=-amount_minor"))["items"]
    assert (shown["batch_id"], shown["claim_id"]) == (sealed["batches"][0]["batch_id"], claim["claim_id"])

    case = await ask(payments.officer, "GET", f"/lookup?ref={prepared['disbursement_id']}")
    assert case["application_id"] == str(voucher.application_id)
    history = await ask(payments.officer, "GET", f"/history/{case['application_id']}")
    assert [event["type"].split(".")[1] for event in history["events"]][-1] == "DisbursementApproved"
    ledger = await ask(payments.officer, "GET", f"/ledger?call_id={voucher.call_id}")
    assert sum(ledger["balances"].values()) == 0
    entries = await ask(payments.officer, "GET", f"/ledger/entries?call_id={voucher.call_id}&limit=2")
    assert [entry["kind"] for entry in entries["items"]] == ["opened", "reserved"]
    assert (await ask(applicant, "GET", f"/vouchers/{voucher.id}"))["claimed_minor"] == 30_000


@pytest.mark.usefixtures("client")
async def test_readings_of_accounts_and_bank_files_are_recorded(payments: Payments) -> None:
    """Not that of the own account by its holder."""
    voucher = await payments.issued(await payments.open_call(1_000_000), 50_000)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    paid = await payments.sent(voucher, 1_000)
    attempt = await payments.attempt(paid)
    for actor, path in ((applicant, "/payees"), (payments.finance(1), "/accounts")):
        assert len((await payments.request(actor, "GET", path))["items"]) == 1
    assert payments.client is not None
    assert payments.issuer is not None
    headers = {"Authorization": f"Bearer {payments.issuer.mint(payments.officer)}"}
    file = await payments.client.get(f"/api/payments/batches/{attempt.batch_id}/file", headers=headers)
    assert b"pain.001" in file.content
    auditor = payments.actor("auditor-1", Role.AUDITOR)
    page = await payments.request(auditor, "GET", "/accesses", params={"sort": "position"})
    assert [(line["reader"], line["permission"], line["subject_id"]) for line in page["items"]] == [
        ("finance-1", "read-payments", str(attempt.payee_id)),
        ("officer-1", "read-payments", str(attempt.batch_id)),
    ]
