"""`triptych keys`: the keys with which the services sign their events, the master keys, and those of backups."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded import daemon
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import retire_master_keys, rotate_master_keys
from deploy.embedded.state import retire_keys, rotate_keys
from operations.backup.protection import KeyRefused, new_identity_file, public_key
from operations.cli.console import echo, fail, out, state_or_fail
from shared.kernel.services import SERVICES
from shared.messaging.signature import Signer, generate_private_key

app = typer.Typer(help="Keys: of the services' events, of encryption, and of backups.", no_args_is_help=True)
Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Services; all when omitted.")]


@app.command()
def rotate(services: Services = None) -> None:
    """Give services a new key. Old messages are still accepted; at the next start the relays publish the event logs again."""
    rotate_keys(_stopped_platform(), _named(services))
    out.print("New keys are used from the next start on. The old ones are accepted until `triptych keys retire`.")


@app.command()
def retire(services: Services = None) -> None:
    """Withdraw the old public keys of services: what they signed is refused, unless it has taken effect already."""
    retire_keys(_stopped_platform(), _named(services))
    out.print("Only the present keys are accepted from the next start on.")


@app.command("rotate-master")
def rotate_master() -> None:
    """Make new master keys. At the next start the workers wrap the keys of all subjects with them; keep a new copy of the file."""
    data = _stopped_platform()
    rotate_master_keys(data)
    out.print(f"The new master keys are used from the next start on. Keep a copy of {data.master_keys}.", highlight=False, soft_wrap=True)


@app.command("retire-master")
def retire_master() -> None:
    """Remove the former master keys, once the platform has started with the new ones. Backups from before can no longer be read."""
    retire_master_keys(_stopped_platform())
    out.print("Only the present master keys are left; those of Temporal's payloads stay.")


@app.command()
def new() -> None:
    """Print a new pair of keys, for an installation with settings of its own."""
    private_key = generate_private_key()
    echo(f"TRIPTYCH_EVENT_SIGNING_KEY={private_key}\npublic key: {Signer('', private_key).public_key}")


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


def _named(services: list[str] | None) -> list[str]:
    if unknown := set(services or ()) - set(SERVICES):
        fail(f"There is no service {', '.join(sorted(unknown))}: {', '.join(SERVICES)}.")
    return services or list(SERVICES)


def _stopped_platform() -> DataDirectory:
    """A process reads keys when it starts. If one alone restarted with a new key, the others would refuse its events."""
    data = DataDirectory.default()
    if not state_or_fail(data).signing_keys:
        fail("The platform has no keys yet: they are created by the next `triptych up`.")
    if daemon.platform_status(data) is not None:
        fail("The platform is running: stop it with `triptych down` before you change its keys.")
    return data
