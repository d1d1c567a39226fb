"""Approvals by the policy's table: steps of different roles, their rows, and rows from before there were steps."""

import asyncio

import pytest
from alembic import command

from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.migrate import MIGRATIONS
from services.payments.queries.disbursements import get_disbursement
from services.payments.tables import ApprovalRow, DisbursementRow
from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import Permission
from shared.kernel.errors import Forbidden
from shared.policy.sections import Approvals, ApprovalStep
from tests.support.databases import owner_url, put_in_clear
from tests.support.payments import Payments

FINANCE_THEN_OFFICER = Approvals(
    account_cooling_off_days=3,
    steps=(
        ApprovalStep(above_minor=0, permission=Permission.APPROVE_DISBURSEMENT),
        ApprovalStep(above_minor=5_000, permission=Permission.CHECK_CLAIM),
    ),
)


@pytest.fixture
def two_roles(payments: Payments) -> None:
    """The region's policy asks for an approval by finance and, above 50.00, for one by an officer."""
    payments.use(payments.policy.model_copy(update={"approvals": FINANCE_THEN_OFFICER}))


async def prepared(payments: Payments, amount_minor: int) -> DisbursementRow:
    voucher = await payments.issued(await payments.open_call(10_000_000), 2_000_000)
    claim = await payments.accepted(voucher, amount_minor)
    return await payments.run(prepare_disbursement, payments.finance(1), claim.id)


@pytest.mark.usefixtures("two_roles")
async def test_each_step_is_given_by_its_role_and_recorded(payments: Payments) -> None:
    disbursement = await prepared(payments, 10_000)
    officer = payments.actor("officer-2", Role.OFFICER)
    with pytest.raises(Forbidden, match="approve-disbursement"):
        await payments.approve_as(officer, disbursement)
    await payments.approve_as(payments.finance(2), disbursement)
    with pytest.raises(Forbidden, match="check-claim"):
        await payments.approve_as(payments.finance(3), disbursement)
    assert (await payments.approve_as(officer, disbursement)).state == "approved"

    rows = sorted(await payments.rows(ApprovalRow), key=lambda row: row.step)
    assert [(row.step, row.approver) for row in rows] == [(1, "finance-2"), (2, "officer-2")]
    shown = await payments.run(get_disbursement, payments.finance(1), disbursement.id)
    assert [(step.number, step.permission, step.approver) for step in shown.approval_steps] == [
        (1, "approve-disbursement", "finance-2"), (2, "check-claim", "officer-2"),
    ]  # fmt: skip


@pytest.mark.usefixtures("two_roles")
async def test_officer_who_checked_the_claim_does_not_approve(payments: Payments) -> None:
    disbursement = await prepared(payments, 10_000)
    await payments.approve_as(payments.finance(2), disbursement)
    with pytest.raises(Forbidden) as caught:
        await payments.approve_as(payments.officer, disbursement)
    assert caught.value.code == "incompatible-step"


@pytest.mark.usefixtures("two_roles")
async def test_steps_not_given_are_shown_without_approver(payments: Payments) -> None:
    disbursement = await prepared(payments, 10_000)
    auditor = Actor("auditor-1", grants({Role.AUDITOR}, {payments.region}))
    shown = await payments.run(get_disbursement, auditor, disbursement.id)
    assert [(step.number, step.approver, step.at) for step in shown.approval_steps] == [(1, None, None), (2, None, None)]


async def test_earlier_approvals_are_numbered_by_the_migration(payments: Payments) -> None:
    limit = payments.policy.approvals.second_approver_above_minor
    assert limit is not None
    disbursement = await prepared(payments, limit + 1)
    await payments.approve_as(payments.finance(3), disbursement)
    payments.clock.instant = payments.clock.instant.replace(hour=payments.clock.instant.hour + 1)
    await payments.approve_as(payments.finance(2), disbursement)

    url = owner_url(payments.engine.url.render_as_string(hide_password=False))
    await put_in_clear(payments.sessions, "payments")
    await payments.engine.dispose()
    config = MIGRATIONS._config(url)
    await asyncio.to_thread(command.downgrade, config, "payments_0006")
    await asyncio.to_thread(MIGRATIONS.upgrade, url)
    rows = sorted(await payments.rows(ApprovalRow), key=lambda row: row.step)
    assert [(row.step, row.approver) for row in rows] == [(1, "finance-3"), (2, "finance-2")]
