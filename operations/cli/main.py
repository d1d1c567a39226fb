"""`triptych`: the command line of the platform. Each group of commands has its own file and one line here."""

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Annotated

import typer

from operations.cli import (
    applications,
    backup,
    bank,
    calls,
    cases,
    events,
    keys,
    payments,
    people,
    policies,
    retention,
    secrets,
    sign_in,
    stack,
    subjects,
    tokens,
    verify,
    what_if,
)
from operations.cli.console import BY_ADDRESS, only_there, use


def plugins(declared: Iterable[EntryPoint]) -> Iterator[typer.Typer]:
    """The command groups of packages that are there: the package declares demo, chaos and token, a production image leaves them out."""
    return (plugin.load() for plugin in declared if find_spec(plugin.module.partition(".")[0]))


app = typer.Typer(
    name="triptych",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals may hold secrets
)


@app.callback()
def command_line(
    context: typer.Context,
    at: Annotated[
        str,
        typer.Option(help="An installation: its address (https://...) or the name it has here. Without it, the platform of this machine."),
    ] = "",
) -> None:
    """Grants and vouchers for the creative sectors, from the call to the last cent reconciled."""
    use(at, context.invoked_subcommand or "")
    if at and context.invoked_subcommand not in BY_ADDRESS:
        only_there(context.invoked_subcommand or "")


app.add_typer(sign_in.app)  # sign-in, sign-out, who
app.add_typer(stack.app)  # up, down, status, logs
app.add_typer(tokens.app)  # whoami, token-revoke
app.add_typer(backup.app)  # backup, restore
app.add_typer(keys.app, name="keys")
app.add_typer(secrets.app, name="secrets")
app.add_typer(people.app, name="people")
app.add_typer(payments.app, name="payments")
app.add_typer(bank.app, name="bank")
app.add_typer(policies.app, name="policies")
app.add_typer(calls.app, name="calls")
app.add_typer(applications.app, name="applications")
app.add_typer(cases.app, name="cases")
app.add_typer(retention.app)  # retention
app.add_typer(events.app, name="events")
app.add_typer(subjects.app, name="subject")
app.add_typer(verify.app)  # verify
app.add_typer(what_if.app)  # whatif
for plugin in plugins(entry_points(group="triptych.commands")):
    app.add_typer(plugin)

if __name__ == "__main__":
    app()
