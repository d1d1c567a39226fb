"""CaseRemoved in payments: texts of claims and files of the bank go, the money stays; forged or early removals have no effect."""

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.payments.jobs.outgoing import file_name
from services.payments.jobs.removed import RemovedFiles
from services.payments.queries.batches import get_file
from services.payments.tables import BankFileRow, BatchRow, ClaimFileRow, ClaimLineRow, ClaimRow, DraftLineRow, EvidenceRow, VoucherRow
from shared.contracts.applications import CaseRemoved
from shared.contracts.vouchers import FundsReleaseRequested
from shared.identity.actor import Role
from shared.identity.signatures import signature_path
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import RetentionClass
from shared.messaging.tables import DeadLetterRow
from shared.privacy.retention import EndedCase, kept_until
from tests.support.claims import Drafts
from tests.support.databases import run_as_owner
from tests.support.digest import digest
from tests.support.payments import BOOK, NOON, Payments, Voucher

TERMS = next(policy.retention for policy in BOOK.all() if policy.retention)
MONEY = ("ledger_entries", "ledger_postings", "envelopes", "disbursements", "attempts", "approvals", "bank_lines", "outbox")


@pytest.fixture
def terms(payments: Payments) -> Payments:
    payments.use(payments.policy.model_copy(update={"retention": TERMS}))
    payments.outgoing.policies = payments.incoming.policies = payments.policies
    return payments


def end_of_term(payments: Payments) -> Any:
    until = kept_until(payments.policy, EndedCase(RetentionClass.PAID, NOON))
    assert until is not None
    return until


def removed(payments: Payments, voucher: Voucher, **changed: Any) -> CaseRemoved:
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region}
    return CaseRemoved(**{**about, "retention_class": "paid", "kept_until": end_of_term(payments), **changed})


async def paid_together(payments: Payments) -> list[Voucher]:
    """Two vouchers that one batch has paid, and one file of the bank has confirmed."""
    call_id = await payments.open_call(1_000_000)
    vouchers = [await payments.issued(call_id, 100_000) for _ in range(2)]
    disbursements = [await payments.approved(voucher, 100_000) for voucher in vouchers]
    await payments.seal()
    await payments.outgoing.send_all()
    for disbursement in disbursements:
        await payments.receive(await payments.statement(disbursement), f"{disbursement.id}.xml")
    return vouchers


async def texts(payments: Payments, voucher: Voucher) -> set[Any]:
    claims = {row.id: row.note for row in await payments.rows(ClaimRow) if row.voucher_id == voucher.id}
    documents = [row for row in await payments.rows(EvidenceRow) if row.claim_id in claims]
    return {*claims.values(), *(text for row in documents for text in (row.reference, row.number_key))}


async def money(payments: Payments) -> dict[str, str]:
    return {table: content for table, content in (await digest(payments.engine)).items() if table in MONEY}


async def test_texts_go_and_the_money_stays(terms: Payments) -> None:
    first, second = await paid_together(terms)
    before = await money(terms)
    terms.clock.instant = end_of_term(terms)
    await terms.deliver(removed(terms, first), twice=True)
    assert await texts(terms, first) == {None}
    assert await texts(terms, second) - {None}
    assert (await terms.row(VoucherRow, first.id)).removed_at == terms.clock.instant
    assert (await terms.row(VoucherRow, second.id)).removed_at is None
    assert await money(terms) == before
    await terms.assert_nothing_lost()


async def test_payment_file_goes_with_the_last_of_its_cases(terms: Payments) -> None:
    first, second = await paid_together(terms)
    batch = (await terms.rows(BatchRow))[0]
    job = RemovedFiles(terms.sessions, terms.clock, terms.policies, terms.folder / "outgoing", terms.folder / "incoming")
    sent, taken = terms.folder / "outgoing" / file_name(batch.id), terms.folder / "incoming/taken"
    terms.clock.instant = end_of_term(terms)
    os.mkfifo(taken / "pipe.xml")
    await terms.deliver(removed(terms, first))
    await job.delete()
    (taken / "pipe.xml").unlink()
    assert (await terms.row(BatchRow, batch.id)).file == batch.file == sent.read_bytes()
    assert len(list(taken.glob("*.xml"))) == len(list(taken.glob("*.sig"))) == 1  # the other is of the second case
    await terms.deliver(removed(terms, second))
    await job.delete()
    await job.delete()
    after = await terms.row(BatchRow, batch.id)
    assert (after.file, after.file_hash, after.total_minor, after.removed_at) == (None, batch.file_hash, 200_000, terms.clock.instant)
    assert not sent.exists()
    assert not signature_path(sent).exists()
    assert list(taken.iterdir()) == []
    assert all(row.removed_at for row in await terms.rows(BankFileRow))
    with pytest.raises(NotFound) as refusal:
        await terms.run(get_file, terms.actor("auditor-1", Role.AUDITOR), batch.id)
    assert refusal.value.code == "file-removed"


@pytest.mark.parametrize(
    "changed", [{"retention_class": "draft"}, {"retention_class": "refused"}, {"retention_class": "withdrawn"}, {"region": "dk-kolding"}]
)
async def test_forged_removal_of_a_paid_case_has_no_effect(terms: Payments, changed: dict[str, str]) -> None:
    first, _ = await paid_together(terms)
    terms.clock.instant = end_of_term(terms)
    before = await texts(terms, first)
    await terms.deliver(removed(terms, first, **changed))
    assert await texts(terms, first) == before
    assert len(await terms.rows(DeadLetterRow)) == 1


async def test_removal_of_a_paid_case_before_its_term_has_no_effect(terms: Payments) -> None:
    first, _ = await paid_together(terms)
    before, until, tick = await texts(terms, first), end_of_term(terms), timedelta(microseconds=1)
    terms.clock.instant = until - tick
    await terms.deliver(removed(terms, first))
    terms.clock.instant = until
    await terms.deliver(removed(terms, first, kept_until=until - tick))
    assert await texts(terms, first) == before
    await terms.deliver(removed(terms, first))
    assert await texts(terms, first) == {None}


async def test_removal_of_a_declined_case_has_nothing_to_wait_for(terms: Payments) -> None:
    voucher = terms.voucher(await terms.open_call(1_000_000), 100_000)
    await terms.deliver(terms.reservation(voucher), FundsReleaseRequested(**voucher.about()))
    terms.clock.instant = end_of_term(terms)
    await terms.deliver(removed(terms, voucher, retention_class="withdrawn"))
    assert (await terms.row(VoucherRow, voucher.id)).removed_at == terms.clock.instant


CHANGES = [
    "UPDATE batches SET file = '\\x00'",
    "UPDATE batches SET file = NULL",  # without saying when
    "UPDATE batches SET file_hash = ''",
    "UPDATE claim_evidence SET reference = '\\x00'",
    "UPDATE claim_evidence SET number_key = 'another'",
]


@pytest.mark.parametrize("statement", CHANGES)
async def test_what_may_be_removed_can_only_become_empty(terms: Payments, statement: str) -> None:
    """As the owner: constraint and trigger hold whatever the privileges are."""
    await paid_together(terms)
    with pytest.raises(DBAPIError):
        await run_as_owner(terms.engine, statement)


async def test_removed_file_does_not_come_back(terms: Payments) -> None:
    for voucher in await paid_together(terms):
        terms.clock.instant = end_of_term(terms)
        await terms.deliver(removed(terms, voucher))
    with pytest.raises(DBAPIError):
        async with terms.sessions.begin() as session:
            await session.execute(text("UPDATE batches SET file = '\\x00', removed_at = NULL"))


async def test_words_of_lines_and_their_documents_go(terms: Payments) -> None:
    """Of what was lodged and of the draft; amounts, days and hashes stay."""
    drafts = Drafts(terms, await terms.issued(await terms.open_call(1_000_000), 100_000))
    claim_id = await drafts.lodged(2)
    await drafts.checked(claim_id, 1, 500, "A word about a person.")
    terms.clock.instant = end_of_term(terms)
    await terms.deliver(removed(terms, drafts.voucher))
    await terms.assert_nothing_lost()
    lines = await terms.rows(ClaimLineRow)
    assert {(row.seller, row.seller_tax_number, row.reference, row.cut_reason) for row in lines} == {(None, None, None, None)}
    assert sorted(row.cut_minor or 0 for row in lines) == [0, 500]
    assert await terms.rows(DraftLineRow) == []
    assert {(row.name, row.deleted_at) for row in await terms.rows(ClaimFileRow)} == {(None, terms.clock.instant)}
