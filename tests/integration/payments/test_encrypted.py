"""What names a payee, its account, an invoice or a payment is encrypted, and found again by keyed hashes."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from alembic import command
from structlog.testing import capture_logs

from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.migrate import MIGRATIONS
from services.payments.queries.payees import PAYEES, PROPOSALS, AccountFilter, account_history, list_accounts, list_proposals
from services.payments.tables import BatchRow, ClaimRow, EvidenceRow, PayeeAccountRow, PayeeRow
from shared.contracts.applications import SubjectErased
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.messaging.tables import DeadLetterRow
from shared.privacy.sealed import seal_again
from tests.support.databases import owner_url, put_in_clear, run_as_owner
from tests.support.payments import Payments, Voucher, code_of
from tests.support.stored import assert_nowhere

NAME, STREET = "Marker Studio", "Marker Street"


async def register(payments: Payments, organisation: UUID, number: str) -> PayeeRow:
    owner = payments.actor("applicant-9", Role.APPLICANT, organisation)
    address = {"street": STREET, "town": "Koprivnica", "country": "HR"}
    return await payments.run(register_payee, owner, NewPayee("beneficiary", payments.region, organisation, NAME, number, address))


async def paid(payments: Payments) -> Voucher:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.paid(voucher, 10_000)
    return voucher


async def markers(payments: Payments) -> list[str]:
    accounts = await payments.rows(PayeeAccountRow)
    numbers = [number for row in accounts for number in (row.account_number, row.account_number[4:])]
    references = [row.reference or "" for row in await payments.rows(EvidenceRow)]
    return [NAME, STREET, *(row.name for row in accounts), *numbers, *references]


async def lodged_on_the_same_invoice(payments: Payments, voucher: Voucher) -> ClaimRow:
    payee = await payments.payee(voucher)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    [used] = [row for row in await payments.rows(EvidenceRow) if row.kind == "invoice"]
    new = payments.new_claim(voucher, payee.id, 10_000)
    again = {"reference": f"{used.reference}.".upper(), "issuer_hash": used.issuer_hash}
    documents = [replace(one, **again) if one.kind == "invoice" else one for one in new.evidence]
    return await payments.run(lodge_claim, applicant, replace(new, evidence=documents))


async def test_database_holds_no_payee_in_clear(payments: Payments) -> None:
    """Nor an account that waits for a second person."""
    voucher = await paid(payments)
    await register(payments, new_id(), payments.account_of(voucher.organisation_id))
    await assert_nowhere(payments.sessions, *await markers(payments))


async def test_what_was_in_clear_is_found_and_then_encrypted(payments: Payments) -> None:
    """A database of an earlier version: its account and its invoice are known before and after the worker has started."""
    voucher = await paid(payments)
    in_clear = await markers(payments)
    url = owner_url(payments.engine.url.render_as_string(hide_password=False))
    await put_in_clear(payments.sessions, "payments")
    await payments.engine.dispose()
    await asyncio.to_thread(command.downgrade, MIGRATIONS._config(url), "payments_0012")
    await asyncio.to_thread(MIGRATIONS.upgrade, url)
    with pytest.raises(AssertionError):
        await assert_nowhere(payments.sessions, *in_clear)
    for _ in ("before", "after"):
        other = await register(payments, new_id(), payments.account_of(voucher.organisation_id))
        assert other.account_version == 0
        assert await code_of(lodged_on_the_same_invoice(payments, voucher)) == "invoice-claimed"
        async with payments.sessions.begin() as session:
            await seal_again(session, "payments")
        await assert_nowhere(payments.sessions, *in_clear)


async def test_stored_file_with_other_bytes_is_not_sent(payments: Payments) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    await payments.seal()
    await put_in_clear(payments.sessions, "payments")
    await run_as_owner(payments.engine, "UPDATE batches SET file = file || 'x'::bytea")
    with capture_logs() as logs:
        await payments.outgoing.send_all()
    assert [log["event"] for log in logs] == ["payment file not sent: its bytes are not those that were released"]
    assert not list((payments.folder / "outgoing").glob("*.xml"))
    assert [row.state for row in await payments.rows(BatchRow)] == ["released"]


async def test_provider_who_is_paid_is_not_erased(payments: Payments) -> None:
    """It has no voucher of its own; where the money of others went stays on record."""
    payments.pay_providers()
    voucher, organisation = await payments.issued(await payments.open_call(1_000_000), 100_000), new_id()
    asked = NewPayee("provider", payments.region, organisation, "Sample Design Bureau", payments.account_of(organisation), None)
    payee = await payments.run(register_payee, payments.finance(8), asked)
    erased = SubjectErased(organisation_id=organisation, region=payments.region, erasure_id=new_id())
    await payments.accepted_for(voucher, payee.id, 10_000)
    await payments.deliver(erased)
    assert (await payments.row(PayeeRow, payee.id)).name == "Sample Design Bureau"
    assert len(await payments.rows(DeadLetterRow)) == 1


async def test_erased_payee_reads_as_null_and_takes_no_account(payments: Payments) -> None:
    first, second = new_id(), new_id()
    payee = await register(payments, first, payments.account_of(first))
    sharing = await register(payments, second, payments.account_of(first))
    proposal_id = await payments.open_proposal_of(sharing.id)
    for organisation in (first, second):
        await payments.deliver(SubjectErased(organisation_id=organisation, region=payments.region, erasure_id=new_id()))
    auditor, finance = payments.actor("auditor-1", Role.AUDITOR), payments.finance(5)
    assert [(one.name, one.account) for one in await payments.run(account_history, auditor, payee.id)] == [(None, None)]
    accounts = await payments.run(list_accounts, auditor, await PAYEES(), AccountFilter())
    assert {(one.name, one.account) for one in accounts.items} == {(None, None)}
    assert [(one.name, one.account) for one in (await payments.run(list_proposals, finance, await PROPOSALS(), None)).items] == [
        (None, None)
    ]
    assert await code_of(payments.run(confirm_account, finance, proposal_id)) == "subject-erased"
