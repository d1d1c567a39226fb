"""The test desk of payments on a real database, and the steps that tests of money share."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from fastapi import FastAPI
from lxml import etree
from sqlalchemy.ext.asyncio import AsyncEngine

from services.payments.app import SERVICE
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.commands.release_batch import release_batch
from services.payments.commands.seal_batches import Sealed, seal_batches
from services.payments.domain.claims import Evidence
from services.payments.jobs.incoming import Incoming
from services.payments.jobs.outgoing import Outgoing
from services.payments.queries.approvals import hash_to_approve
from services.payments.steps.lodging import NewClaim
from services.payments.subscribers import HANDLERS
from services.payments.tables import AccountProposalRow, AttemptRow, BatchRow, ClaimRow, DisbursementRow, PayeeRow, VoucherRow
from shared.contracts.applications import CallPublished
from shared.contracts.vouchers import FundsReservationRequested, MilestoneReached, VoucherAccepted, VoucherIssued
from shared.database import Sessions, sessions_of
from shared.identity.actor import OPERATOR, Actor, Role, grants
from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import MilestoneKind, PaymentMode
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from simulation.demo.accounts import fictional_account
from tests.support.applications import keep_files
from tests.support.bank_keys import BANK_KEYS, OUR_KEY, put_signed
from tests.support.desk import SEALING, FrozenClock, ServiceDesk, service_app
from tests.support.identity import Issuer
from tests.support.policies import BOOK as AS_SHIPPED
from tests.support.policies import MONEY, policy_named

ANY_AMOUNT = {"smallest_minor": 1, "largest_minor": 10_000_000}
"""The policies of these tests are those of the regions, except that a voucher may have any amount that a test finds handy."""
BOOK = PolicyBook(policy.model_copy(update={"value": policy.value.model_copy(update=ANY_AMOUNT)}) for policy in AS_SHIPPED.all())
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IBANS = {
    "EUR": ("HR1210010051863000160", "HR1723600001101234565"),
    "DKK": ("DK5000400440116243", "DK5000400440116243"),
    "PLN": ("PL61109010140000071219812874", "PL27114020040000300201355387"),
}
Result = TypeVar("Result")


def policy_of(region: str) -> Policy:
    """Of a scheme that gives money in one step."""
    return policy_named(BOOK, MONEY[region])


def person(name: str, role: Role, region: str, organisation: UUID | None = None) -> Actor:
    return Actor(name, grants({role}, {region}), organisation)


@dataclass
class Voucher:
    """A voucher that was issued to an organisation of its own."""

    id: UUID
    call_id: UUID
    application_id: UUID
    organisation_id: UUID
    amount_minor: int
    region: str

    def about(self) -> dict[str, Any]:
        return {"voucher_id": self.id, "call_id": self.call_id, "application_id": self.application_id, "region": self.region}


class Payments(ServiceDesk):
    """The desk of payments in one region, with its two folders, and the usual way of a payment in steps."""

    def __init__(self, engine: AsyncEngine, folder: Path, region: str = "hr-koprivnica") -> None:
        super().__init__("payments", sessions_of(engine, SEALING), FrozenClock(NOON), BOOK, HANDLERS)
        self.engine, self.folder, self.region, self.policy = engine, folder, region, policy_of(region)
        self.outgoing = Outgoing(self.sessions, self.clock, BOOK, folder / "outgoing", 10, OUR_KEY)
        self.incoming = Incoming(self.sessions, self.clock, BOOK, folder / "incoming", 10, 10_000_000, BANK_KEYS)

    def use(self, policy: Policy) -> None:
        """From now on commands, inbox and bank jobs work by this policy alone."""
        self.policy, self.policies = policy, PolicyBook([policy])
        self.inbox.policies = self.outgoing.policies = self.incoming.policies = self.policies

    def pay_providers(self) -> None:
        """From now on providers are paid, not beneficiaries."""
        direct = self.policy.payment.model_copy(update={"mode": PaymentMode.PROVIDER_DIRECT})
        self.use(self.policy.model_copy(update={"payment": direct}))

    def actor(self, name: str, role: Role, organisation: UUID | None = None) -> Actor:
        return person(name, role, self.region, organisation)

    def finance(self, number: int) -> Actor:
        return self.actor(f"finance-{number}", Role.FINANCE)

    @property
    def officer(self) -> Actor:
        return self.actor("officer-1", Role.OFFICER)

    async def open_call(self, envelope_minor: int, **changes: Any) -> UUID:
        call_id = new_id()
        await self.deliver(call_published(call_id, self.policy, envelope_minor).model_copy(update=changes))
        return call_id

    def voucher(self, call_id: UUID, amount_minor: int) -> Voucher:
        return Voucher(new_id(), call_id, new_id(), new_id(), amount_minor, self.region)

    def reservation(self, voucher: Voucher) -> FundsReservationRequested:
        return FundsReservationRequested(
            **voucher.about(), award_id=new_id(), organisation_id=voucher.organisation_id, amount_minor=voucher.amount_minor,
            currency=self.policy.currency, policy_id=self.policy.id,
        )  # fmt: skip

    def issue(self, voucher: Voucher) -> VoucherIssued:
        return VoucherIssued(
            **voucher.about(), code="KOP-7F3K-92QM-5", organisation_id=voucher.organisation_id, amount_minor=voucher.amount_minor,
            currency=self.policy.currency, policy_id=self.policy.id, payment_mode=self.policy.payment.mode,
            valid_until=self.clock.instant + timedelta(days=180), claim_window_until=self.clock.instant + timedelta(days=210),
        )  # fmt: skip

    async def issued(self, call_id: UUID, amount_minor: int) -> Voucher:
        voucher = self.voucher(call_id, amount_minor)
        await self.deliver(self.reservation(voucher), VoucherAccepted(**voucher.about()), self.issue(voucher))
        return voucher

    async def payee(self, voucher: Voucher) -> PayeeRow:
        """The organisation's account, which is not new any more: its cooling-off is over. Each organisation has a number of its own."""
        applicant = self.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
        long_ago = self.clock.instant - timedelta(days=self.policy.approvals.account_cooling_off_days)
        account = self.account_of(voucher.organisation_id)
        new = NewPayee("beneficiary", self.region, voucher.organisation_id, "Studio Primjer d.o.o.", account, None)
        async with self.sessions.begin() as session:
            return await register_payee(Context(session, replace(applicant, fresh=True), self.policies, long_ago), new)

    def account_of(self, organisation_id: UUID) -> str:
        return fictional_account(self.policy.calendar.country, organisation_id.int)

    def new_claim(self, voucher: Voucher, payee_id: UUID, requested_minor: int, documents: Sequence[Evidence] | None = None) -> NewClaim:
        eligible = -(-requested_minor * 10_000 // self.policy.value.intensity_bp)
        return NewClaim(voucher.id, payee_id, eligible, requested_minor, documents or evidence(self.policy, eligible))

    async def lodged(self, voucher: Voucher, requested_minor: int) -> ClaimRow:
        payee = await self.payee(voucher)
        applicant = self.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
        return await self.run(lodge_claim, applicant, self.new_claim(voucher, payee.id, requested_minor))

    async def accepted(self, voucher: Voucher, requested_minor: int) -> ClaimRow:
        claim = await self.lodged(voucher, requested_minor)
        return await self.run(accept_claim, self.officer, claim.id, None)

    async def accepted_for(self, voucher: Voucher, payee_id: UUID, requested_minor: int) -> ClaimRow:
        """A claim to be paid to this payee."""
        applicant = self.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
        claim = await self.run(lodge_claim, applicant, self.new_claim(voucher, payee_id, requested_minor))
        return await self.run(accept_claim, self.officer, claim.id, None)

    async def approved(self, voucher: Voucher, requested_minor: int) -> DisbursementRow:
        claim = await self.accepted(voucher, requested_minor)
        disbursement = await self.run(prepare_disbursement, self.finance(1), claim.id)
        return await self.approve(disbursement)

    async def approve(self, disbursement: DisbursementRow) -> DisbursementRow:
        for number in (2, 3):
            if disbursement.state == "prepared":
                disbursement = await self.approve_as(self.finance(number), disbursement)
        return disbursement

    async def approve_as(self, approver: Actor, disbursement: DisbursementRow) -> DisbursementRow:
        """Approves what the payment is now."""
        attempt = await self.attempt(disbursement)

        async def read_and_approve(context: Context) -> DisbursementRow:
            return await approve_disbursement(context, disbursement.id, await hash_to_approve(context, disbursement, attempt))

        return await self.run(read_and_approve, approver)

    async def changed_account(self, payee_id: UUID, name: str | None, number: str) -> PayeeRow:
        """The payee's account changed by the beneficiary and confirmed by finance-7."""
        payee = await self.row(PayeeRow, payee_id)
        applicant = self.actor("applicant-1", Role.APPLICANT, payee.organisation_id)
        await self.run(propose_account, applicant, payee_id, name, number)
        return await self.run(confirm_account, self.finance(7), await self.open_proposal_of(payee_id))

    async def open_proposal_of(self, payee_id: UUID) -> UUID:
        [proposal] = [row for row in await self.rows(AccountProposalRow) if row.payee_id == payee_id and row.state == "proposed"]
        return proposal.id

    async def seal(self) -> Sealed:
        """Sealed by one person, released by another."""
        sealed = await self.run(seal_batches, self.finance(5), self.region)
        for batch in sealed.batches:
            await self.run(release_batch, self.finance(6), batch.id)
        return sealed

    async def sent(self, voucher: Voucher, requested_minor: int) -> DisbursementRow:
        disbursement = await self.approved(voucher, requested_minor)
        await self.seal()
        await self.outgoing.send_all()
        return await self.row(DisbursementRow, disbursement.id)

    async def paid(self, voucher: Voucher, requested_minor: int) -> DisbursementRow:
        disbursement = await self.sent(voucher, requested_minor)
        await self.receive(await self.statement(disbursement))
        return await self.row(DisbursementRow, disbursement.id)

    async def end_claim_window(self, voucher: Voucher) -> None:
        row = await self.row(VoucherRow, voucher.id)
        assert row.claim_window_until
        self.clock.instant = max(self.clock.instant, row.claim_window_until)
        await self.deliver(
            MilestoneReached(
                subject_id=voucher.id,
                case_id=voucher.application_id,
                region=voucher.region,
                kind=MilestoneKind.CLAIM_WINDOW_ENDS,
                due_at=row.claim_window_until,
            )
        )

    async def receive(self, data: bytes, name: str = "answer.xml") -> None:
        """A file of the bank. Two rounds: the first finds the file, the second finds it unchanged and imports it."""
        put_signed(self.incoming.folder / name, data)
        await self.incoming.take_all()
        await self.incoming.take_all()

    async def statement(self, disbursement: DisbursementRow, returned: bool = False, amount_minor: int | None = None, **refs: str) -> bytes:
        """A camt.053 with one transaction: the debit, or its return."""
        return camt053([await self.transaction(disbursement, returned, amount_minor, **refs)], self.policy)

    async def empty_statement(self, disbursement: DisbursementRow) -> bytes:
        """The statement of the day on which the latest attempt should have been booked, without a booking."""
        return await self.statement_of_day(disbursement)

    async def statement_of_day(self, disbursement: DisbursementRow, *transactions: dict[str, Any]) -> bytes:
        """That of the same day with these transactions, which do not change its balance."""
        attempt = await self.attempt(disbursement)
        batch = await self.row(BatchRow, attempt.batch_id)
        return camt053(transactions, self.policy, batch.debtor_account, balances_of(batch.execution_on, batch.currency))

    async def transaction(
        self, disbursement: DisbursementRow, returned: bool = False, amount_minor: int | None = None, **refs: str
    ) -> dict[str, Any]:
        attempt = await self.attempt(disbursement)
        found = {"e2e": disbursement.id.hex, "instr": attempt.id.hex, "pmtinf": f"{attempt.batch_id.hex}-1" if attempt.batch_id else ""}
        return {**found, "amount_minor": amount_minor or disbursement.amount_minor, "returned": returned, **refs}

    async def report(self, disbursement: DisbursementRow, status: str, reason: str | None = None) -> bytes:
        attempt = await self.attempt(disbursement)
        assert attempt.batch_id
        return pain002(attempt.batch_id, disbursement.id.hex, attempt.id.hex, status, reason)

    async def attempt(self, disbursement: DisbursementRow) -> AttemptRow:
        row = await self.row(DisbursementRow, disbursement.id)
        return await self.row(AttemptRow, derive_id(row.id, "attempt", row.attempt))


def app_of(payments: Payments, issuer: Issuer, sessions: Sessions) -> FastAPI:
    """The HTTP app, which takes files as a process of the service does."""
    app = service_app(SERVICE, issuer.verifier(), sessions, payments.clock, BOOK)
    keep_files(app, payments.folder / "claim-files")
    return app


async def in_session(payments: Payments, command: Callable[[Context], Awaitable[Result]]) -> Result:
    return await payments.run(command, OPERATOR)


async def code_of(outcome: Awaitable[object]) -> str:
    """The code with which the command is refused."""
    with pytest.raises(Refused) as refused:
        await outcome
    return refused.value.code


def call_published(call_id: UUID, policy: Policy, envelope_minor: int) -> CallPublished:
    return CallPublished(
        call_id=call_id, region=policy.region, slug="sample-call", scheme=policy.scheme, policy_id=policy.id,
        selection_method=policy.selection.method, currency=policy.currency, envelope_minor=envelope_minor,
        opens_at=NOON - timedelta(days=60), closes_at=NOON,
        evaluation_due_at=NOON, reserve_list_ends_at=NOON,
    )  # fmt: skip


def evidence(policy: Policy, eligible_minor: int) -> list[Evidence]:
    """One document of each kind that the policy asks for; no two calls give the same."""
    day = date(2026, 3, 1)
    amounts = {kind: eligible_minor if kind == "invoice" else 0 for kind in policy.claims.evidence}
    return [
        Evidence(kind, hashlib.sha256(new_id().bytes).hexdigest(), day, amount, f"{kind}-{new_id().hex}", f"2:{new_id().hex}")
        for kind, amount in amounts.items()
    ]


def balances_of(day: date, currency: str) -> str:
    """The opening and closing balance of a day without bookings."""
    return "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">1.00</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for code in ("OPBD", "CLBD")
    )


def camt053(transactions: Sequence[dict[str, Any]], policy: Policy, account: str | None = None, balances: str = "") -> bytes:
    """A small statement; the reader is tested with full ones elsewhere."""
    entries = "".join(_entry(one, policy.currency) for one in transactions)
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id>'
        f"<Acct><Id><IBAN>{account or policy.bank.debtor_iban}</IBAN></Id></Acct>{balances}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(one: dict[str, Any], currency: str) -> str:
    amount = f'<Amt Ccy="{currency}">{one["amount_minor"] // 100}.{one["amount_minor"] % 100:02d}</Amt>'
    names = {"PmtInfId": "pmtinf", "InstrId": "instr", "EndToEndId": "e2e"}
    refs = "".join(f"<{tag}>{one[key]}</{tag}>" for tag, key in names.items() if one.get(key))
    if one.get("quoted"):  # a credit of somebody who pays money back
        return (
            f"<Ntry>{amount}<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>{one.get('bank', 'B-1')}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls>{amount}<RmtInf><Ustrd>{one['quoted']}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    if one.get("batch"):  # one debit for a batch, without its transfers
        return (
            f"<Ntry>{amount}<CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>{one.get('status', 'BOOK')}</Cd></Sts>"
            "<BookgDt><Dt>2026-03-04</Dt></BookgDt><AcctSvcrRef>B-9</AcctSvcrRef>"
            f"<NtryDtls><Btch>{one['batch']}</Btch></NtryDtls></Ntry>"
        )
    back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if one["returned"] else ""
    return (
        f"<Ntry>{amount}<CdtDbtInd>{'CRDT' if one['returned'] else 'DBIT'}</CdtDbtInd><Sts><Cd>{one.get('status', 'BOOK')}</Cd></Sts>"
        f"<BookgDt><Dt>2026-03-04</Dt></BookgDt><AcctSvcrRef>{one.get('bank', 'B-1')}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs>{refs}</Refs>{amount}{back}</TxDtls></NtryDtls></Ntry>"
    )


def pain002(batch_id: UUID, e2e: str, instr: str, status: str, reason: str | None = None) -> bytes:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch_id.hex}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch_id.hex}-1</OrgnlPmtInfId><TxInfAndSts><OrgnlInstrId>{instr}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{e2e}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def ordered_in(data: bytes) -> list[str]:
    """The EndToEndIds of a bank file."""
    return [str(element.text) for element in etree.fromstring(data).iter("{*}EndToEndId")]
