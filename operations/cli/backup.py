"""`triptych backup DIR`, `triptych restore DIR`, and `triptych payments` for the orders of a recovery gap."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from deploy.embedded import daemon
from deploy.embedded.binaries import MissingServer
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from deploy.embedded.supervisor import AlreadyRunning
from operations.backup import orders
from operations.backup.manifest import NoBackup, OnProgress
from operations.backup.restore import Restored, RestoreRefused
from operations.backup.restore import restore as restore_into
from operations.backup.take import BackupRefused, take_backup
from operations.cli.console import fail, out, state_or_fail
from shared.kernel.errors import Refused
from shared.kernel.money import Money

app = typer.Typer()
payments = typer.Typer(help="Payments after a restore: orphan orders, and the end of the hold.", no_args_is_help=True)
T = TypeVar("T")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]


@app.command()
def backup(folder: Folder) -> None:
    """Copy the platform's state while it runs. The folder holds every secret of the platform: protect it."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    if daemon.platform_status(data) is None:
        fail("The platform is not running: `triptych up` first.")
    try:
        with _bars() as on_progress:
            taken = take_backup(data, state, folder.resolve(), on_progress)
    except (BackupRefused, ProcessFailed, MissingServer, OSError) as error:
        fail(f"The backup was not taken: {error}")
    out.print(
        f"{folder}: {len(taken.parts)} files, {taken.size / 1e6:.0f} MB, as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC "
        f"({taken.programme_at:%d %B %Y} of the programme).",
        highlight=False,
    )


@app.command()
def restore(
    folder: Folder,
    force: Annotated[bool, typer.Option("--force", help="Move an existing platform aside (nothing is deleted) and replace it.")] = False,
) -> None:
    """Restore the platform as it was when the backup was taken. The folder `bank/` is kept: the bank is not rolled back."""
    data = DataDirectory.default()
    try:
        with _bars() as on_progress:
            restored = restore_into(folder.resolve(), data, force=force, on_progress=on_progress)
    except (NoBackup, RestoreRefused, AlreadyRunning, ProcessFailed, MissingServer, OSError) as error:
        fail(f"Nothing was restored: {error}")
    _print_restored(restored)


@payments.command("orphans")
@payments.command("found", hidden=True)
def orphans() -> None:
    """List the orphan orders: orders in bank files from a recovery gap that match no payment here yet. They may have been paid."""
    table = Table("voucher", "amount", "disbursement", "batch")
    for order in _ask(orders.orphan_orders(state_or_fail(DataDirectory.default()))):
        amount = Money(order.amount_minor, order.currency)
        table.add_row(order.voucher_code or "unknown", str(amount), str(order.disbursement_id), str(order.batch_id))
    out.print(table if table.row_count else "There are no orphan orders.")


@payments.command()
def release(
    outgoing_complete: Annotated[
        bool, typer.Option("--outgoing-complete", help="You confirm that bank/outgoing holds every file that was ever sealed.")
    ] = False,
    statements_until: Annotated[
        str | None,
        typer.Option(help="Or you confirm that every statement of every account up to this day was processed (YYYY-MM-DD).", metavar="DAY"),
    ] = None,
) -> None:
    """End the hold on payments after a restore. You confirm that the bank has no order that is missing here."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    if outgoing_complete == (statements_until is not None):
        fail("Give one of --outgoing-complete and --statements-until DAY.")
    if any(data.bank_incoming.glob("[!.]*.xml")):
        fail(f"{data.bank_incoming} holds answers of the bank that have not been read yet. Is the platform up?")
    day = _day(statements_until) if statements_until else None
    assurance = f"statements processed until {day.isoformat()}" if day else "the outgoing folder is complete"
    compared, lifted = _ask(orders.release(state, data.bank_outgoing, assurance, day))
    out.print(f"{compared.files} payment files compared; {compared.orders} orders in them were missing here.", highlight=False)
    out.print("The hold on payments is lifted." if lifted else "Payments were not held.")
    orphaned = len(_ask(orders.orphan_orders(state)))
    if orphaned:
        out.print(f"{orphaned} orphan orders wait for their claim to be lodged again: `triptych payments orphans`.", style="yellow")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--statements-until {text}: not a date. Give YYYY-MM-DD.")


def _ask(question: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(question)
    except Refused as refused:
        fail(f"Payments stay held: {refused.detail}")
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        fail(f"The database of payments cannot be reached: {error}. Is the platform up?")


def _print_restored(restored: Restored) -> None:
    backed_up, compared = restored.manifest, restored.compared
    out.print(f"Restored to {backed_up.taken_at:%Y-%m-%d %H:%M:%S} UTC; {restored.workflows} workflows restarted.", highlight=False)
    if restored.aside:
        out.print(f"The former platform: {restored.aside}", highlight=False, soft_wrap=True)
    if not restored.bank_kept:
        out.print("There was no bank/ folder: it comes from the backup, and payment files sent later may be missing.", style="yellow")
    missing = f"{compared.orders} orders in them were missing in the backup and have been imported"
    out.print(f"{compared.files} payment files compared: {missing}.", highlight=False)
    for name, reason in compared.unreadable.items():
        out.print(f"cannot be read: {name}: {reason.detail}", style="yellow", highlight=False)
    out.print("Payments are held. `triptych up`, then check the bank's side and `triptych payments release`.", highlight=False)


@contextmanager
def _bars() -> Iterator[OnProgress]:
    """One progress bar for each stage."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        tasks: dict[str, TaskID] = {}

        def on_progress(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=1)
            progress.update(tasks[stage], completed=share)

        yield on_progress
