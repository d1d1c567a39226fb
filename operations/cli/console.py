"""Shared by all commands: the consoles, and the end of a command with an error."""

from typing import NoReturn

import typer
from rich.console import Console

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State, load_state

out = Console()
err = Console(stderr=True)
_WIDE = 160


def wide() -> Console:
    """A console for tables: a terminal with its own width; for a file or a pipe at least `_WIDE` columns."""
    return out if out.is_terminal else Console(width=max(_WIDE, out.width))


def fail(message: str) -> NoReturn:
    """Prints the message on standard error and exits with status 1."""
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def state_or_fail(data: DataDirectory) -> State:
    kept = load_state(data)
    if kept is None:
        fail("There is no platform here yet: start it with `triptych up`.")
    return kept
