"""`triptych secrets`: the secrets of an installation of containers (docs/operations/containers.md)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from operations.cli.console import fail, out

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
