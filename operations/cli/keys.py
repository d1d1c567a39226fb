"""`triptych keys`: the operator's key for backups, and the public key of this installation."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.data_directory import DataDirectory
from operations.backup.protection import KeyRefused, new_identity_file, public_key
from operations.cli.console import fail, out, state_or_fail

app = typer.Typer(help="Keys of an operator: for backups.", no_args_is_help=True)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the new identity is written. Keep it away from this machine.")],
) -> None:
    """Make an identity that opens backups, and print the recipient to encrypt them to."""
    state = state_or_fail(DataDirectory.default())
    try:
        recipient = new_identity_file(file, state.signing_key)
    except (OSError, KeyRefused) as error:
        fail(f"The identity was not written: {error}")
    out.print(f"{file} opens the backups that are made with: triptych backup DIR --recipient {recipient}", highlight=False, soft_wrap=True)
    out.print("Without it they cannot be opened. It also names this installation, so that a restore accepts no other one's backup.")


@app.command()
def signer() -> None:
    """Print the public key that signs the backups of this installation, for `triptych restore --signed-by`."""
    try:
        out.print(public_key(state_or_fail(DataDirectory.default()).signing_key), highlight=False, soft_wrap=True)
    except KeyRefused as error:
        fail(str(error))
