"""A request to each route that only the finance desk has."""

import hashlib
from collections.abc import Callable
from typing import Any

from services.payments.commands.preview_bank_file import preview_bank_upload
from services.payments.commands.propose_envelope_change import NewChange, propose_envelope_change
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.propose_outcome import NewProof, propose_outcome
from services.payments.commands.reject_outcome import reject_outcome
from services.payments.commands.upload_bank_file import NewUpload, upload_bank_file
from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.outcomes import ProvenOutcome
from services.payments.queries.views import DisbursementDetail
from services.payments.tables import BankLineRow, OutcomeProofRow
from shared.files.clamav import ScanState
from simulation.sample_files import sample_pdf
from tests.integration.payments.test_bank_answers import time_out
from tests.support.aid import aid_examples
from tests.support.payments import Payments, Voucher
from tests.support.routes import Example, Route

ROOT = "/api/payments"
LETTER = sample_pdf("The payment was executed")


async def more_examples(
    payments: Payments, case: Callable[..., Example], line: BankLineRow, proof: OutcomeProofRow
) -> dict[Route, Example]:
    """State aid, and what is decided of a refused file and of a proof that was read wrongly."""
    dismissal, wrong = {"act": "dismissed", "reason": "test"}, {"reason": "test"}
    return {
        **await aid_examples(payments),
        ("POST", f"{ROOT}/bank-files/{{sha256}}/decision"): case(path={"sha256": line.file_sha256}, json=dismissal),
        ("POST", f"{ROOT}/outcome-proofs/{{proof_id}}/undoing"): case(path={"proof_id": proof.id}, json=wrong),
    }


async def desk_examples(payments: Payments, voucher: Voucher, read: DisbursementDetail) -> dict[Route, Example]:
    """The routes that only the finance desk has."""
    here, giver = {"region": payments.region}, await payments.open_call(10_000)
    unanswered = await payments.sent(voucher, 1_000)
    await time_out(payments, unanswered)
    await payments.receive(await payments.statement(unanswered, amount_minor=998), "differs.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.disbursement_id == unanswered.id]
    changes = [await payments.run(propose_envelope_change, payments.finance(1), giver, NewChange(1, "test")) for _ in range(2)]
    proofs = []
    for _ in range(2):
        given = NewProof(ProvenOutcome.PAID, payments.clock.instant.date(), "letter", None, "a.pdf", LETTER, "0" * 64, ScanState.CLEAN)
        proofs.append(await payments.run(propose_outcome, payments.finance(1), unanswered.id, given))
        await payments.run(reject_outcome, payments.finance(1), proofs[-1].id)
    proposal = await payments.run(propose_line_resolution, payments.finance(1), line.id, LineDecision(ProposedResolution.OTHERWISE, "test"))

    def case(**request: Any) -> Example:
        return Example(region=payments.region, organisation=voucher.organisation_id, **request)

    def of(name: str, value: object, **request: Any) -> Example:
        return case(path={name: value}, **request)

    file, item = case(path={"sha256": line.file_sha256}), read.payment_hash
    statement = await payments.statement(await payments.sent(voucher, 1_000))
    uploads = []
    for name in ("confirmed", "rejected", "waiting"):
        data = statement.replace(b">M<", f">{name}<".encode())
        uploads.append(await payments.run(upload_bank_file, payments.finance(2), NewUpload(name, hashlib.sha256(data).hexdigest(), data)))
    sent: dict[str, Any] = {"content": statement, "headers": {"File-Name": "statement.xml"}}
    shown = await payments.run(preview_bank_upload, payments.finance(2), uploads[0].id)
    many = {"items": [{"disbursement_id": str(read.disbursement_id), "payment_hash": item}], "expected_minor": 1_000, "currency": "EUR"}
    proof = {"outcome": "paid", "on": str(payments.clock.instant.date()), "reason": "letter"}
    return {
        **await more_examples(payments, case, line, proofs[1]),
        ("GET", f"{ROOT}/desk"): case(query=here),
        ("GET", f"{ROOT}/accesses"): case(query=here),
        ("GET", f"{ROOT}/officer-desk"): case(query=here),
        ("GET", f"{ROOT}/figures"): Example(unbound="sums and counts of all regions"),
        ("GET", f"{ROOT}/journal"): case(query=here),
        ("GET", f"{ROOT}/expenditure"): case(query=here),
        ("GET", f"{ROOT}/expenditure-reports"): case(query=here),
        ("POST", f"{ROOT}/expenditure-reports"): case(json=here),
        ("POST", f"{ROOT}/bank-files/preview"): case(**sent),
        ("POST", f"{ROOT}/bank-uploads"): case(**sent),
        ("GET", f"{ROOT}/bank-uploads"): case(query=here),
        ("GET", f"{ROOT}/bank-uploads/{{upload_id}}"): of("upload_id", uploads[2].id),
        ("GET", f"{ROOT}/bank-uploads/{{upload_id}}/preview"): of("upload_id", uploads[2].id),
        ("POST", f"{ROOT}/bank-uploads/{{upload_id}}/confirmation"): of(
            "upload_id", uploads[0].id, json={"fingerprint": shown.fingerprint}, actor="finance-9"
        ),
        ("POST", f"{ROOT}/bank-uploads/{{upload_id}}/rejection"): of("upload_id", uploads[1].id),
        ("GET", f"{ROOT}/bank-files/{{sha256}}"): file,
        ("GET", f"{ROOT}/bank-files/{{sha256}}/lines"): file,
        ("GET", f"{ROOT}/bank-lines/{{line_id}}"): of("line_id", line.id),
        ("POST", f"{ROOT}/bank-lines/{{line_id}}/proposals"): of("line_id", line.id, json={"resolution": "otherwise", "reason": "test"}),
        ("POST", f"{ROOT}/line-proposals/{{proposal_id}}/confirmation"): of("proposal_id", proposal.id, actor="finance-9"),
        ("POST", f"{ROOT}/line-proposals/{{proposal_id}}/rejection"): of("proposal_id", proposal.id),
        ("GET", f"{ROOT}/disbursements/{{disbursement_id}}/standing"): of("disbursement_id", unanswered.id),
        ("POST", f"{ROOT}/disbursements/approvals"): Example(unbound="payments of several regions; each is guarded", json=many),
        ("POST", f"{ROOT}/disbursements/{{disbursement_id}}/outcome-proofs"): of(
            "disbursement_id", unanswered.id, query=proof, content=LETTER, headers={"File-Name": "a.pdf"}
        ),
        ("GET", f"{ROOT}/disbursements/{{disbursement_id}}/outcome-proofs"): of("disbursement_id", unanswered.id),
        ("GET", f"{ROOT}/outcome-proofs/{{proof_id}}/document"): of("proof_id", proofs[0].id),
        ("POST", f"{ROOT}/outcome-proofs/{{proof_id}}/confirmation"): of("proof_id", proofs[0].id),
        ("POST", f"{ROOT}/outcome-proofs/{{proof_id}}/rejection"): of("proof_id", proofs[1].id),
        ("GET", f"{ROOT}/envelope-changes"): case(query=here),
        ("POST", f"{ROOT}/envelopes/{{call_id}}/changes"): of("call_id", giver, json={"amount_minor": 1, "reason": "test"}),
        ("POST", f"{ROOT}/envelope-changes/{{change_id}}/confirmation"): of("change_id", changes[0].id),
        ("POST", f"{ROOT}/envelope-changes/{{change_id}}/rejection"): of("change_id", changes[1].id),
    }
