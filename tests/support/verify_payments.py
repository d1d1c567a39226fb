"""The vouchers of the dataset, their payments, and the bank. See verify_cases."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.evaluation.tables import DecisionRow
from services.payments import tables as payments
from services.payments.domain.ledger import EntryKind, LedgerAccount, postings, running_changes
from services.payments.iso20022.model import Account, BatchFile, CreditTransfer, Party
from services.payments.iso20022.pain001 import build_batch
from services.payments.iso20022.profiles import SEPA_SCT
from services.vouchers.tables import AwardRow, RedemptionRow, VoucherRow
from shared.contracts import payments as payments_events
from shared.contracts import vouchers as vouchers_events
from shared.files.store import name_of
from shared.kernel.ids import derive_id, new_id
from shared.kernel.money import Money
from simulation.bank.bank import Bank
from simulation.bank.behaviour import Shares
from tests.support.policies import policy_named
from tests.support.verify_cases import BOOK, START, Call, Case, Dataset, add_file, decide, hold_and_erase, publish_call, rank, score
from tests.support.verify_people import add_people

GREEK_IBAN = "GR1601101250000000012300695"
NO_SHARES = Shares(rejected=0, returned=0, late=0, unanswered_booked=0, unanswered_rejected=0)
RETURNED = Shares(rejected=0, returned=100, late=0, unanswered_booked=0, unanswered_rejected=0)


@dataclass
class Folders:
    root: Path

    @property
    def outgoing(self) -> Path:
        return self.root / "outgoing"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def book(self) -> Path:
        return self.root / "book.sqlite"

    @property
    def files(self) -> Path:
        return self.root / "files"


REGISTERED = START - timedelta(days=30)


class Voucher:
    """The voucher of one award, with its rows in `vouchers` and `payments`."""

    def __init__(self, dataset: Dataset, case: Case, cause: UUID) -> None:
        self.dataset, self.case, self.policy = dataset, case, case.call.policy
        self.award_id = derive_id(case.id, "award", 1)
        self.id = derive_id(self.award_id, "voucher")
        self.amount = {"amount_minor": case.amount_minor, "currency": self.policy.currency}
        known = {
            "id": self.id, "application_id": case.id, "call_id": case.call.id, "region": self.policy.region,
            "organisation_id": case.organisation_id, "policy_id": self.policy.id, **self.amount,
        }  # fmt: skip
        worth = {"value_minor": case.amount_minor, "drawn_minor": case.amount_minor}
        about = {name: value for name, value in known.items() if name != "id"}
        dataset.add("vouchers", AwardRow(**about, id=self.award_id, scheme=self.policy.scheme, granted_at=START))
        self.row = VoucherRow(
            **known, **worth, award_id=self.award_id, scheme=self.policy.scheme, state="requested", state_since=START, created_at=START
        )
        self.account = payments.VoucherRow(**known, **worth, state="reserved")
        dataset.add("vouchers", self.row)
        dataset.add("payments", self.account)
        facts = {"award_id": self.award_id, "organisation_id": case.organisation_id, "policy_id": self.policy.id}
        asked = self.publish(vouchers_events.FundsReservationRequested, cause=cause, **facts, **self.amount)
        self.move(EntryKind.RESERVED, case.amount_minor)
        self.publish(payments_events.FundsReserved, cause=asked, **self.amount, available_minor=0)
        offer = {"award_id": self.award_id, "organisation_id": case.organisation_id, "answer_by": dataset.now}
        self.publish(vouchers_events.VoucherOffered, **offer, **self.amount)

    def publish(self, contract: Any, actor: str = "system", reason: str = "by-rule", cause: UUID | None = None, **fields: Any) -> UUID:
        return self.dataset.publish(contract(voucher_id=self.id, **self.case.facts, **fields), self.policy, actor, reason, cause)

    def move(self, kind: EntryKind, amount_minor: int) -> None:
        """Adds a ledger entry and updates the totals of voucher and envelope."""
        book(self.dataset, self.case.call, kind, amount_minor, self.id)
        (envelope,) = self.dataset.find("payments", payments.EnvelopeRow, call_id=self.case.call.id)
        for row in (self.account, envelope):
            for account, change in running_changes(kind, amount_minor).items():
                setattr(row, f"{account}_minor", getattr(row, f"{account}_minor") + change)

    def release(self, kind: EntryKind, amount_minor: int, cause: UUID) -> UUID:
        self.move(kind, amount_minor)
        self.account.released_minor += amount_minor
        for decision in self.dataset.find("evaluation", DecisionRow, voucher_id=self.id):
            decision.released_minor += amount_minor
        released = {"amount_minor": amount_minor, "currency": self.policy.currency, "available_minor": 0}
        return self.publish(payments_events.FundsReleased, cause=cause, **released)

    def end_offer(self, contract: Any, actor: str, outcome: str) -> UUID:
        """Declines the offer or lets it lapse. Returns the id of FundsReleased."""
        self.publish(contract, actor)
        asked = self.publish(vouchers_events.FundsReleaseRequested)
        self.account.state = "released"
        released = self.release(EntryKind.RESERVATION_RELEASED, self.case.amount_minor, asked)
        self.close(outcome)
        return released

    def close(self, outcome: str) -> None:
        self.publish(vouchers_events.VoucherClosed, outcome=outcome)
        self.row.state, self.row.outcome, self.row.closed_at = "closed", outcome, self.dataset.now

    def issue(self, actor: str) -> None:
        accepted = self.publish(vouchers_events.VoucherAccepted, actor)
        self.move(EntryKind.COMMITTED, self.case.amount_minor)
        self.account.state = "committed"
        self.publish(payments_events.FundsCommitted, cause=accepted, **self.amount)
        until = self.dataset.now + timedelta(days=180)
        dates = {"valid_until": until, "claim_window_until": until + timedelta(days=30)}
        issued = {"code": "KRT-1", "organisation_id": self.case.organisation_id, "policy_id": self.policy.id}
        self.publish(vouchers_events.VoucherIssued, **issued, payment_mode="reimbursement", **dates, **self.amount)
        self.row.committed_at = START
        self.row.issued_at, self.row.code, self.row.valid_until, self.row.claim_window_until = START, "KRT-1", *dates.values()
        self.account.payment_mode, self.account.claim_window_until = "reimbursement", dates["claim_window_until"]
        self.account.state = "issued"


class Payment:
    """One claim on a voucher and its disbursement."""

    def __init__(self, voucher: Voucher, amount_minor: int, folders: Folders) -> None:
        self.voucher, self.dataset, self.folders = voucher, voucher.dataset, folders
        self.claim_id, self.payee_id = new_id(), new_id()
        self.id = derive_id(self.claim_id, "disbursement")
        self.amount = {"amount_minor": amount_minor, "currency": voucher.policy.currency}
        self.attempts: list[payments.AttemptRow] = []
        self._lodge(amount_minor)
        self.row = payments.DisbursementRow(
            id=self.id, claim_id=self.claim_id, voucher_id=voucher.id, region=voucher.policy.region, call_id=voucher.case.call.id,
            state="prepared", prepared_at=self.dataset.now, **self.amount,
        )  # fmt: skip
        self.dataset.add("payments", self.row)

    def _lodge(self, amount_minor: int) -> None:
        voucher, region, organisation = self.voucher, self.voucher.policy.region, self.voucher.case.organisation_id
        account = {"name": "Studio Example", "account_number": GREEK_IBAN}
        self.dataset.add(
            "payments",
            payments.PayeeRow(
                id=self.payee_id, kind="beneficiary", region=region, organisation_id=organisation, subject_id=organisation, **account,
                account_version=1, account_set_by="applicant-1", account_set_at=REGISTERED,
            ),
            payments.PayeeAccountRow(
                payee_id=self.payee_id, version=1, subject_id=organisation, region=region, **account, set_by="applicant-1",
                set_at=REGISTERED, in_force_at=REGISTERED,
            ),
            payments.ClaimRow(
                id=self.claim_id, voucher_id=voucher.id, organisation_id=organisation, region=region, call_id=voucher.case.call.id,
                payee_id=self.payee_id, state="accepted", eligible_minor=amount_minor, requested_minor=amount_minor,
                granted_minor=amount_minor, lodged_at=START, check_by=START, decided_at=START, decided_by="officer-1", pay_by=START,
            ),
            payments.EvidenceRow(
                claim_id=self.claim_id, number=1, kind="invoice", reference=f"INV-{self.claim_id}", organisation_id=organisation,
                region=region, sha256=self.claim_id.hex, issued_on=START.date(), amount_minor=amount_minor,
            ),
        )  # fmt: skip
        registered = {"payee_id": self.payee_id, "region": region, "kind": "beneficiary", "version": 1}
        self.dataset.publish(payments_events.PayeeAccountRegistered(**registered), voucher.policy, "applicant-1")
        currency = voucher.policy.currency
        lodged = {"eligible_minor": amount_minor, "requested_minor": amount_minor, "currency": currency, "check_by": START}
        voucher.publish(payments_events.ClaimLodged, "applicant-1", claim_id=self.claim_id, **lodged)
        accepted = {"granted_minor": amount_minor, "currency": currency, "pay_by": START}
        voucher.publish(payments_events.ClaimAccepted, "officer-1", claim_id=self.claim_id, **accepted)

    def attempt(self, shares: Shares) -> None:
        """Prepares, approves, seals and sends a payment; the bank answers as `shares` say."""
        number = len(self.attempts) + 1
        row = payments.AttemptRow(
            id=new_id(), disbursement_id=self.id, number=number, state="paid", payee_id=self.payee_id, account_version=1,
            prepared_by="finance-1", prepared_at=self.dataset.now, counted_minor=self.amount["amount_minor"], approvals=1,
            approvals_needed=1,
        )  # fmt: skip
        self.attempts.append(row)
        self.row.attempt, self.row.state = number, "paid"
        self.publish(payments_events.DisbursementPrepared, "finance-1", claim_id=self.claim_id, **self.amount)
        self.publish(payments_events.DisbursementApproved, "finance-2", approvals=1, complete=True)
        batch_id = row.batch_id = self._seal(row)
        approved = {"attempt_id": row.id, "account_version": 1, "payment_hash": "0" * 64}
        self.dataset.add(
            "payments",
            row,
            payments.ApprovalRow(**approved, approver="finance-2", step=1, at=START),
        )
        self.dataset.add("payments", payments.BatchTransferRow(attempt_id=row.id, batch_id=batch_id, disbursement_id=self.id))
        bank = Bank(self.folders.outgoing, self.folders.incoming, self.folders.book, "seed", shares)
        for _ in range(15):
            self.dataset.now += timedelta(days=1)
            bank.work(self.dataset.now)
        bank.close()
        self.voucher.move(EntryKind.PAID, self.amount["amount_minor"])
        self.publish(payments_events.DisbursementAccepted, batch_id=batch_id)
        self.publish(payments_events.DisbursementPaid, batch_id=batch_id, **self.amount, booked_on=START.date())
        self.dataset.add("vouchers", self.redemption(number, returned=shares is RETURNED))
        if shares is RETURNED:
            self._return(row, batch_id)

    def publish(self, contract: Any, actor: str = "system", **fields: Any) -> UUID:
        return self.voucher.publish(contract, actor, disbursement_id=self.id, attempt=len(self.attempts), **fields)

    def redemption(self, number: int, *, returned: bool) -> RedemptionRow:
        amount_minor = self.amount["amount_minor"]
        return RedemptionRow(
            disbursement_id=self.id, attempt=number, voucher_id=self.voucher.id, amount_minor=amount_minor, returned=returned
        )

    def _return(self, row: payments.AttemptRow, batch_id: UUID) -> None:
        self.voucher.move(EntryKind.RETURNED, self.amount["amount_minor"])
        row.state = self.row.state = "returned"
        returned = {"returned_on": START.date(), "bank_reason": "AC04"}
        self.publish(payments_events.DisbursementReturned, batch_id=batch_id, **self.amount, **returned)

    def _seal(self, row: payments.AttemptRow) -> UUID:
        """Writes the payment file, byte for byte as payments makes it. Returns the batch's id."""
        batch_id, policy, now = new_id(), self.voucher.policy, self.dataset.now
        money = Money(self.amount["amount_minor"], policy.currency)
        transfer = CreditTransfer(self.id, row.id, money, Party("Studio Example", Account(GREEK_IBAN)), "Voucher KRT-1", row.number)
        debtor = Party(policy.bank.debtor_name, Account(policy.bank.debtor_iban))
        data = build_batch(BatchFile(batch_id, SEPA_SCT, now, now.date(), debtor, (transfer,)))
        self.folders.outgoing.mkdir(parents=True, exist_ok=True)
        (self.folders.outgoing / f"pain001-{batch_id.hex}.xml").write_bytes(data)
        facts = {"region": policy.region, "currency": policy.currency, "disbursements": 1, "total_minor": money.minor}
        file_hash = hashlib.sha256(data).hexdigest()
        sealed = payments_events.BatchSealed(batch_id=batch_id, **facts, file_hash=file_hash, execution_on=now.date())
        self.dataset.publish(sealed, policy, "finance-5")
        released = payments_events.BatchReleased(batch_id=batch_id, region=policy.region, file_hash=file_hash)
        self.dataset.publish(released, policy, "finance-6")
        sent = payments_events.BatchSent(batch_id=batch_id, region=policy.region, disbursement_ids=[self.id], answer_by=now)
        self.dataset.publish(sent, policy)
        self.dataset.add(
            "payments",
            payments.BatchRow(
                id=batch_id, policy_id=policy.id, debtor_account=policy.bank.debtor_iban, state="sent", file=data, file_hash=file_hash,
                execution_on=now.date(), sealed_at=now, sent_at=now, answer_by=now, **facts,
            ),
        )  # fmt: skip
        return batch_id


def open_envelope(dataset: Dataset, call: Call) -> None:
    """Confirmed by a person of finance, where the policy asks for that."""
    policy, by = call.policy, "finance-7"
    needed = policy.budget is not None and call.envelope_minor > policy.budget.ceiling_minor
    dataset.add(
        "payments",
        payments.EnvelopeRow(
            call_id=call.id, region=policy.region, scheme=policy.scheme, slug="x", policy_id=policy.id, currency=policy.currency,
            opened_minor=call.envelope_minor, amount_minor=call.envelope_minor, needs_confirmation=needed,
            confirmed_by=by if needed else None, confirmed_at=dataset.now if needed else None,
        ),
        *(
            payments.LedgerAccountRow(id=derive_id(call.id, account), call_id=call.id, name=account, currency=policy.currency)
            for account in LedgerAccount
        ),
    )  # fmt: skip
    amount = {"amount_minor": call.envelope_minor, "currency": policy.currency}
    dataset.publish(payments_events.EnvelopeOpened(**call.facts, **amount, needs_confirmation=needed or None), policy)
    if needed:
        dataset.publish(payments_events.EnvelopeConfirmed(**call.facts, **amount), policy, by, reason="above-the-ceiling")
    book(dataset, call, EntryKind.OPENED, call.envelope_minor, None)


def book(dataset: Dataset, call: Call, kind: EntryKind, amount_minor: int, voucher_id: UUID | None) -> None:
    entry = payments.LedgerEntryRow(id=new_id(), call_id=call.id, voucher_id=voucher_id, kind=kind, at=dataset.now)
    sides = (
        payments.LedgerPostingRow(entry_id=entry.id, account_id=derive_id(call.id, account), amount_minor=amount)
        for account, amount in postings(kind, amount_minor).items()
    )
    dataset.add("payments", entry, *sides)


def build_dataset(folders: Folders) -> tuple[Dataset, Mapping[str, str]]:
    """The dataset, and the ids of its cases by name."""
    dataset = Dataset()
    ranked = Call(policy_named(BOOK, "gr-central-macedonia/innovation-voucher", date(2027, 2, 1)), 1_000_000)
    paid, reserve = Case(ranked, 1, 600_000, 90), Case(ranked, 2, 500_000, 80)
    weak, ineligible = Case(ranked, 3, 300_000, 20), Case(ranked, 4, 300_000, -1)
    publish_call(dataset, ranked, [paid, reserve, weak, ineligible])
    open_envelope(dataset, ranked)
    score(dataset, [paid, reserve, weak])
    rank(dataset, ranked, [paid, reserve, weak])
    appeals_over = dataset.milestone(ranked.policy, ranked.id, ranked.id, "appeals-over")
    granted = decide(dataset, paid, "granted", 1, appeals_over)
    decide(dataset, reserve, "reserve", 1, appeals_over)
    decide(dataset, weak, "refused", 1, appeals_over, weak.result.failed)
    over = dataset.milestone(ranked.policy, ranked.id, ranked.id, "reserve-list-ends")
    decide(dataset, reserve, "refused", 2, over, ("reserve-list-ended",))
    voucher = Voucher(dataset, paid, granted)
    voucher.issue("applicant-1")
    payment = Payment(voucher, 300_000, folders)
    payment.attempt(RETURNED)
    payment.attempt(NO_SHARES)
    ends = dataset.milestone(ranked.policy, voucher.id, paid.id, "claim-window-ends")
    voucher.release(EntryKind.DECOMMITTED, 300_000, ends)
    settled = {"paid_minor": 300_000, "recovered_minor": 0, "released_minor": 300_000, "currency": "EUR"}
    voucher.account.state = "settled"
    voucher.publish(payments_events.VoucherSettled, cause=ends, **settled)
    voucher.close("settled")

    queued = Call(policy_named(BOOK, "hr-koprivnica/vauceri-za-digitalizaciju", date(2027, 3, 1)), 700_000)
    first, second = Case(queued, 1, 400_000), Case(queued, 2, 400_000)
    publish_call(dataset, queued, [first, second])
    open_envelope(dataset, queued)
    closes = dataset.milestone(queued.policy, queued.id, queued.id, "call-closes")
    declined = Voucher(dataset, first, decide(dataset, first, "granted", 1, closes))
    decide(dataset, second, "reserve", 1, closes)
    released = declined.end_offer(vouchers_events.OfferDeclined, "applicant-1", "declined")
    lapsed = Voucher(dataset, second, decide(dataset, second, "granted", 2, released))
    lapsed.end_offer(vouchers_events.OfferLapsed, "system", "lapsed")
    file_id = add_file(dataset, paid, folders.files)
    others = hold_and_erase(dataset, queued.policy) | add_people(dataset, queued.policy.region)
    cases = {"paid": paid, "reserve": reserve, "weak": weak, "ineligible": ineligible, "first": first, "second": second}
    ids = {name: str(case.id) for name, case in cases.items()}
    vouchers = {"voucher": voucher.id, "declined": declined.id, "lapsed": lapsed.id, "award": voucher.award_id}
    others |= {"disbursement": payment.id, "claim": payment.claim_id, "payee": payment.payee_id, "ranked": ranked.id, "queued": queued.id}
    others |= {"file_object": name_of(file_id)}
    attempts = {"returned_attempt": payment.attempts[0].id, "paid_attempt": payment.attempts[1].id}
    ids |= {name: str(value) for name, value in (vouchers | others | attempts).items()}
    return dataset, ids | {"batch": str(payment.attempts[1].batch_id), "policy": ranked.policy.id}
