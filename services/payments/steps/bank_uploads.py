"""An uploaded file of the bank: what each of its lines does, found by doing it; and the parts that its confirmation is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.bank_uploads import LineResult, fingerprint, region_of_account, region_of_file, states_of
from services.payments.domain.states import BankFileState
from services.payments.domain.status import AttemptState
from services.payments.iso20022.camt053 import AccountStatement
from services.payments.queries.bank_uploads import paying_accounts, upload_of
from services.payments.queries.desk_views import BankFilePreviewView, BankLineView, PreviewAccountView, PreviewLineView
from services.payments.steps.bank_files import DeliveredFile, ReadFile, find_or_add_file, take_lines, undone
from services.payments.steps.two_persons import lock_open_proposal
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BankUploadRow, RecoveryRow, VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context


async def lock_open_upload(context: Context, upload_id: UUID) -> BankUploadRow:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already'."""
    await upload_of(context, Permission.RESOLVE_BANK_LINE, upload_id)
    return await lock_open_proposal(context, BankUploadRow, upload_id)


def delivered(upload: BankUploadRow) -> DeliveredFile:
    return DeliveredFile(upload.name, upload.sha256, upload.content or b"")


@dataclass(frozen=True, slots=True)
class TakenFile:
    """`region`: of whose account and payments the file is."""

    row: BankFileRow
    lines: Sequence[BankLineRow]
    region: str


async def take_file(context: Context, file: DeliveredFile, read: ReadFile) -> TakenFile:
    """As from the bank's folder, by the same rules. `Conflict` 'bank-file-known'; `Refused` 'nothing-of-ours' or 'several-regions'."""
    row, is_new = await find_or_add_file(context, file)
    if not is_new and row.state == BankFileState.TAKEN:
        zone = _zone_of(context, read)
        raise Conflict("bank-file-known", "This file was read before, on {at}. Nothing is done a second time.", at=row.taken_at, zone=zone)
    row.name = file.name
    await take_lines(context.as_system(), row, read)
    await context.session.flush()
    query = select(BankLineRow).where(col(BankLineRow.file_sha256) == file.sha256).order_by(col(BankLineRow.line))
    lines = (await context.session.scalars(query)).all()
    accounts = [one.account for one in read.accounts]
    return TakenFile(row, lines, region_of_file(accounts, [one.region for one in lines], paying_accounts(context)))


def _zone_of(context: Context, read: ReadFile) -> str:
    """Of the region whose account the file is about; a status report is about none."""
    accounts = {one.account for one in read.accounts}
    return next((policy.zone for policy in context.policies.all() if policy.bank.debtor_iban in accounts), "UTC")


def results_of(lines: Sequence[BankLineRow]) -> list[LineResult]:
    return [
        LineResult(one.line, one.outcome, one.reason, one.payment_event, one.attempt_id, one.disbursement_id, one.recovery_id)
        for one in lines
    ]


async def preview(context: Context, permission: Permission, file: DeliveredFile, read: ReadFile) -> BankFilePreviewView:
    """What the file would do now, line by line; nothing of it stays. Raises as `take_file`; `Forbidden` without the permission in its
    region."""
    async with undone(context):
        taken = await take_file(context, file, read)
        views, results = [BankLineView.of(row) for row in taken.lines], results_of(taken.lines)
    authorise(context.actor, permission, region=taken.region)
    paying = paying_accounts(context)
    moved, codes = states_of(results, await _states(context, results)), await _codes(context, views)
    lines = [
        PreviewLineView(
            **view.model_dump(), account=line.account, foreign=line.account is not None and region_of_account(line.account, paying) is None,
            voucher_code=codes.get(view.voucher_id), state_before=before, state_after=after,
        )
        for line, view in zip(read.lines, views, strict=True)
        for before, after in [moved.get(view.line, (None, None))]
    ]  # fmt: skip
    accounts = [_account(one, region_of_account(one.account, paying)) for one in read.accounts]
    return BankFilePreviewView(
        sha256=file.sha256, message=read.message, fingerprint=fingerprint(results), region=taken.region, accounts=accounts,
        lines=lines,
    )  # fmt: skip


async def take_parts(context: Context, lines: Sequence[BankLineRow]) -> None:
    """In each case that a line has changed: who confirms prepared no payment of it, ordered no recovery that is settled, and does neither
    later. `Forbidden` 'incompatible-step'."""
    applied = [one for one in lines if one.outcome == LineOutcome.APPLIED]
    recoveries = {one.recovery_id for one in applied if one.recovery_id}
    owed = set(await context.session.scalars(select(col(RecoveryRow.voucher_id)).where(col(RecoveryRow.id).in_(recoveries))))
    paid = {one.voucher_id for one in applied if one.voucher_id}
    for duty, ids in ((Duty.RESOLVE_BANK_LINE, paid), (Duty.CLOSE_RECOVERY, owed)):
        query = select(col(VoucherRow.application_id), col(VoucherRow.call_id)).where(col(VoucherRow.id).in_(ids))
        for application_id, call_id in (await context.session.execute(query.order_by(col(VoucherRow.id)))).all():
            await take_part(context, duty, application_id, call_id=call_id)
            record_part(context, duty, application_id, call_id)


def _account(one: AccountStatement, region: str | None) -> PreviewAccountView:
    return PreviewAccountView(
        account=one.account, region=region, first_day=one.first_day, last_day=one.last_day,
        opening_minor=one.opening.minor if one.opening else None, closing_minor=one.closing.minor if one.closing else None,
        currency=one.closing.currency if one.closing else None, lines=len(one.transactions),
    )  # fmt: skip


async def _states(context: Context, results: Sequence[LineResult]) -> dict[UUID, AttemptState]:
    ids = {one.attempt_id for one in results if one.attempt_id}
    query = select(col(AttemptRow.id), col(AttemptRow.state)).where(col(AttemptRow.id).in_(ids))
    return {attempt_id: AttemptState(state) for attempt_id, state in (await context.session.execute(query)).all()}


async def _codes(context: Context, views: Sequence[BankLineView]) -> dict[UUID | None, str]:
    ids = {one.voucher_id for one in views if one.voucher_id}
    query = select(col(VoucherRow.id), col(VoucherRow.code)).where(col(VoucherRow.id).in_(ids))
    return {voucher_id: code or "" for voucher_id, code in (await context.session.execute(query)).all()}
