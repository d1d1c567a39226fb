"""`triptych --at ADDRESS sign-in|sign-out|who`: who acts at an installation of another machine."""

import time
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr, ValidationError
from rich.table import Table

from operations.cli.address import chosen, profiles
from operations.cli.console import at, fail, out, wide
from operations.installations.api import Door, Place, ended, is_fresh, roles_in
from operations.installations.profiles import Installation, Machine, ProfileError, SignIn, origin_of
from operations.installations.provider import Provider, SignInEnded, SignInFailed, Waiting
from shared.identity.permissions import FRESH_SECONDS

WORLD = Waiting(time.monotonic, time.sleep, lambda line: out.print(line, highlight=False, soft_wrap=True), webbrowser.open)
MOST_SECRET_BYTES = 400

app = typer.Typer()


@app.command("sign-in")
def sign_in(
    browser: Annotated[
        bool, typer.Option("--browser", help="Sign in at a browser of this machine, freshly: the provider asks for the password again.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="To which that browser comes back; 0 is any that is free.")] = 0,
    provider: Annotated[str, typer.Option(help="The identity provider (issuer), where the installation has several.")] = "",
    machine: Annotated[str, typer.Option(help="The id of a service account, instead of a person.", metavar="ID")] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help="The file with its secret; /dev/stdin reads it from a pipe.", exists=True, dir_okay=False)
    ] = None,
    name: Annotated[str, typer.Option(help="A short name, which --at takes too (default: the host).")] = "",
) -> None:
    """Sign in at the installation of --at: with a code that any browser takes (RFC 8628), at a browser of this machine (RFC 8252), or as a
    service account. It lasts for twelve hours, and is kept in a file that only you can read."""
    if bool(machine) != (secret_file is not None):
        fail("A service account has an id and a secret: --machine ID --secret-file FILE.")
    address = _address()
    kept, door = profiles(), Door(address)
    try:
        before = kept.find(address)
        called = name or (before.name if before else urlsplit(address).netloc.strip("[]"))
        if secret_file is not None:
            installation = door.enter_as_machine(called, Machine(client=machine, secret=_secret(secret_file)))
        else:
            place = _place(door.places(), provider)
            installation = door.enter(called, place.issuer, _proof(place, browser=browser, port=port))
        kept.keep(installation)
    except (SignInFailed, ProfileError) as error:
        fail(str(error))
    except ValidationError:
        fail("--name takes letters, digits, points and hyphens.")
    except OSError as error:
        fail(f"The sign-in cannot be kept, or no page can come back to this machine: {error.strerror or error}.")
    out.print(f"Signed in: {_words(installation)}", highlight=False, soft_wrap=True)
    if isinstance(installation.signed_in, SignIn) and not is_fresh(installation.signed_in, FRESH_SECONDS):
        out.print(
            f"You had signed in at the provider before, more than {FRESH_SECONDS // 60} minutes ago. Steps that need a fresh sign-in, such "
            "as giving a role, ask for `sign-in --browser`.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@app.command("sign-out")
def sign_out(
    here: Annotated[bool, typer.Option("--here", help="Only forget it here; where the installation cannot be reached.")] = False,
) -> None:
    """End the sign-in at the installation of --at, and forget it here. The browser stays signed in at the identity provider."""
    installation = _chosen()
    try:
        if not here:
            Door(installation.address).leave(installation)
        profiles().forget(installation.address)
    except SignInFailed as error:
        fail(f"{error} Nothing is forgotten yet: try again, or forget it here with --here.")
    except (ProfileError, OSError) as error:
        fail(str(error))
    left = here and isinstance(installation.signed_in, SignIn)
    out.print(
        f"Signed out of {installation.address}.{' There it goes on until its twelve hours are over.' if left else ''}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def who() -> None:
    """Show as whom you are signed in at the installation of --at, with which roles, and until when; without --at, at all of them."""
    if not at():
        _show_all()
        return
    installation = _chosen()
    try:
        roles = roles_in(Door(installation.address).token(installation))
    except SignInEnded:
        fail(ended(installation))
    except SignInFailed as error:
        fail(str(error))
    out.print(_words(installation), highlight=False, soft_wrap=True)
    for region, held in roles.items():
        out.print(f"{region:<24} {', '.join(held)}", highlight=False, soft_wrap=True)
    if not roles:
        out.print("No role is in force: an administrator of the region gives one.")


def _show_all() -> None:
    try:
        installations = profiles().all()
    except ProfileError as error:
        fail(str(error))
    table = Table("name", "address", "signed in", "until")
    for one in installations:
        table.add_row(one.name, one.address, _person(one), _until(one))
    wide().print(table if installations else "You are signed in nowhere: `triptych --at https://... sign-in`.")


def _chosen() -> Installation:
    installation = chosen()
    if installation is None:
        fail("Say where: `triptych --at https://grants.example.org sign-in`.")
    return installation


def _address() -> str:
    wanted = at()
    if not wanted:
        fail("Say where: `triptych --at https://grants.example.org sign-in`.")
    try:
        found = profiles().find(wanted)
        return found.address if found else origin_of(wanted)
    except (ProfileError, ValueError) as error:
        fail(f"--at {wanted}: {error}")


def _place(places: list[Place], wanted: str) -> Place:
    for one in places:
        if wanted in ("", one.issuer):
            return one
    raise SignInFailed(f"Commands do not sign in at {wanted} there, but at {', '.join(one.issuer for one in places)}.")


def _proof(place: Place, *, browser: bool, port: int) -> str:
    """An ID token. Without --browser by a code, where the provider has that."""
    provider = Provider(place.issuer, place.client, WORLD)
    description = provider.described()
    if browser or description.device_authorization_endpoint is None:
        return provider.by_browser(description, port)
    return provider.by_device(description)


def _secret(file: Path) -> SecretStr:
    with file.open("rb") as opened:
        text = opened.read(MOST_SECRET_BYTES + 1)
    if not text.strip() or len(text) > MOST_SECRET_BYTES or not text.isascii():
        fail(f"{file} holds no secret of a service account.")
    return SecretStr(text.decode().strip())


def _words(installation: Installation) -> str:
    called = "" if installation.name in installation.address else f" ({installation.name})"
    until = f", until {_moment(installation.signed_in.ends_at)} at the latest" if isinstance(installation.signed_in, SignIn) else ""
    return f"{_person(installation)} at {installation.address}{called}{until}."


def _person(installation: Installation) -> str:
    signed_in = installation.signed_in
    return f"service account {signed_in.client}" if isinstance(signed_in, Machine) else signed_in.name or f"person {signed_in.person_id}"


def _until(installation: Installation) -> str:
    if isinstance(installation.signed_in, Machine):
        return "the secret or the account ends"
    return "it has ended" if installation.has_ended() else _moment(installation.signed_in.ends_at)


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone():%a %d %B %Y, %H:%M %Z}"
