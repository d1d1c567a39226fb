"""Claims with lines, on the desk of payments."""

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

from services.payments.commands.begin_claim_draft import begin_claim_draft
from services.payments.commands.check_claim_line import check_claim_line
from services.payments.commands.choose_claim_payee import choose_claim_payee
from services.payments.commands.give_document import NewDocument, give_document
from services.payments.commands.lodge_claim_draft import lodge_claim_draft
from services.payments.commands.save_claim_line import NewLine, save_claim_line
from services.payments.queries.claim_details import get_claim_detail
from services.payments.queries.claim_drafts import claim_draft_of
from services.payments.queries.claim_views import ClaimDetail, ClaimDraftView
from services.payments.tables import ClaimRow
from shared.files.clamav import ScanState
from shared.files.limits import Limits
from shared.files.store import FileStore
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import EvidenceKind
from simulation.sample_files import sample_pdf
from tests.support.payments import Payments, Voucher

KEY = bytes(32)
SELLER = "HR12345678903"


def line_body(reference: str, **changed: Any) -> dict[str, Any]:
    """A line as the API takes it: an invoice of 100.00 and 25.00 of VAT that is not recovered, claimed as a whole."""
    return {
        "seller": "Sample Design Bureau", "seller_tax_number": SELLER, "reference": reference, "issued_on": "2026-03-01",
        "delivered_on": "2026-03-01", "paid_on": "2026-03-01", "net_minor": 10_000, "vat_minor": 2_500, "vat_recoverable": False,
        "currency": "EUR", "claimed_minor": 12_500, **changed,
    }  # fmt: skip


def new_line(reference: str, **changed: Any) -> NewLine:
    body = line_body(reference, **changed)
    names = ("issued_on", "delivered_on", "paid_on", "ordered_on")
    days = {name: body[name] and date.fromisoformat(body[name]) for name in names if name in body}
    return NewLine(**{**body, **days})


class Drafts:
    """What the beneficiary of a voucher does; the ids of what is made."""

    def __init__(self, payments: Payments, voucher: Voucher) -> None:
        self.payments, self.voucher = payments, voucher
        self.store = FileStore((payments.folder / "claim-files").as_uri())

    @property
    def applicant(self) -> Actor:
        return self.payments.actor("applicant-1", Role.APPLICANT, self.voucher.organisation_id)

    async def begun(self) -> UUID:
        return await self.payments.run(begin_claim_draft, self.applicant, self.voucher.id)

    async def line(self, draft_id: UUID, line_id: UUID | None = None, reference: str = "", **changed: Any) -> UUID:
        line_id = line_id or new_id()
        line = new_line(reference or f"INV-{line_id.hex}", **changed)
        await self.payments.run(save_claim_line, self.applicant, draft_id, line_id, line, KEY)
        return line_id

    async def document(self, draft_id: UUID, line_id: UUID, kind: str = "invoice", text: str = "", by: Actor | None = None) -> UUID:
        content = sample_pdf(text or new_id().hex)
        new = NewDocument(EvidenceKind(kind), f"{kind}.pdf", content, hashlib.sha256(content).hexdigest(), ScanState.UNSCANNED)
        return await self.payments.run(give_document, by or self.applicant, self.store, draft_id, line_id, new, Limits())

    async def complete(self, lines: int = 1, **changed: Any) -> UUID:
        """A draft with lines, everything that the policy asks for at the first one, and the account of the organisation."""
        draft_id = await self.begun()
        for number in range(lines):
            line_id = await self.line(draft_id, **changed)
            for kind in self.payments.policy.claims.evidence if number == 0 else ["invoice"]:
                await self.document(draft_id, line_id, kind)
        payee = await self.payments.payee(self.voucher)
        await self.payments.run(choose_claim_payee, self.applicant, draft_id, payee.id)
        return draft_id

    async def lodge(self, draft_id: UUID) -> UUID:
        return await self.payments.run(lodge_claim_draft, self.applicant, draft_id, KEY)

    async def lodged(self, lines: int = 1, **changed: Any) -> UUID:
        return await self.lodge(await self.complete(lines, **changed))

    async def checked(self, claim_id: UUID, number: int, cut_minor: int = 0, reason: str | None = None) -> None:
        await self.payments.run(check_claim_line, self.payments.officer, claim_id, number, cut_minor, reason)

    async def read(self, claim_id: UUID, actor: Actor | None = None) -> ClaimDetail:
        return await self.payments.run(get_claim_detail, actor or self.applicant, claim_id)

    async def draft(self, draft_id: UUID) -> ClaimDraftView:
        return await self.payments.run(claim_draft_of, self.applicant, draft_id, "en")

    async def draft_of(self, claim_id: UUID) -> UUID:
        found = (await self.payments.row(ClaimRow, claim_id)).draft_id
        assert found is not None
        return found
