"""The command `triptych`. Each group of commands has its own file and one line here; only what is asked for is imported, since what the
others need takes two seconds."""

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Annotated, NamedTuple

import typer

from operations.cli.console import BY_ADDRESS, only_there, use


class Part(NamedTuple):
    """A file of commands: a group by the name of the file, or else these by their own names."""

    file: str
    commands: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.commands or (self.file,)


PARTS = (
    Part("sign_in", ("sign-in", "sign-out", "who")),
    Part("stack", ("up", "down", "status", "logs")),
    Part("tokens", ("whoami", "token-revoke")),
    Part("backup", ("backup", "restore", "restore-unpack", "restore-reconcile")),
    Part("keys"),
    Part("secrets"),
    Part("people"),
    Part("payments"),
    Part("bank"),
    Part("policies"),
    Part("calls"),
    Part("applications"),
    Part("cases"),
    Part("retention", ("retention",)),
    Part("events"),
    Part("subject"),
    Part("verify", ("verify",)),
    Part("what_if", ("whatif",)),
)


def plugins(declared: Iterable[EntryPoint]) -> Iterator[typer.Typer]:
    """The command groups of packages that are there: the package declares demo, chaos and token, a production image leaves them out."""
    return (plugin.load() for plugin in declared if find_spec(plugin.module.partition(".")[0]))


def command_line(words: Collection[str] = ()) -> typer.Typer:
    """The commands that are among these words; all of them where none is."""
    app = typer.Typer(
        name="triptych",
        no_args_is_help=True,
        callback=_chosen,
        pretty_exceptions_show_locals=False,  # locals may hold secrets
    )
    parts: Sequence[Part] = [part for part in PARTS if not {*part.names}.isdisjoint(words)]
    declared: Sequence[EntryPoint] = () if parts else tuple(entry_points(group="triptych.commands"))
    wanted: Sequence[EntryPoint] = [plugin for plugin in declared if plugin.name in words]
    if not parts and not wanted:
        parts, wanted = PARTS, declared
    for part in parts:
        module = import_module(f"operations.cli.{part.file}")
        app.add_typer(module.app, name=None if part.commands else part.file)
    for plugin in plugins(wanted):
        app.add_typer(plugin)
    return app


def _chosen(
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


def main() -> None:
    words = sys.argv[1:]
    command_line(() if "--help" in words[:1] else words)()


if __name__ == "__main__":
    main()
