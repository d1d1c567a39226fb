"""The password of the runtime role alone moves no money: acts of persons are believed by their events, not by a state."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.release_batch import release_batch
from services.payments.commands.seal_batches import Sealed, seal_batches
from services.payments.jobs.outgoing import file_name
from services.payments.queries.approvals import account_of, hash_of
from services.payments.tables import BatchRow, DisbursementRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from tests.support.payments import Payments

FORGED_EVENT = """
    INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac)
    SELECT gen_random_uuid(), topic, '{key}', 'payments.{name}.v1', time, '{actor}', reason, policy_id, '{key}', CAST(:body AS jsonb), mac
    FROM outbox WHERE position = (SELECT max(position) FROM outbox)
"""
APPROVAL = """
    INSERT INTO approvals (attempt_id, account_version, approver, step, payment_hash, at)
    SELECT id, account_version, 'finance-2', 1, :payment_hash, now() FROM attempts WHERE id = :attempt_id
"""


async def as_service(payments: Payments, *statements: str, **values: object) -> None:
    """Runs them as the runtime role."""
    async with payments.engine.begin() as database:
        for statement in statements:
            await database.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


async def as_superuser(payments: Payments, postgres: PostgreSQL, *statements: str) -> None:
    admin = await asyncpg.connect(postgres.url(str(payments.engine.url.database), driver="postgresql"))
    for statement in statements:
        await admin.execute(statement)
    await admin.close()


async def prepared(payments: Payments, amount_minor: int = 10_000) -> DisbursementRow:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, amount_minor)
    return await payments.run(prepare_disbursement, payments.finance(1), claim.id)


async def sealed(payments: Payments) -> tuple[Sealed, list[tuple[str, str]]]:
    """What an honest person seals, and the error lines."""
    with capture_logs() as logs:
        result = await payments.run(seal_batches, payments.finance(5), payments.region)
    return result, [(line["event"], line["code"]) for line in logs if line["log_level"] == "error"]


async def test_payment_approved_by_rows_alone_is_not_sealed(payments: Payments) -> None:
    """All that an approval leaves behind, except an event that a process wrote."""
    disbursement = await prepared(payments)
    attempt = await payments.attempt(disbursement)
    async with payments.sessions() as session:
        payment_hash = hash_of(
            disbursement, await account_of(Context(session, payments.officer, payments.policies, payments.clock.now), attempt)
        )
    await as_service(
        payments,
        APPROVAL,
        "UPDATE attempts SET state = 'approved', approvals = 1, approvals_needed = 1",
        "UPDATE disbursements SET state = 'approved'",
        FORGED_EVENT.format(key=disbursement.id, name="DisbursementApproved", actor="finance-2"),
        payment_hash=payment_hash,
        attempt_id=attempt.id,
        body='{"attempt": 1, "approvals": 1, "complete": true, "payment_key": ""}',
    )
    result, errors = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "approval-unproven")])
    assert errors == [("payment not sealed", "approval-unproven")]


async def test_payment_with_the_first_approval_alone_is_not_sealed(payments: Payments) -> None:
    """A row says that no second approval is needed."""
    above = (payments.policy.approvals.second_approver_above_minor or 0) + 1
    disbursement = await prepared_large(payments, above)
    await payments.approve_as(payments.finance(2), disbursement)
    await as_service(
        payments, "UPDATE attempts SET state = 'approved', approvals_needed = 1", "UPDATE disbursements SET state = 'approved'"
    )
    result, _ = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "approval-unproven")])


async def prepared_large(payments: Payments, amount_minor: int) -> DisbursementRow:
    voucher = await payments.issued(await payments.open_call(20_000_000), 2 * amount_minor)
    claim = await payments.accepted(voucher, amount_minor)
    return await payments.run(prepare_disbursement, payments.finance(1), claim.id)


@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE disbursements SET amount_minor = amount_minor * 2",
        "UPDATE claims SET state = 'rejected', prepared = false",
        "to another payee",
    ],
    ids=["amount", "state", "payee"],
)
async def test_payment_that_no_claim_grants_is_not_sealed(payments: Payments, postgres: PostgreSQL, moved: str) -> None:
    """Even if the approvers overlooked it."""
    disbursement = await prepared(payments)
    other = await payments.payee(await payments.issued(await payments.open_call(1_000_000), 100_000))
    to_other = f"UPDATE attempts SET payee_id = '{other.id}' WHERE disbursement_id = '{disbursement.id}'"
    await as_superuser(payments, postgres, to_other if moved == "to another payee" else moved)
    await payments.approve(await payments.row(DisbursementRow, disbursement.id))
    result, errors = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "claim-differs")])
    assert errors == [("payment not sealed", "claim-differs")]


async def test_attempt_after_a_forged_rejection_is_not_sealed(payments: Payments) -> None:
    """The first one is at the bank. Rows say that it was rejected and that a person confirmed it; persons in good faith go on."""
    disbursement = await payments.sent(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    await as_service(
        payments,
        "UPDATE attempts SET state = 'rejected', rejection_confirmed_at = now(), rejection_confirmed_by = 'finance-9'",
        "UPDATE disbursements SET state = 'rejected'",
    )
    again = await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.approve(again)
    result, errors = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "earlier-attempt-unproven")])
    assert errors == [("payment not sealed", "earlier-attempt-unproven")]


RELEASED = "UPDATE batches SET state = 'released', released_at = now(), released_by = 'finance-6'"


@pytest.mark.parametrize("how", ["released", "imported"])
async def test_file_that_no_person_released_does_not_go_out(payments: Payments, how: str) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    [batch] = (await payments.run(seal_batches, payments.finance(5), payments.region)).batches
    event = FORGED_EVENT.format(key=batch.id, name="BatchReleased", actor="finance-6")
    state = RELEASED if how == "released" else "UPDATE batches SET imported_at = now()"
    await as_service(payments, state, event, body=f'{{"file_hash": "{batch.file_hash}"}}')
    with capture_logs() as logs:
        assert await payments.outgoing.send_all() == 0
    assert [(line["log_level"], line["code"]) for line in logs] == [("error", "release-unproven")]
    assert not (payments.outgoing.folder / file_name(batch.id)).exists()


async def test_file_that_no_person_sealed_does_not_go_out(payments: Payments) -> None:
    """Although a person releases what is shown as sealed."""
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    [batch] = (await payments.seal()).batches
    columns = "region, policy_id, currency, debtor_account, disbursements, total_minor, execution_on, sealed_at, sealed_by"
    forged = new_id()
    await as_service(
        payments,
        f"""INSERT INTO batches (id, state, file, file_hash, {columns})
            SELECT '{forged}', 'sealed', '\\x003c', encode(sha256('<'), 'hex'), {columns} FROM batches""",
    )
    await payments.run(release_batch, payments.finance(6), forged)
    assert await payments.outgoing.send_all() == 1
    states = {row.id: row.state for row in await payments.rows(BatchRow)}
    assert states == {batch.id: "sent", forged: "released"}


ACCOUNT = """
    INSERT INTO payee_accounts (payee_id, version, subject_id, region, name, account_number, account_key, set_by, set_at, in_force_at)
    SELECT id, 2, subject_id, region, :name, :number, 'key', account_set_by, account_set_at, {in_force_at} FROM payees
"""
IN_USE = "UPDATE payees SET account_version = 2, name = :name, account_number = :number, account_key = 'key'"
PROPOSAL = """
    INSERT INTO account_proposals
        (id, payee_id, region, subject_id, name, account_number, account_key, reason, state, proposed_by, proposed_at)
    SELECT gen_random_uuid(), id, region, subject_id, :name, :number, 'key', 'changed', 'proposed', account_set_by, account_set_at
    FROM payees
"""


def in_clear(value: str) -> bytes:
    return b"\x00" + f'"{value}"'.encode()


@pytest.mark.parametrize("how", ["put in force", "proposed"])
async def test_account_that_no_person_set_is_not_paid(payments: Payments, how: str) -> None:
    """Although persons confirm what is shown as proposed, and approve the payment to it."""
    claim = await payments.accepted(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    account = {"name": in_clear("Studio Primjer d.o.o."), "number": in_clear(payments.account_of(new_id()))}
    if how == "proposed":
        await as_service(payments, PROPOSAL, **account)
        await payments.run(confirm_account, payments.finance(7), await payments.open_proposal_of(claim.payee_id))
    else:
        await as_service(payments, ACCOUNT.format(in_force_at="now()"), IN_USE, **account)
    await as_service(payments, "UPDATE payees SET cooling_off_until = NULL")
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    await payments.approve(disbursement)
    result, errors = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "account-unproven")])
    assert errors == [("payment not sealed", "account-unproven")]


async def test_account_as_from_before_cannot_be_added(payments: Payments) -> None:
    await payments.payee(await payments.issued(await payments.open_call(1_000_000), 100_000))
    with pytest.raises(IntegrityError, match="append-only"):
        await as_service(payments, ACCOUNT.format(in_force_at="NULL"), name=in_clear("A"), number=in_clear("B"))


async def test_claim_that_nobody_lodged_is_not_paid(payments: Payments) -> None:
    """Although a person accepts it."""
    await payments.lodged(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    of_claim = "voucher_id, organisation_id, region, call_id, payee_id, state, kind, settled_minor, retained_minor, own_minor"
    columns = f"{of_claim}, eligible_minor, requested_minor, lodged_at, check_by, overdue, rules, prepared"
    forged = new_id()
    await as_service(payments, f"INSERT INTO claims (id, {columns}) SELECT '{forged}', {columns} FROM claims")
    await payments.run(accept_claim, payments.officer, forged, None)
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), forged)
    await payments.approve(disbursement)
    result, _ = await sealed(payments)
    assert (result.batches, result.skipped) == ([], [(disbursement.id, "claim-differs")])
