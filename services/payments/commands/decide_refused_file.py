"""A person of finance has looked at a refused file of the bank: it is tried again, dismissed, or opened again."""

from sqlmodel import col

from services.payments.domain.refused_files import FileAct, check_file_act
from services.payments.locks import lock_row
from services.payments.queries.bank_lines import get_bank_file
from services.payments.tables import BankFileActRow, BankFileRow
from shared.identity.permissions import Permission, require_role
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def decide_refused_file(context: Context, sha256: str, act: FileAct, reason: str) -> BankFileRow:
    """A refused file is of no region, so any person who resolves lines may decide. No money moves by it.

    `NotFound` 'unknown-bank-file'; `Forbidden` for a file that was read for other regions; `Conflict` as `check_file_act`.
    """
    require_role(context.actor, Permission.RESOLVE_BANK_LINE)
    await get_bank_file(context, sha256)
    file = await lock_row(context, BankFileRow, col(BankFileRow.sha256) == sha256)
    assert file is not None, "no file of the bank is ever deleted"
    check_file_act(act, file.state, dismissed=file.dismissed, waits=file.retry_at is not None)
    if act is FileAct.RETRIED:
        file.retry_at = context.now
    else:
        file.dismissed = act is FileAct.DISMISSED
    decided = BankFileActRow(id=new_id(), file_sha256=sha256, act=act, reason=reason, by=context.actor.id, at=context.now)
    context.session.add(decided)
    await context.session.flush()
    return file
