"""`triptych secrets`: the secrets of an installation of containers (docs/operations/containers.md)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli.console import fail, out
from shared.kernel.services import SERVICES

if TYPE_CHECKING:
    from deploy.compose.secrets import Files

Here = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of docker-compose.yml.")]
Services = Annotated[list[str] | None, typer.Option("--service", help="Of this service; may be repeated. All when omitted.")]
app = typer.Typer(help="Secrets of an installation of containers.", no_args_is_help=True)
SIMULATED_MAIL, SIMULATED_DAY = "mail:1025", 1


@app.callback()
def group() -> None:
    """Secrets of an installation of containers."""


@app.command()
def init(
    host: Annotated[str, typer.Option(help="The name under which people reach the pages, such as grants.example.org.")],
    folder: Annotated[Path, typer.Argument(file_okay=False, help="The folder of docker-compose.yml.")] = Path(),
    provider_host: Annotated[str, typer.Option(help="The name under which they sign in at Keycloak (default: id.HOST).")] = "",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of both.")] = 443,
    smtp: Annotated[str, typer.Option(help="host:port of the mail server, which takes STARTTLS.")] = "",
    mail_from: Annotated[str, typer.Option(help="Sender of the mails (default: no-reply@HOST).")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="A simulated programme, with a simulated bank and mailbox.")] = False,
) -> None:
    """Make the secrets of a new installation in FOLDER/secrets, and FOLDER/.env for Docker Compose. What is there is never replaced."""
    from deploy.compose.secrets import Installation, environment_of, make_secrets, write_files

    if not (demo or smtp):
        fail("--smtp says where mail is handed over: people confirm their addresses by it.")
    environment, secrets = folder / ".env", folder / "secrets"
    if present := [path for path in (environment, secrets) if path.exists()]:
        fail(f"{present[0]} is there already: its secrets are in use, and nothing replaces them.")
    installation = Installation(
        host=host, provider_host=provider_host or f"id.{host}", mail_from=mail_from or f"no-reply@{host}", smtp=smtp or SIMULATED_MAIL,
        port=port, simulated=demo, day_seconds=SIMULATED_DAY if demo else 86_400,
    )  # fmt: skip
    try:
        write_files(secrets, make_secrets(installation, datetime.now(UTC)))
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}.")
    environment.write_text("".join(f"{name}={value}\n" for name, value in environment_of(installation).items()))
    for line in (
        f"{secrets} holds every secret of the installation, in clear: keep a copy of it elsewhere, beside no backup.",
        f"The certificate in {secrets}/caddy is of the installation's own authority; put in its place one that browsers trust.",
        f"Next: docker compose up -d --build --wait, and then {installation.origin(host)}",
    ):
        out.print(line, highlight=False, soft_wrap=True)


@app.command("renew-certificates")
def renew_certificates(folder: Here = Path()) -> None:
    """New authorities and certificates within the installation. Caddy's too, if it has none of another authority."""
    from deploy.compose.rotation import renewed_certificates
    from deploy.compose.secrets import Installation

    lines = (folder / ".env").read_text().splitlines() if (folder / ".env").exists() else fail(f"{folder} has no .env.")
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    installation = Installation(known["TRIPTYCH_PORTAL_HOST"], known["TRIPTYCH_PROVIDER_HOST"], "", "")
    _change(folder, lambda files: renewed_certificates(files, installation, datetime.now(UTC)))
    out.print("Next: docker compose up -d --force-recreate --wait: all at once, nobody knows them yet.", soft_wrap=True)


@app.command("rotate-events")
def rotate_events(folder: Here = Path(), services: Services = None) -> None:
    """New keys for the events. The former ones are accepted until `retire-events`."""
    from deploy.compose.rotation import rotated_events

    _change(folder, lambda files: rotated_events(files, _named(services)))


@app.command("retire-events")
def retire_events(folder: Here = Path(), services: Services = None) -> None:
    """Withdraw the former keys of events: what they signed is refused, unless it has taken effect already."""
    from deploy.compose.rotation import retired_events

    _change(folder, lambda files: retired_events(files, _named(services)))


@app.command("rotate-master")
def rotate_master(folder: Here = Path()) -> None:
    """New master keys. The workers wrap everything with them as they start; keep a new copy of the folder secrets."""
    from deploy.compose.rotation import rotated_masters

    _change(folder, rotated_masters)


@app.command("retire-master")
def retire_master(folder: Here = Path()) -> None:
    """Remove the former master keys, once all workers have started with the new ones. Earlier backups can no longer be read."""
    from deploy.compose.rotation import retired_masters

    _change(folder, retired_masters)


def _change(folder: Path, changes: "Callable[[Files], Files]") -> None:
    """Says which files have changed. Processes read them when they start."""
    from deploy.compose.rotation import read_files, write_changes

    secrets = folder / "secrets"
    if not secrets.is_dir():
        fail(f"{secrets} is not there: `triptych secrets init` makes it.")
    changed = changes(read_files(secrets))
    write_changes(secrets, changed)
    out.print(f"Changed in {secrets}: {', '.join(sorted(changed))}", highlight=False, soft_wrap=True)


def _named(services: list[str] | None) -> list[str]:
    if unknown := set(services or ()) - set(SERVICES):
        fail(f"There is no service {', '.join(sorted(unknown))}: {', '.join(SERVICES)}.")
    return services or list(SERVICES)
