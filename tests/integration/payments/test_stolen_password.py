"""Whoever has only the password of the runtime role moves no money: acts of persons are believed by their events, not by a state."""

import asyncpg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.prepare_disbursement import prepare_disbursement
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
    ["UPDATE disbursements SET amount_minor = amount_minor * 2", "UPDATE claims SET state = 'rejected'", "to another payee"],
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
