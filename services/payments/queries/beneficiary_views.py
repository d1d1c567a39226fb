"""The response models for beneficiaries: what concerns them, without who handles it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.payments.domain.status import AttemptState


class BankReasonView(BaseModel):
    """The bank's reason why money was not paid, or came back: its ISO code, and what it means and who does what now, in the reader's
    language. `words`: what the bank added, in its own words."""

    code: str
    meaning: str
    remedy: str
    words: list[str] = []


class OwnPaymentView(BaseModel):
    """A payment without who handles it. `acts_next`: finance, bank, beneficiary or nobody. `to_provider`: it is paid to the provider of the
    service. `pay_by`: until when the policy wants it paid."""

    disbursement_id: UUID
    claim_id: UUID
    voucher_id: UUID
    amount_minor: int
    currency: str
    state: AttemptState
    acts_next: str
    attempt: int
    approvals: int
    approvals_needed: int
    prepared_at: datetime
    pay_by: datetime | None
    to_provider: bool
    reason: BankReasonView | None
    paid_on: date | None
    returned_on: date | None
