"""`triptych backup DIR` and `triptych restore DIR`."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.embedded import daemon
from deploy.embedded.binaries import MissingServer
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from deploy.embedded.state import load_state
from deploy.embedded.supervisor import AlreadyRunning
from operations.cli.console import PlainConsole, err, fail, out, state_or_fail
from shared.kernel.printable import printable

if TYPE_CHECKING:  # the code of services is imported by the command that needs it, so that all others start at once
    from deploy.embedded.state import State
    from operations.backup.manifest import OnProgress
    from operations.backup.orders import Comparison
    from operations.backup.restore import Restored

app = typer.Typer()
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]


@app.command()
def backup(
    folder: Folder,
    recipient: Annotated[
        list[str] | None,
        typer.Option(help="Encrypt to this age recipient (age1...; `triptych keys backup FILE` makes one). May be repeated."),
    ] = None,
    plaintext: Annotated[
        bool, typer.Option("--plaintext", help="Encrypt nothing: the folder then holds every secret but the master keys.")
    ] = False,
    databases: Annotated[
        bool, typer.Option("--databases-from-input", help="Of containers: pg_basebackup sends the databases (deploy/compose/backup.sh).")
    ] = False,
) -> None:
    """Copy the platform's state while it runs, encrypted to a recipient and signed by this installation."""
    from operations.backup.protection import KeyRefused, public_key, recipients_of
    from operations.backup.take import BackupRefused, take_backup

    if plaintext == bool(recipient):
        fail("Give --recipient (`triptych keys backup FILE` makes one), or --plaintext for a backup that anybody can read.")
    data = DataDirectory.default()
    state = state_or_fail(data)
    if databases is not state.of_containers:
        fail("An installation of containers, and no other one, is backed up with deploy/compose/backup.sh take NAME.")
    if not databases and daemon.platform_status(data) is None:
        fail("The platform is not running: `triptych up` first.")
    stream = sys.stdin.buffer if databases else None
    try:
        with _bars() as on_progress:
            encrypted_to = recipients_of(recipient or ())
            taken, skipped = take_backup(data, state, folder.resolve(), on_progress, recipients=encrypted_to, databases=stream)
    except (BackupRefused, KeyRefused, ProcessFailed, MissingServer, OSError) as error:
        fail(f"The backup was not taken: {error}")
    out.print(
        f"{folder}: {len(taken.parts)} files, {taken.size / 1e6:.0f} MB, as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC "
        f"({taken.programme_at:%d %B %Y} of the programme).",
        highlight=False,
    )
    for path in skipped:
        name = printable(str(path))
        out.print(f"Not copied: {name} is no regular file, or cannot be read.", style="yellow", highlight=False, soft_wrap=True)
    if plaintext:
        out.print("It is not encrypted: a reader of the folder has every secret but the master keys.", style="yellow")
    out.print(f"It cannot be read without {data.master_keys}: keep a copy of that file elsewhere.", highlight=False, soft_wrap=True)
    out.print(
        f"Signed by {public_key(state.signing_key)}: keep this key elsewhere, a restore asks for it.", highlight=False, soft_wrap=True
    )


@app.command()
def restore(
    folder: Folder,
    force: Annotated[bool, typer.Option("--force", help="Move an existing platform aside (nothing is deleted) and replace it.")] = False,
    identity: Annotated[Path | None, typer.Option(help="The file with the identity that opens the backup.", exists=True)] = None,
    signed_by: Annotated[
        str | None, typer.Option(help="The key that must have signed it; otherwise the identity's file or the platform here names it.")
    ] = None,
    master_keys: Annotated[
        Path | None, typer.Option(help="Your copy of master-keys/keys.json, on a machine that has none. No backup has it.", exists=True)
    ] = None,
) -> None:
    """Restore the platform as it was when the backup was taken. The folder `bank/` is kept: the bank is not rolled back."""
    from operations.backup.manifest import NoBackup
    from operations.backup.protection import KeyRefused
    from operations.backup.restore import RestoreRefused
    from operations.backup.restore import restore as restore_into

    data = DataDirectory.default()
    known = load_state(data)
    if known is not None and known.of_containers:
        fail("An installation of containers is restored with deploy/compose/backup.sh restore NAME.")
    try:
        with _bars() as on_progress:
            restored = restore_into(
                folder.resolve(),
                data,
                force=force,
                on_progress=on_progress,
                identity=identity,
                signed_by=signed_by,
                master_keys=master_keys,
            )
    except (NoBackup, KeyRefused, RestoreRefused, AlreadyRunning, ProcessFailed, MissingServer, OSError) as error:
        fail(f"Nothing was restored: {error}")
    _print_restored(restored)


@app.command("restore-unpack", hidden=True)
def restore_unpack(
    folder: Folder,
    identity: Annotated[
        bool, typer.Option("--identity-from-input", help="The identity that opens the backup comes by standard input.")
    ] = False,
    signed_by: Annotated[str | None, typer.Option(help="The key that must have signed it, if it is not this installation's.")] = None,
) -> None:
    """Of containers, first half of a restore (deploy/compose/backup.sh): the databases to standard output, files to their volumes."""
    from operations.backup.containers import NotEmpty, unpack
    from operations.backup.manifest import NoBackup
    from operations.backup.protection import KeyRefused

    data = DataDirectory.default()
    state = _of_containers(data)
    with tempfile.NamedTemporaryFile() as file:
        file.write(sys.stdin.buffer.read() if identity else b"")
        file.flush()
        try:
            with _bars(err) as on_progress:
                unpacked = unpack(
                    folder.resolve(), data, state, Path(file.name) if identity else None, signed_by, sys.stdout.buffer, on_progress
                )
        except (NoBackup, KeyRefused, NotEmpty, OSError) as error:
            fail(f"Nothing was restored: {error}")
    err.print(f"The databases are of {unpacked.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.", highlight=False)
    for kept, what in ((unpacked.bank_kept, "bank"), (unpacked.anchors_kept, "anchors")):
        err.print(f"The volume {what} {'stays as it is' if kept else 'was empty, and comes from the backup'}.", highlight=False)


@app.command("restore-reconcile", hidden=True)
def restore_reconcile() -> None:
    """Of containers, second half of a restore: bring lifecycles, event logs and payments into agreement, before any service starts."""
    from operations.backup.containers import reconcile, services_run

    data = DataDirectory.default()
    state = _of_containers(data)
    if asyncio.run(services_run(state)):
        fail("Services are connected to the databases: stop them first.")
    with _bars() as on_progress:
        workflows, compared = asyncio.run(reconcile(state, data, on_progress))
    out.print(f"{workflows} lifecycles and deadlines run; payments are held.", highlight=False)
    _print_compared(compared)


def _of_containers(data: DataDirectory) -> "State":
    state = state_or_fail(data)
    if not state.of_containers:
        fail("This is for an installation of containers: deploy/compose/backup.sh restore NAME.")
    return state


def _print_restored(restored: "Restored") -> None:
    backed_up, compared = restored.manifest, restored.compared
    out.print(f"Restored to {backed_up.taken_at:%Y-%m-%d %H:%M:%S} UTC; {restored.workflows} workflows restarted.", highlight=False)
    if restored.aside:
        out.print(f"The former platform: {restored.aside}", highlight=False, soft_wrap=True)
    if not restored.bank_kept:
        out.print("There was no bank/ folder: it comes from the backup, and payment files sent later may be missing.", style="yellow")
    if not restored.anchors_kept:
        out.print(
            "There were no anchors here: they come from the backup. What was erased after it is here again. If you have a newer copy of "
            "the folder anchors/, put it into the data directory and restore once more, with --force.",
            style="yellow",
        )
    if restored.newest_anchor and restored.newest_anchor > backed_up.taken_at:
        out.print(
            f"The platform that was here recorded until {restored.newest_anchor:%Y-%m-%d %H:%M:%S} UTC or later: what it recorded after "
            "the backup is not in the databases any more. Is there a newer backup? Restore that one, with --force.",
            style="yellow",
        )
    _print_compared(compared)
    out.print("Payments are held. `triptych up`, then check the bank's side and `triptych payments release`.", highlight=False)


def _print_compared(compared: "Comparison") -> None:
    missing = f"{compared.orders} orders in them were missing in the backup and have been imported"
    out.print(f"{compared.files} payment files compared: {missing}.", highlight=False)
    for name, reason in compared.unreadable.items():
        out.print(f"cannot be read: {name}: {reason.detail}", style="yellow", highlight=False)


@contextmanager
def _bars(console: PlainConsole = out) -> "Iterator[OnProgress]":
    """One progress bar for each stage."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def on_progress(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=1)
            progress.update(tasks[stage], completed=share)

        yield on_progress
