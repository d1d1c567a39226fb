"""`triptych backup DIR` and `triptych restore DIR`; `triptych payments`: what the bank was given in the time that a restore lost."""

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
from operations.backup.manifest import NoBackup, Seen
from operations.backup.restore import Restored, RestoreRefused
from operations.backup.restore import restore as restore_into
from operations.backup.take import BackupRefused, take_backup
from operations.cli.console import fail, out, state_or_fail
from shared.kernel.errors import Refused
from shared.kernel.money import Money

app = typer.Typer()
payments = typer.Typer(help="Payments after a restore: what the bank was given, and when payments go on.", no_args_is_help=True)
T = TypeVar("T")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]


@app.command()
def backup(folder: Folder) -> None:
    """Copy the platform's state while it runs. The folder holds every secret of the platform: keep it as such."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    if daemon.platform_status(data) is None:
        fail("The platform is not running: `triptych up` first.")
    try:
        with _bars() as seen:
            taken = take_backup(data, state, folder.resolve(), seen)
    except (BackupRefused, ProcessFailed, MissingServer, OSError) as error:
        fail(f"There is no backup: {error}")
    out.print(
        f"{folder}: {len(taken.parts)} files, {taken.size / 1e6:.0f} MB, as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC "
        f"({taken.programme_at:%d %B %Y} of the programme).",
        highlight=False,
    )


@app.command()
def restore(
    folder: Folder,
    force: Annotated[bool, typer.Option("--force", help="Set a platform that is here aside (nothing is deleted) and replace it.")] = False,
) -> None:
    """Make the platform as it was when the backup was taken. The folder `bank/` stays: the bank did not go back in time."""
    data = DataDirectory.default()
    try:
        with _bars() as seen:
            restored = restore_into(folder.resolve(), data, force=force, seen=seen)
    except (NoBackup, RestoreRefused, AlreadyRunning, ProcessFailed, MissingServer, OSError) as error:
        fail(f"Nothing was restored: {error}")
    _tell(restored, data)


@payments.command()
def found() -> None:
    """List orders of bank files from before a restore that no payment here stands for yet: money that may have gone."""
    table = Table("voucher", "amount", "disbursement", "batch")
    for order in _asked(orders.unplaced(state_or_fail(DataDirectory.default()))):
        amount = Money(order.amount_minor, order.currency)
        table.add_row(order.voucher_code or "unknown", str(amount), str(order.disbursement_id), str(order.batch_id))
    out.print(table if table.row_count else "Every order found has its payment.")


@payments.command()
def release(
    outgoing_complete: Annotated[
        bool, typer.Option("--outgoing-complete", help="I answer for it: bank/outgoing holds every file that was ever sealed.")
    ] = False,
    statements_until: Annotated[
        str | None, typer.Option(help="Or: every statement of every account up to this day (YYYY-MM-DD) was taken in.", metavar="DAY")
    ] = None,
) -> None:
    """Let payments go on after a restore, on your word that the bank has nothing that is not known here."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    if outgoing_complete == (statements_until is not None):
        fail("Say one of --outgoing-complete and --statements-until DAY.")
    if any(data.bank_incoming.glob("[!.]*.xml")):
        fail(f"There are answers of the bank in {data.bank_incoming} that have not been read yet. Is the platform up?")
    day = _day(statements_until) if statements_until else None
    assurance = f"statements taken in until {day.isoformat()}" if day else "the outgoing folder is complete"
    compared, lifted = _asked(orders.release(state, data.bank_outgoing, assurance, day))
    out.print(f"{compared.files} files compared, {compared.orders} orders found in them.", highlight=False)
    out.print("Payments go on." if lifted else "Nothing was held.")
    waiting = len(_asked(orders.unplaced(state)))
    if waiting:
        out.print(f"{waiting} orders wait for their claim to be handed in again: `triptych payments found`.", style="yellow")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text} is no day: YYYY-MM-DD.")


def _asked(asking: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(asking)
    except Refused as refused:
        fail(f"Payments stay held: {refused.detail}")
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        fail(f"The database of payments cannot be reached: {error}. Is the platform up?")


def _tell(restored: Restored, data: DataDirectory) -> None:
    whole, compared = restored.manifest, restored.compared
    out.print(f"Restored to {whole.taken_at:%Y-%m-%d %H:%M:%S} UTC; {restored.lifecycles} workflows begun anew.", highlight=False)
    if restored.aside:
        out.print(f"What was here before: {restored.aside}", highlight=False, soft_wrap=True)
    if not restored.bank_kept:
        out.print("The bank's folders were not here: those of the backup are, and files sent after it may be missing.", style="yellow")
    out.print(f"{compared.files} payment files compared: {compared.orders} orders in them were lost and are known again.", highlight=False)
    for problem in compared.problems:
        out.print(f"not understood: {problem}", style="yellow", highlight=False)
    out.print("Payments are held. `triptych up`, and when you can answer for it: `triptych payments release`.", highlight=False)


@contextmanager
def _bars() -> Iterator[Seen]:
    """One bar for each thing that is done."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        tasks: dict[str, TaskID] = {}

        def seen(doing: str, share: float) -> None:
            if doing not in tasks:
                tasks[doing] = progress.add_task(doing, total=1)
            progress.update(tasks[doing], completed=share)

        yield seen
